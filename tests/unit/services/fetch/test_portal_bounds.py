"""No text takes the portal's parser more than its length is worth."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from portal_samples import ABOVE, BELOW, DAY, ITEM, read

from services.fetch.core.portal import MAX_EVENTS, read_day
from services.fetch.core.portalpage import MAX_PAGE
from shared.stage import Reject

HOSTILE = [
    *("[[", "{{", "{{a|", "[[a|", "[", "<!--", "<ref", "<ref>", "<div ", "<nowiki>", "{{{", "(((", "http://", "[http://a "),
    *("* a\n", "*{{a|\n", "'''a'''\n", ";a:b\n", "* [//a.b c]\n", "{{current events|content=\n", "{{Current events header|2020|1|1}}\n"),
    "* " + "[[a]] " * 900 + "\n",
    "* " + "{{a|" * 19 + "}}" * 19 + "\n",
    "* " + "([//a.b c], " * 300 + "\n",
    "* a [http://x " + "(" * 9000 + "]\n",
    "* " + "''" * 5000 + "\n",
]


@pytest.mark.parametrize("unit", HOSTILE, ids=lambda unit: ascii(unit[:20]))
def test_a_page_four_times_as_long_takes_about_four_times_as_long(unit: str) -> None:
    """By ratio, since no machine is like another; the least of some runs, since none is quiet. Quadratic would be sixteen."""

    def cost(length: int) -> float:
        page = unit * (length // len(unit))
        spent = []
        for _ in range(3):
            begun = time.process_time()
            with suppress(Reject):
                read_day(DAY, page)
            spent.append(time.process_time() - begun)
        return min(spent)

    assert cost(60_000) < 9 * cost(15_000) + 0.05


@pytest.mark.parametrize(
    "page",
    [
        "[[" * 500_000,
        "{{a|" * 250_000,
        "* " + "{{a|" * 30 + "x" + "}}" * 30,
        "* a\n" * 10_000,
        "* " + "word " * 10_000,
        "x" * (MAX_PAGE + 1),
        "é" * (MAX_PAGE // 2 + 1),
        f"* {ITEM}\n" * (MAX_EVENTS + 1),
        "*" + "".join(f"[[Place {number}]], " for number in range(90)) + "\n" + f"** {ITEM}\n" * 900,
    ],
    ids=lambda page: ascii(page[:12]),
)
def test_what_is_beyond_the_limits_is_refused(page: str) -> None:
    with pytest.raises(Reject, match="parse_limit"):
        read(page)


PIECES = st.sampled_from(
    [
        *"[]{}|=\n*;:# ",
        *("[[", "]]", "{{", "}}", "**", "''", "'''", "<!--", "-->", "<ref>", "</ref>", "<nowiki>", "<br>", "&#", "\ue000"),
        *("&amp;", "\ud800", "\x00", "http://a.test/ ", "//b ", "(BBC)", "cite news|url=", "convert|5|km", "File:a.jpg", "Velda", ". "),
        *("{{Current events|content=", BELOW, ABOVE),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_gives_events_that_are_plain_or_is_refused(text: str) -> None:
    try:
        events = read(f"* Begun {text}")
    except Reject:
        return
    for event in events:
        event_texts = [event["headline"], *event["topics"], *(tag["surface"] for tag in event["tags"])]
        assert all(word and word == " ".join(word.split()) for word in event_texts)
        assert not any("\ue000" <= character <= "\uf8ff" for word in event_texts for character in word)
        assert all(source["url"].startswith(("http://", "https://")) for source in event["sources"])
