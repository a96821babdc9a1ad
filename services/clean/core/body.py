"""The story's text: scored blocks, the rescue rule, and the cut at both ends.

First only the longer runs of text are looked at: their lengths are summed up the tree, without those under
furniture, and the deepest element that still holds nearly all is the container. Only its subtree is walked in Python. The rescue
rule: a subtree with over 40 % of the page's text is never furniture, whatever its name, for designers call anything anything.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lxml import etree

from services.clean.core import furniture, marks
from services.clean.core.blocks import Block, Walker
from services.clean.core.furniture import INLINE
from services.clean.core.tree import text_content

LONG = 25  # characters of a run of text that counts in the search for the container
SHORT_ARTICLE = 300
RESCUE = 0.4
HIDDEN = 0.5  # the same below which names are doubted where the story came out empty
POOR = 0.15  # share of clean text below which any mark is doubted
NAMED_DESCEND = 0.97  # the same below an element that the page names as its body
DESCEND = 0.8  # share of the text that a child must hold to be gone into
_MINOR = frozenset(("li", "dt", "dd", "figcaption", *furniture.HEADINGS))
_MAY_BE_STANDFIRST = frozenset(("p", "h2", "div", "span", "section"))
_SENTENCE = re.compile(r"[.!?。！？…؟।]|[,，、;]\s")


@dataclass
class Body:
    """What the body came out as."""

    blocks: list[Block] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    container: etree._Element | None = None
    total: int = 0  # characters of long text on the page, furniture included


class _Node:
    """What is known of one element: own junk mark and the text below it, with (`all`) and without (`clean`) furniture."""

    __slots__ = ("all", "clean", "depth", "element", "junk", "own", "parent")

    # No node knows its children: nodes in a ring would keep the whole tree until the collector comes by.
    def __init__(self, element: etree._Element, parent: "_Node | None", junk: str) -> None:
        self.element, self.parent, self.junk = element, parent, junk
        self.all = self.clean = self.own = 0.0
        self.depth: int = 0 if parent is None else parent.depth + 1


class Reader:
    """Reads one page's body, given as its elements in their order (`Page.elements`). Each element is judged once."""

    def __init__(self, elements: Sequence[etree._Element]) -> None:
        self.elements = elements
        self.nodes: dict[etree._Element, _Node] = {}
        self.order: list[_Node] = []
        self.top: _Node | None = None
        self.heading: etree._Element | None = None
        self.believes = True  # what classes and ids say of an element

    def read(self, heading: etree._Element | None = None) -> Body:
        """The body's blocks, not yet filtered at the ends. `heading` is the element that shows the story's title."""
        self._weigh()
        self.heading = heading
        return self._walked()

    def again(self) -> Body | None:
        """A second reading where the first found nothing but furniture: without the container that was found, or, where names hide most
        of the page or nothing else is left, without belief in names. None where both were tried.
        """
        whole = self.order[0] if self.order else None
        hidden = whole is not None and whole.clean < HIDDEN * whole.all
        if self.top is not None and self.top.element.tag not in marks.NEVER_BY_NAME and not hidden:
            self.top.junk = "name"
            self._sum_clean()
            return self._walked()
        if not self.believes:
            return None
        self.believes = False
        self.nodes.clear()
        self.order.clear()
        return self.read(self.heading)

    def _walked(self) -> Body:
        top = self.top = self._container()
        if top is None:
            return Body()
        walker = Walker(self.verdict)
        walker.walk(top.element)
        return Body(blocks=walker.blocks, captions=walker.captions, container=top.element, total=int(self.order[0].all))

    def _node(self, element: etree._Element) -> _Node:
        """The record of an element, made with those of its ancestors where they are new."""
        nodes = self.nodes
        known = nodes.get(element)
        if known is not None:
            return known
        chain = []
        while known is None:
            chain.append(element)
            element = element.getparent()
            if element is None:
                break
            known = nodes.get(element)
        for item in reversed(chain):
            nodes[item] = known = _Node(item, known, marks.of(item, names=self.believes))
            self.order.append(known)
        assert known is not None
        return known

    # -- weighing

    def _weigh(self) -> None:
        add = self._add
        for element in self.elements:
            text = element.text
            # The white space between tags is often long, too.
            if text is not None and len(text) > LONG and not text.isspace():
                add(element, text)
            text = element.tail
            if text is not None and len(text) > LONG and not text.isspace() and element.tag != "body":
                add(element.getparent(), text)
        for node in self.order:
            node.own = node.all
        for node in reversed(self.order):
            if node.parent is not None:
                node.parent.all += node.all
        self._sum_clean()
        self._rescue()

    def _add(self, element: etree._Element | None, text: str) -> None:
        """Count one run of text for the block that it stands in; what is linked does not count."""
        length = len(text.strip())
        if length <= LONG:
            return
        while element is not None and (tag := element.tag) in INLINE:
            if tag == "a":
                return
            element = element.getparent()
        if element is None:
            return
        weight = length if length > 80 or _SENTENCE.search(text) else length * 0.5
        self._node(element).all += weight * 0.3 if tag in _MINOR else weight

    def _sum_clean(self) -> None:
        for node in self.order:
            node.clean = node.own
        for node in reversed(self.order):
            if node.junk:
                node.clean = 0.0
            elif node.parent is not None:
                node.parent.clean += node.clean

    def _rescue(self) -> None:
        """Take back marks that would lose too much: the heaviest first, until what is clean outweighs it."""
        for _ in range(8):
            if not self.order:
                return
            total, clean = self.order[0].all, self.order[0].clean
            marked = [n for n in self.order if n.junk and n.junk not in ("comment", "hidden") and n.all >= RESCUE * total and n.all > clean]
            if not marked and clean < POOR * total:
                if self._rescue_alike(total):
                    continue
                marked = [n for n in self.order if n.junk and n.all > clean]
            if not marked:
                return
            max(marked, key=lambda n: (n.all, -n.depth)).junk = ""
            self._sum_clean()

    def _rescue_alike(self, total: float) -> bool:
        """Take back the marks of boxes of one name that hold most of a page together: each has a paragraph."""
        alike: dict[str, list[_Node]] = {}
        most = 0.0  # of one box alone
        within: set[int] = set()
        for node in self.order:
            if id(node.parent) in within:
                within.add(id(node))
            elif node.junk:
                within.add(id(node))
                most = max(most, node.all)
                if node.junk == "name" and (name := node.element.get("class")):
                    alike.setdefault(name, []).append(node)
        nodes = max(alike.values(), key=lambda found: sum(n.all for n in found), default=[])
        if len(nodes) < 3 or sum(n.all for n in nodes) < max(RESCUE * total, most):
            return False
        for node in nodes:
            node.junk = ""
        self._sum_clean()
        return True

    # -- the container

    def _container(self) -> _Node | None:
        if not self.order or self.order[0].clean <= 0:
            return None
        children: dict[int, list[_Node]] = {}
        for node in self.order:
            if node.parent is not None and not node.junk and node.clean > 0:
                children.setdefault(id(node.parent), []).append(node)
        named = self._named(self.order[0].clean)
        node, share = (named, NAMED_DESCEND) if named is not None else (self.order[0], DESCEND)
        while True:
            best = max(children.get(id(node), ()), key=lambda n: n.clean, default=None)
            if best is None or best.clean < share * node.clean or best.element.tag in ("p", "blockquote", "li", "td", "tr"):
                return node
            node = best

    def _named(self, total: float) -> _Node | None:
        """The element that the page itself marks as its article's body, where it holds enough."""
        best, best_score = None, 0.0
        enough = 0.35 * total
        for node in self.order:
            element = node.element
            if node.junk or (node.clean < enough and not (node.element.tag == "article" and self._holds_title(node))):
                continue
            if element.get("itemprop") == "articleBody":
                score = 3.0
            elif furniture.is_body_name(element.get("class"), element.get("id")):
                score = 2.0
            elif element.tag == "article":
                # Articles within an article are teasers, or comments below the one that bears the title.
                listed = self.heading is not None and len(element.findall(".//article")) > 2 and not self._holds_title(node)
                score = 0.1 if listed else 1.5
            else:
                continue
            share = node.clean / total
            score *= share if share >= 0.35 else 0.4
            if score >= best_score:
                best, best_score = node, score
        return best

    def _holds_title(self, node: _Node) -> bool:
        """A short article in front of others: several stories on a page, of which this one bears the title."""
        if node.element.tag != "article" or node.clean < SHORT_ARTICLE or self.heading is None:
            return False
        above = self.heading.getparent()
        while above is not None and above is not node.element:
            above = above.getparent()
        return above is not None

    def verdict(self, element: etree._Element) -> str:
        """What becomes of an element: "keep", "drop" or "caption"."""
        node = self.nodes.get(element)
        junk = node.junk if node is not None else marks.of(element, names=self.believes)
        if not junk:
            return "keep"
        return "caption" if junk == "caption" else "drop"

    def standfirst(self, story: str) -> str | None:
        """A paragraph that the page names as its standfirst, where the story does not begin with the same."""
        if self.top is None:
            return None
        scope = self.top.element
        for _ in range(4):
            parent = scope.getparent()
            if parent is None or parent.tag in ("body", "html"):
                break
            scope = parent
        # What has forty characters was weighed, or lies within one that was.
        for node in self.order:
            element = node.element
            if element.tag not in _MAY_BE_STANDFIRST:
                continue
            name, number = element.get("class"), element.get("id")
            named = (name or number) and furniture.is_standfirst_name(name, number)
            if not named and element.get("itemprop") not in ("description", "alternativeHeadline"):
                continue
            text = text_content(element, 900)
            if 40 <= len(text) <= 900 and text not in story[: len(text) + 4_000] and _is_within(element, scope):
                return text
        return None


def text_of(blocks: Iterable[Block]) -> str:
    """The text of blocks: paragraphs parted by a blank line."""
    return "\n\n".join(block.text for block in blocks)


def _is_within(element: etree._Element, scope: etree._Element) -> bool:
    return element is scope or any(above is scope for above in element.iterancestors())
