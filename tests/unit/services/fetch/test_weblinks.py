"""Links in headers, as WebSub finds hubs by them."""

import pytest

from services.fetch.core.weblinks import header_links


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, {}),
        ("", {}),
        ('<https://hub.test/>; rel="hub"', {"hub": "https://hub.test/"}),
        ("<https://hub.test/>; rel=hub, </feed>; rel=self", {"hub": "https://hub.test/", "self": "/feed"}),
        ('<https://a.test/x,y;z>; title="a, b"; rel="self alternate"', {"self": "https://a.test/x,y;z", "alternate": "https://a.test/x,y;z"}),
        ('<https://a.test/>; REL="Hub", <https://b.test/>; rel="hub"', {"hub": "https://a.test/"}),
        ("<https://a.test/>", {}),
        ("https://a.test/; rel=hub", {}),
        ("<" * 50_000, {}),
        ("<a>" + ";a" * 20_000, {}),
    ],
)
def test_relations_and_their_targets(header: str | None, found: dict[str, str]) -> None:
    assert header_links(header) == found
