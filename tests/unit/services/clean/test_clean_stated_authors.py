"""Authors as statements and feeds write them: led by words of many languages, with professions, agencies and other work behind them."""

import pytest

from services.clean.core import Cleaned, Document, clean
from services.clean.core.agencies import agency
from services.clean.core.names import split

TEXT = "".join(
    f"<p>The council met on the bridge for the {place} time and spoke of the river for an hour, as the minutes tell.</p>"
    for place in ("first", "second", "third", "fourth", "fifth")
)


def read(head: str) -> Cleaned:
    named = '<title>Bridge opened</title><meta property="og:site_name" content="The Alder Post">'
    html = f"<html lang=en><head>{named}{head}</head><body><article><h1>Bridge opened</h1><div>{TEXT}</div></article></body></html>"
    return clean(Document(text=html, content_type="text/html", url="https://alderpost.test/town/bridge-4711"))


@pytest.mark.parametrize(
    "written",
    [
        *("By Ann Archer", "Exclusive by Ann Archer", "Von Ann Archer", "Tekst: Ann Archer", "Text: Ann Archer", "Yazan: Ann Archer"),
        *("Penulis: Ann Archer", "Reporter: Ann Archer", "Door Ann Archer", "بقلم: Ann Archer", "द्वारा: Ann Archer", "โดย Ann Archer"),
        *("Ann Archer, PhD", "Ann Archer, M.D.", "Ann Archer Political correspondent", "Ann Archer - Senior Reporter"),
        *("ANN ARCHER AP Political Writer", "ANN ARCHER Associated Press", "Ann Archer in Alderton", "Ann Archer Updated March 4, 2021"),
        *("Ann Archer; edited by Cid Cole", "Ann Archer, Photos by Cid Cole", "Ann Archer mit Material der dpa"),
        *("Ann Archer with inputs from agencies", "Ann Archer @annarcher", "Ann Archer ann@alderpost.test", "\u2066Ann\u200b Archer\u2069"),
    ],
)
def test_a_name_is_told_from_what_is_written_around_it(written: str) -> None:
    assert [name.title() for name in split(written)] == ["Ann Archer"]


@pytest.mark.parametrize(
    "written",
    [
        *("Ann Archer • Ben Baker", "Ann Archer · Ben Baker", "Ann Archer + Ben Baker", "Ann Archer avec Ben Baker"),
        *("Ann Archer con Ben Baker", "Ann Archer y Ben Baker"),
        *("Ann Archer e Ben Baker", '["Ann Archer","Ben Baker"]', "Ann Archer &\nBen Baker"),
    ],
)
def test_names_are_parted_by_many_marks(written: str) -> None:
    assert split(written) == ["Ann Archer", "Ben Baker"]


@pytest.mark.parametrize("name", ["Ana Gil y Soto", "João da Costa e Silva", "Ludwig van der Aar"])
def test_a_family_name_with_an_and_is_one_name(name: str) -> None:
    assert split(name) == [name]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("記者王小明／台北報導", ["王小明"]),
        ("王小明 記者", ["王小明"]),
        ("作者：王小明", ["王小明"]),
        ("文/王小明", ["王小明"]),
        ("김철수 기자", ["김철수"]),
        ("김철수·이영희 기자 chul@alderpost.test", ["김철수", "이영희"]),
    ],
)
def test_east_asian_bylines_name_reporters_beside_the_word_for_them(written: str, expected: list[str]) -> None:
    assert split(written) == expected


def test_the_staff_of_an_agency_is_the_agency() -> None:
    assert split("Reuters Staff") == ["Reuters"]
    assert split("https://alderpost.test/authors/ann") == []
    assert agency("AFP") == "AFP"


@pytest.mark.parametrize("nobody", ["admin", "webmaster", "null", "undefined", "Anonymous"])
def test_a_program_s_word_for_nobody_names_nobody(nobody: str) -> None:
    assert read(f'<meta name="author" content="{nobody}">').authors == ()


@pytest.mark.parametrize("label", ["Written by", "Verfasst von", "Écrit par", "Escrito por"])
def test_what_is_told_for_cards_names_an_author(label: str) -> None:
    told = f'<meta name="twitter:label1" content="{label}"><meta name="twitter:data1" content="Ann Archer">'
    reading_time = '<meta name="twitter:label2" content="Est. reading time"><meta name="twitter:data2" content="4 minutes">'
    assert read(told + reading_time).authors == ("Ann Archer",)
    assert read(reading_time.replace("label2", "label1").replace("data2", "data1")).authors == ()


def test_a_reference_may_be_an_address_alone() -> None:
    graph = '{"@graph": [{"@type": "NewsArticle", "headline": "Bridge opened", "author": "#ann"}, {"@id": "#ann", "name": "Ann Archer"}]}'
    assert read(f'<script type="application/ld+json">{graph}</script>').authors == ("Ann Archer",)


def test_the_one_person_whom_a_page_describes_is_its_author() -> None:
    graph = '{"@graph": [{"@type": "NewsArticle", "headline": "Bridge opened"}, {"@type": "Person", "name": "%s"}%s]}'
    assert read(f'<script type="application/ld+json">{graph % ("Ann Archer", "")}</script>').authors == ("Ann Archer",)
    another = ', {"@type": "Person", "name": "Ben Baker"}'
    assert read(f'<script type="application/ld+json">{graph % ("Ann Archer", another)}</script>').authors == ()


def test_a_profession_alone_is_nobody() -> None:
    assert read('<meta name="author" content="Ann Archer, AP National Political Writer">').authors == ("Ann Archer",)


def test_the_outlet_for_which_somebody_writes_is_no_author() -> None:
    assert read('<meta name="author" content="Ann Archer for The Alder Post">').authors == ("Ann Archer",)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("<div>Posted by Ann Archer on 4 March 2021</div>", "Ann Archer"),
        ("<div>Kommentar von Ann Archer</div>", "Ann Archer"),
        ("<div>Interview: Ann Archer</div>", "Ann Archer"),
        ("<div>Publié par Ann Archer</div>", "Ann Archer"),
        ("<div>Door onze redacteur Ann Archer</div>", "Ann Archer"),
        ("<div>Napsala Ann Archer</div>", "Ann Archer"),
        ("<div>Tác giả: Ann Archer</div>", "Ann Archer"),
        ("<div>Tekst: Ann Archer Foto: Ben Baker</div>", "Ann Archer"),
        ("<p>文/王小明</p>", "王小明"),
        ("<p>【記者 王小明 台北報導】</p>", "王小明"),
        ("<p>来源：阿尔德邮报 作者：王小明</p>", "王小明"),
        ('<p class="author">山田太郎</p>', "山田太郎"),
        ('<div class="author-name">آن آرتشر</div>', "آن آرتشر"),
        ("<p>中文 繁體</p>", None),
        ("<p>市長の記者会見</p>", None),
    ],
)
def test_bylines_of_many_languages_are_read_below_the_headline(shown: str, expected: str | None) -> None:
    story = f"<article><h1>Bridge opened</h1>{shown}<div>{TEXT}</div></article>"
    html = f"<html lang=en><head><title>Bridge opened</title></head><body>{story}</body></html>"
    cleaned = clean(Document(text=html, content_type="text/html", url="https://alderpost.test/town/bridge-4711"))
    assert cleaned.authors == ((expected,) if expected else ())
