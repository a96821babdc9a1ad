"""What fetch writes of a portal's item, clean reads: the contract is the Context's Markdown. All sentences are invented."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clean.core import Document, clean
from services.clean.core.document import Cleaned, ContextPage, ContextSource, ContextTag
from services.fetch.core.eventpage import event_page, headline
from services.fetch.core.mediawiki import site_of
from services.fetch.core.portal import PortalEvent, read_day
from services.fetch.core.wikiinline import PortalLink, PortalSource

SITE = site_of("https://en.wikipedia.org/wiki/Portal:Current_events")
DAY = date(2021, 9, 4)
LONG = "again and " * 15 + "again"


def through(event: PortalEvent) -> tuple[Cleaned, ContextPage]:
    markdown = event_page(SITE, DAY, event)
    cleaned = clean(Document(body=markdown.encode(), content_type="text/markdown; charset=utf-8"))
    assert cleaned.context is not None
    return cleaned, cleaned.context


def test_an_item_arrives_whole() -> None:
    (event,) = read_day(
        DAY,
        """;Disasters & accidents
*[[2021 Velda flood]]
**A dam breaks near [[Velda (town)|Velda's]] *upper* lake_side. The [[Prime Minister of Tessel|PM]] speaks of 50% & more.
[https://a.test/1?x=1&copy=2_(b) (Tessel ''Radio'')], [http://b.test/2 (AP via ''Times'')], [http://www.c.test/3]""",
    )
    cleaned, page = through(event)
    assert (cleaned.kind, cleaned.published, cleaned.language) == ("event_page", datetime(2021, 9, 4, tzinfo=UTC), "en")
    assert cleaned.title == "A dam breaks near Velda's *upper* lake_side. The PM speaks of 50% & more"
    assert cleaned.text == page.description == event["headline"]
    assert cleaned.section == page.topic == "Disasters & accidents"
    assert page.sources == (
        ContextSource(outlet="Tessel Radio", url="https://a.test/1?x=1&copy=2_(b)"),
        ContextSource(outlet="AP via Times", url="http://b.test/2"),
        ContextSource(outlet="c.test", url="http://www.c.test/3"),
    )
    assert page.tags == (
        ContextTag(name="Velda (town)", surface="Velda's"),
        ContextTag(name="Prime Minister of Tessel", surface="PM"),
        ContextTag(name="2021 Velda flood", surface="2021 Velda flood"),
    )


def test_an_item_without_sources_and_links_is_an_event_page_too() -> None:
    (event,) = read_day(DAY, "* A storm of three days tears the roofs from the houses of the lower town.")
    cleaned, page = through(event)
    assert (cleaned.kind, cleaned.text, page.topic, page.sources, page.tags) == ("event_page", event["headline"], None, (), ())


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("A dam breaks near Velda.", "A dam breaks near Velda"),
        ("A dam breaks in the U.S.", "A dam breaks in the U.S."),
        ("Is the dam of Velda safe?", "Is the dam of Velda safe?"),
        ("The dam \"holds\".", "The dam \"holds\""),
        (f"The dam of Velda holds {LONG}. The mayor of the town is glad.", f"The dam of Velda holds {LONG}"),
        (f"Prof. Anna Lund of Velda finds {LONG}. It is old.", f"Prof. Anna Lund of Velda finds {LONG}"),
    ],
)
def test_a_headline_is_the_item_or_its_first_sentence(said: str, found: str) -> None:
    assert headline(said) == found


words = st.text(st.characters(categories=("L", "N", "P", "S"), include_characters=" "), min_size=1, max_size=60)
told = words.map(lambda text: " ".join(text.split())).filter(lambda text: any(map(str.isalpha, text)) and "&" not in text)
addresses = st.text(st.sampled_from("abcXYZ019/?&=()[]%_-.~+,;'#@!*$"), max_size=40).map(lambda path: f"https://a.test/{path}")


@given(
    said=told,
    topic=st.none() | told,
    tags=st.lists(st.tuples(told, told), max_size=4),
    sources=st.lists(st.tuples(told, addresses), max_size=4),
)
def test_whatever_an_item_says_is_text(said: str, topic: str | None, tags: list[tuple[str, str]], sources: list[tuple[str, str]]) -> None:
    event = PortalEvent(
        topic=topic,
        topics=[],
        headline=said,
        tags=[PortalLink(name=name, surface=surface) for name, surface in tags],
        sources=[PortalSource(outlet=outlet, url=url) for outlet, url in sources],
    )
    cleaned, page = through(event)
    assert (cleaned.text, page.topic) == (said, topic)
    assert [(tag.name, tag.surface) for tag in page.tags] == list(dict.fromkeys(tags))
    assert [(source.outlet, source.url) for source in page.sources] == [(outlet, url.replace("](", "%5D(")) for outlet, url in sources]
