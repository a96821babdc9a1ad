"""Importing an event page of the Context: known by its shape."""

from datetime import UTC, datetime

from services.clean.core import ContextRelated, ContextSource, Document, clean
from services.clean.core.document import ContextTag

PAGE = """### [2015-03-04](/news/2015/03/04/index.md)

##### Disasters

# A bridge is opened over the Alder. 

Crowds &amp; bands come to see it.


### Source:

1. [The Alder Post](https://alderpost.test/bridge?a=1&amp;b=2)
2. [Cover Image](https://alderpost.test/bridge.jpg?w=1&amp;h=2)

### Related:

1. [The ferry stops. ](/news/2015/05/4/the-ferry-stops.md) _Context: Alder, ferry_
2. [A boat sinks ](/news/2014/12/31/a-boat-sinks.md) _Context: Alder_

### Changes:

1. A bridge is opened
"""  # noqa: W291


def test_an_event_page_is_imported_with_all_its_parts() -> None:
    cleaned = clean(Document(text=PAGE))
    assert cleaned.kind == "event_page"
    assert cleaned.title == "A bridge is opened over the Alder."
    assert cleaned.published == datetime(2015, 3, 4, tzinfo=UTC)
    page = cleaned.context
    assert page is not None
    assert page.date == "2015-03-04"
    assert page.topic == "Disasters"
    assert page.description == "Crowds & bands come to see it."
    assert page.sources == (ContextSource(outlet="The Alder Post", url="https://alderpost.test/bridge?a=1&b=2"),)
    assert page.cover_image == "https://alderpost.test/bridge.jpg?w=1&h=2"
    assert page.related == (
        ContextRelated(date="2015-05-04", title="The ferry stops.", path="/news/2015/05/4/the-ferry-stops.md", tags=("Alder", "ferry")),
        ContextRelated(date="2014-12-31", title="A boat sinks", path="/news/2014/12/31/a-boat-sinks.md", tags=("Alder",)),
    )
    assert page.changes == ("A bridge is opened",)


def test_markdown_of_another_shape_is_an_article() -> None:
    text = (
        PAGE.replace("### [2015-03-04](/news/2015/03/04/index.md)", "4 March 2015")
        + "\n"
        + "It was a day that many will remember, and some forget. " * 4
    )
    assert clean(Document(text=text)).kind == "article"


ITEM = """### [2015-03-04](<https://wiki.test/wiki/Portal:Current_events/2015_March_4>)

##### Disasters

# A bridge \\[of stone\\] falls

A bridge \\[of stone\\] falls. Nobody is hurt.

### Source:

1. [The Alder Post](<https://alderpost.test/bridge_(old)?a=1&amp;b=2>)

_Context: [Alder, upper](<https://wiki.test/wiki/Alder> "Alder (river)"), [quoted](<https://wiki.test/wiki/x> "The \\"Old\\" Bridge")_
"""


def test_an_item_of_the_portal_keeps_its_words_and_its_tags() -> None:
    cleaned = clean(Document(text=ITEM, content_type="text/markdown"))
    assert (cleaned.kind, cleaned.title) == ("event_page", "A bridge [of stone] falls")
    assert cleaned.text == "A bridge [of stone] falls. Nobody is hurt."
    assert cleaned.context is not None
    assert cleaned.context.sources == (ContextSource(outlet="The Alder Post", url="https://alderpost.test/bridge_(old)?a=1&b=2"),)
    assert cleaned.context.tags == (
        ContextTag(name="Alder (river)", surface="Alder, upper"),
        ContextTag(name='The "Old" Bridge', surface="quoted"),
    )


def test_a_description_of_another_matter_is_no_text_and_plain_words_are_tags() -> None:
    text = ITEM.replace("falls. Nobody", "stands. Nobody")
    text = text[: text.index("_Context")] + "_Context: Alder, stone bridge_\n"
    cleaned = clean(Document(text=text, content_type="text/markdown"))
    assert cleaned.text == ""
    assert cleaned.context is not None
    assert [(tag.name, tag.surface) for tag in cleaned.context.tags] == [("Alder", "Alder"), ("stone bridge", "stone bridge")]
