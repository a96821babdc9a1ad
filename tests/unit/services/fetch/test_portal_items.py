"""One item of the Current Events portal: its sources, links, templates and torn markup (points 20 to 25)."""

import pytest
from portal_samples import ABOVE, BELOW, ITEM, names, only, read, sources

from services.fetch.core.wikiinline import unquoted


@pytest.mark.parametrize(
    ("cited", "found"),
    [
        ("[http://a.test/1 (BBC)] [http://b.test (''The Times'')]", [("BBC", "http://a.test/1"), ("The Times", "http://b.test")]),
        ("[http://a.test/1 (BBC)], [http://b.test (CNN)]", [("BBC", "http://a.test/1"), ("CNN", "http://b.test")]),
        ("[http://a.test/1 (BBC)] and [http://b.test (CNN)].", [("BBC", "http://a.test/1"), ("CNN", "http://b.test")]),
        ("([http://a.test/1 BBC])", [("BBC", "http://a.test/1")]),
        ("([http://a.test/1 BBC], [http://b.test ''CNN''])", [("BBC", "http://a.test/1"), ("CNN", "http://b.test")]),
        ("(Source: [http://a.test/1 BBC])", [("BBC", "http://a.test/1")]),
        ("([http://a.test/1])", [(None, "http://a.test/1")]),
        ("[http://a.test/1]", [(None, "http://a.test/1")]),
        ("http://a.test/1", [(None, "http://a.test/1")]),
        ("[http://a.test/1 BBC]", [("BBC", "http://a.test/1")]),
        ("[http://a.test/1 BBC] [http://b.test CNN]", [("BBC", "http://a.test/1"), ("CNN", "http://b.test")]),
        ("[http://a.test/1] (BBC)", [("BBC", "http://a.test/1")]),
        ("[//a.test/1 (BBC)]", [("BBC", "https://a.test/1")]),
        ("[http://a.test/1?x=1&amp;y=2 (BBC)]", [("BBC", "http://a.test/1?x=1&y=2")]),
        ("[http://a.test/1?x=1&copy=2 (BBC)]", [("BBC", "http://a.test/1?x=1&copy=2")]),
        ("[http://a.test/1 (BBC)] [http://a.test/1 (CNN)] [http://a.test/1 (BBC)]", [("BBC", "http://a.test/1"), ("CNN", "http://a.test/1")]),
        ("[[http://a.test/1 (BBC)]]", [("BBC", "http://a.test/1")]),
        ("[ http://a.test/1 (BBC) ]", [("BBC", "http://a.test/1")]),
        ("[http://a.test/1 ([[BBC News|BBC]])]", [("BBC", "http://a.test/1")]),
        ("\n[http://a.test/1 (BBC)]", [("BBC", "http://a.test/1")]),
        ("\n** [http://a.test/1 (BBC)]", [("BBC", "http://a.test/1")]),
        ("\n* [http://a.test/1 (BBC)]", [("BBC", "http://a.test/1")]),
    ],
)
def test_20_sources_of_every_form_leave_the_sentence(cited: str, found: list[tuple[str | None, str]]) -> None:
    event = only(f"* The [[Ostra]] bridge (old) falls. {cited}\n")
    assert sources(event) == found
    assert event["headline"] == "The Ostra bridge (old) falls."
    assert names(event) == ["Ostra"]


def test_20_a_link_within_the_sentence_is_a_source_and_its_words_stay() -> None:
    event = only("* A [http://a.test/r report] by [[Ostra]] says so. [http://b.test (BBC)]")
    assert (event["headline"], sources(event)) == ("A report by Ostra says so.", [(None, "http://a.test/r"), ("BBC", "http://b.test")])
    event = only("* [http://a.test/r The bridge of Ostra falls]")
    assert (event["headline"], sources(event)) == ("The bridge of Ostra falls", [(None, "http://a.test/r")])
    event = only("* It fell. [http://a.test (BBC)] Nobody was hurt. [http://b.test (CNN)]")
    assert (event["headline"], sources(event)) == ("It fell. Nobody was hurt.", [("BBC", "http://a.test"), ("CNN", "http://b.test")])


@pytest.mark.parametrize(
    ("label", "outlet"),
    [
        ("(''The Tessel Times'')", "The Tessel Times"),
        ("(AP via ''The Times'')", "AP via The Times"),
        ("(BBC (UK))", "BBC (UK)"),
        ("((BBC))", "BBC"),
        ("(''El País'') (in Spanish)", "El País"),
        ("(El País, in Spanish)", "El País"),
        ("(El País in Spanish)", "El País"),
        ("(El País) {{in lang|es}}", "El País"),
        ("(Reuters) (AP)", "Reuters, AP"),
        ("(BBC", "BBC"),
        ("BBC)", "BBC"),
        ("|(BBC)", "BBC"),
        ("(R&amp;D&nbsp;News)", "R&D News"),
        ("()", None),
    ],
)
def test_21_labels_name_the_outlet(label: str, outlet: str | None) -> None:
    event = only(f"* The bridge falls. [http://a.test/ {label}]")
    assert (event["headline"], sources(event)) == ("The bridge falls.", [(outlet, "http://a.test/")])


@pytest.mark.parametrize("note", ["(in Spanish)", "(Spanish)", "{{in lang|es}}", "(subscription required)", "{{dead link|date=May 2021}}"])
def test_21_a_note_behind_the_source_is_no_part_of_the_sentence(note: str) -> None:
    event = only(f"* The bridge falls. [http://a.test/ (El País)] {note}")
    assert (event["headline"], sources(event)) == ("The bridge falls.", [("El País", "http://a.test/")])


@pytest.mark.parametrize(
    ("cited", "found"),
    [
        ("<ref>[http://a.test/1 (BBC)]</ref>", [("BBC", "http://a.test/1")]),
        ('<ref name="x">{{cite news|url=http://a.test/1|title=The = bridge|work=[[BBC News]]}}</ref>', [("BBC News", "http://a.test/1")]),
        ("{{cite web\n| url = http://a.test/1\n| title = Bridge\n| publisher = BBC\n}}", [("BBC", "http://a.test/1")]),
        ("<ref>{{Cite news\n|url=http://a.test/1?a=b&c=d\n|newspaper=''Times''}}\n</ref>", [("Times", "http://a.test/1?a=b&c=d")]),
        (
            "[http://a.test/1 (BBC)] {{Webarchive|url=https://w.test/2021/http://b.test/|date=1 May 2021}}",
            [("BBC", "http://a.test/1"), (None, "https://w.test/2021/http://b.test/")],
        ),
        ("[http://a.test/1 (BBC)] {{Webarchive|url=https://w.test/2021/http://a.test/1}}", [("BBC", "http://a.test/1")]),
        ('<ref name="x" />[http://a.test/1 (BBC)]', [("BBC", "http://a.test/1")]),
        ("<ref>[http://a.test/1 (BBC)]", [("BBC", "http://a.test/1")]),
        ("{{cite news|url=http://a.test/1|agency=AP", [("AP", "http://a.test/1")]),
    ],
)
def test_22_references_and_citations(cited: str, found: list[tuple[str | None, str]]) -> None:
    first, second = read(f"* The bridge falls. {cited}\n* {ITEM}")
    assert (first["headline"], sources(first)) == ("The bridge falls.", found)
    assert second["headline"] == "A dam breaks near Velda."


@pytest.mark.parametrize(
    ("markup", "text", "tags"),
    [
        ("[[Velda River|the river]]", "the river", [("Velda River", "the river")]),
        ("[[Velda]]n", "Veldan", [("Velda", "Veldan")]),
        ("[[velda]]", "velda", [("Velda", "velda")]),
        ("[[Velda#History|its past]]", "its past", [("Velda", "its past")]),
        ("[[#History|its past]]", "its past", []),
        ("[[Velda_River_(north)]]", "Velda River (north)", [("Velda River (north)", "Velda River (north)")]),
        ("[[Velda River (north)|]]", "Velda River", [("Velda River (north)", "Velda River")]),
        ("[['Ndrangheta]]", "'Ndrangheta", [("'Ndrangheta", "'Ndrangheta")]),
        ("'''[['Ndrangheta]]'''", "'Ndrangheta", [("'Ndrangheta", "'Ndrangheta")]),
        ("''[[Some Film]]''", "Some Film", [("Some Film", "Some Film")]),
        ("[[USS Tessel|USS ''Tessel'']]", "USS Tessel", [("USS Tessel", "USS Tessel")]),
        ("[[Velda%27s End]]", "Velda%27s End", [("Velda's End", "Velda%27s End")]),
        ("[[File:Bridge.jpg|thumb|The [[Ostra]] bridge, [http://x.test seen]]] it", "it", []),
        ("[[Image:Bridge.jpg|right]][[Category:Bridges]]it", "it", []),
        ("[[:Category:Bridges|bridges]]", "bridges", []),
        ("[[:fr:Velda|Velda]]", "Velda", []),
        ("[[wikt:dam|dam]]", "dam", []),
        ("[[Portal:Art|art]]", "art", []),
        ("[[Mission: Velda]]", "Mission: Velda", [("Mission: Velda", "Mission: Velda")]),
        ("the [[Velda|river [sic]]]", "the river [sic]", [("Velda", "river [sic]")]),
        ("{{ill|Anna Vell|de|Anna Vell (Politikerin)}}", "Anna Vell", [("Anna Vell", "Anna Vell")]),
        ("{{USS|Tessel|DDG-1|6}}", "USS Tessel", [("USS Tessel (DDG-1)", "USS Tessel")]),
        ("[[Velda|the {{nowrap|big river}}]]", "the big river", [("Velda", "the big river")]),
        ("L'''Echo'' and ''Le Jour''", "L'Echo and Le Jour", []),
    ],
)
def test_23_links_with_their_articles_and_surfaces(markup: str, text: str, tags: list[tuple[str, str]]) -> None:
    event = only(f"* They say that {markup} was seen. [http://a.test (A)]")
    assert event["headline"] == f"They say that {text} was seen."
    assert [(tag["name"], tag["surface"]) for tag in event["tags"]] == tags
    assert sources(event) == [("A", "http://a.test")]


@pytest.mark.parametrize(
    ("line", "headline", "cited"),
    [
        ("The [[Ostra bridge falls. [http://a.test (A)]", "The Ostra bridge falls.", ["A"]),
        ("The [[Ostra] bridge falls. [http://a.test (A)]", "The Ostra bridge falls.", ["A"]),
        ("The Ostra]] bridge] falls. [http://a.test (A)]]", "The Ostra bridge falls.", ["A"]),
        ("The [[Ostra bridge near [[Velda]] falls. [http://a.test (A)]", "The Ostra bridge near Velda falls.", ["A"]),
        ("The bridge falls. [http://a.test (A)", "The bridge falls.", ["A"]),
        ("The bridge falls. [http://a.test (A) [http://b.test (B)]", "The bridge falls.", ["A", "B"]),
        ("The bridge falls. [http://a.test ([[A)]", "The bridge falls.", ["A"]),
        ("The {{nowrap|Ostra bridge}} falls}}. [http://a.test (A)]", "The Ostra bridge falls.", ["A"]),
        ("The bridge falls. [http://a.test (A)] <!-- never closed [http://b.test (B)]", "The bridge falls.", ["A"]),
        ("The bridge <!-- the old\n* one --> falls. [http://a.test (A)]", "The bridge falls.", ["A"]),
        ("The bridge falls. [http://a.test (A)]\n<!--\n* Hidden news, not yet sure. [http://b.test (B)]\n-->", "The bridge falls.", ["A"]),
        ("The <small>bridge</small> <br />falls<sup. [http://a.test (A)]", "The bridge falls<sup.", ["A"]),
        ("The <nowiki>[[bridge]]</nowiki> falls. [http://a.test (A)]", "The [[bridge]] falls.", ["A"]),
        ("The bridge\nfalls. [http://a.test (A)]", "The bridge falls.", ["A"]),
    ],
)
def test_24_unbalanced_markup_harms_its_own_line_alone(line: str, headline: str, cited: list[str]) -> None:
    page = f"{{{{Current events|year=2021|month=09|day=4|content=\n{BELOW}\n*[[War A]]\n**{line}\n**{ITEM}\n{ABOVE}}}}}"
    first, second = read(page)
    assert (first["headline"], [outlet for outlet, _ in sources(first)]) == (headline, cited)
    assert second["headline"] == "A dam breaks near Velda."
    assert second["topics"] == ["War A"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("{{convert|10|km|mi|abbr=on}}", "10 km"),
        ("{{convert|5|to|10|km}}", "5 to 10 km"),
        ("{{cvt|5|-|10|km|mi|0}}", "5–10 km"),
        ("{{convert|5|ft|4|in|m}}", "5 ft 4 in"),
        ("{{Convert|7|metre|adj=on}}", "7-metre"),
        ("{{nowrap|10 million}}", "10 million"),
        ("{{nowrap|1=a = b}}", "a = b"),
        ("{{flagicon|Velda}} {{lang|fr|Le Pont}}", "Le Pont"),
        ("{{flag|Velda}}", "Velda"),
        ("{{US$|5 million}}", "US$5 million"),
        ("one{{snd}}two", "one – two"),
        ("{{some unknown|words}}", "words"),
        ("one{{citation needed|date=May 2021}}", "one"),
        ("R&amp;D &#x27;here&#39;", "R&D 'here'"),
        ("a&nbsp;b\u00a0c", "a b c"),
        ("a\u200bb\ufeff&#8203;\u00adc\u200e", "abc"),
        ("{{nowrap|{{convert|3|km}} or {{nowrap|so}}}}", "3 km or so"),
    ],
)
def test_25_words_of_templates_are_kept_and_characters_made_plain(markup: str, text: str) -> None:
    assert only(f"*\u00a0They say {markup} of it. [http://a.test (A)]")["headline"] == f"They say {text} of it."


def test_apostrophes_are_read_as_mediawiki_does() -> None:
    assert unquoted("''a'' '''b''' '''''c''''' d'e ''''f'' g''''''h") == "a b c d'e 'f g'h"
