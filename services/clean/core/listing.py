"""Pages that list articles: front pages, sections, tags, authors, results of a search. Told by the cards that they are built of."""

from collections import Counter
from collections.abc import Iterable

from lxml import etree

from services.clean.core import jsonld, trim
from services.clean.core.blocks import Block
from services.clean.core.page import Page

FEWEST = 5  # cards of a list
_NEAR = 2  # steps from a card to what stands on it
_SHORTEST, _LONGEST = 15, 250  # characters of a linked headline
_SENTENCES = 3  # of a card at most
_BELOW = frozenset(("h2", "h3", "h4"))
_LISTS = frozenset(("CollectionPage", "SearchResultsPage", "ProfilePage"))
_MANY = 4  # articles that the JSON-LD of one page describes, none of which is the page's


def says_list(told: Page, url: str | None) -> bool:
    """Whether the page's JSON-LD says that it lists: by its type, or by describing many articles, none of them the page's.

    The page's is one under its own heading or address.
    """
    articles = [node for node in told.nodes if jsonld.types(node) & jsonld.ARTICLE_TYPES]
    if not articles:
        return any(jsonld.types(node) & _LISTS for node in told.nodes)
    headlines = {headline for node in articles if (headline := jsonld.text_of(node.get("headline")))}
    if len(headlines) < _MANY:
        return False
    own = [told.first("og:title"), told.title_tag, *(text for element, text in told.headings if element.tag == "h1")]
    addresses = {url, told.links.get("canonical"), told.first("og:url")} - {None}
    if any(jsonld.url_of(node.get(name)) in addresses for node in articles for name in ("url", "mainEntityOfPage", "@id")):
        return False
    return not any(trim.alike(one, headline) for one in own[:6] for headline in headlines)


def linked_headings(elements: Iterable[etree._Element]) -> int:
    """How many headings below the page's own lead elsewhere."""
    return sum(1 for element in elements if element.tag in _BELOW and (element.find(".//a") is not None or element.getparent().tag == "a"))


def own_text(blocks: list[Block]) -> tuple[int, list[str]]:
    """How many cards there are, and the sentences that stand on none of them.

    A card is an element with one linked headline and at most three sentences; it takes five to make a list.
    """
    pointers: Counter[etree._Element] = Counter()
    sentences: Counter[etree._Element] = Counter()
    for block in blocks:
        if _is_pointer(block):
            pointers.update(_around(block.element))
        elif trim.is_sentence(block):
            sentences.update(_around(block.element))
    cards = {element for element, count in pointers.items() if count == 1 and 1 <= sentences[element] <= _SENTENCES}
    if len(cards) < FEWEST:
        return 0, [block.text for block in blocks if trim.is_sentence(block)]
    own = [b.text for b in blocks if trim.is_sentence(b) and not _is_pointer(b) and not any(e in cards for e in _around(b.element))]
    return len(cards), own


def _is_pointer(block: Block) -> bool:
    return block.density > trim.LINKED and _SHORTEST <= len(block.text) <= _LONGEST


def _around(element: etree._Element) -> list[etree._Element]:
    """The elements that may be the card on which this one stands."""
    found = []
    for _ in range(_NEAR):
        element = element.getparent()
        if element is None or element.tag in ("body", "html"):
            break
        found.append(element)
    return found
