"""From a container's blocks to the story's: what no class name gave away is told by links, phrases and places."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from lxml import etree

from services.clean.core import furniture, imagetext
from services.clean.core.blocks import Block
from services.clean.core.textparts import width

MAIN = 0.3  # share of the sentences from which on one element is the story's home
ASKED = 350  # characters of a box that asks its reader for something
EARLY = 5  # blocks in which a byline may still stand
FIRST = 3  # those of them in which any short line may be one
MAX_LINE = 500  # characters of a text whose words are kept
ALIKE = 0.85  # share of common words from which on two lines say the same
PULLED = 30  # characters of a quote that cannot stand in a paragraph by chance
LINKED = 0.75  # from this share of link on, a short block is a pointer to elsewhere
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"(?:<[a-z/!][^<>]*>\s*)+", re.I)  # markup that a page shows as text
_PARTS = frozenset(("ul", "ol", "li", "dl", "blockquote"))
_QUOTES = "\"'“”„«»‘’‹›「」『』 .…"
_END = re.compile(r"[.!?。！？…؟।:;”\"»“'’)\]]\s*$")
_META_LINE = re.compile(
    r"^(?:by|von|por|par|di|av|af|door|oleh|автор:?|текст:)\s+\S+(?:\s\S+){0,6}$|^\d{1,2}[.:]\d\d\b|^\W*\d+\s*(?:min|"
    r"minutes?|minutos?|minuti|minuten|мин)\b"
    r"|^(?:updated|published|posted|stand|aktualisiert|veröffentlicht|publié|publicado|mis à jour|опубликовано|обновлено)\b.{0,60}\d",
    re.I,
)
_READING = re.compile(
    r"(?:min(?:utes?)?|minuten) ?(?:read|lesezeit|de lecture|de lectura)\b|(?:lesezeit|reading time|temps de lecture|"
    r"tiempo de lectura|tempo de leitura|estimated read)\b"
)
_READ = ("read", "lesezeit", "lectur", "leitura")  # one of them stands in whatever `_READING` finds
_APPEAL = re.compile(
    r"^\W*(?:newsletter|bolet[ií]n\b|nieuwsbrief|nyhetsbrev|nyhedsbrev|рассылка|sign up|subscribe|abonn(?:ez|ieren)|suscr[ií]b)", re.I
)
_AFTER = re.compile(
    r"^(?:comments?|\d+ comments?|kommentare?|comentarios|commentaires|comentários|комментарии|отзывы|related (?:stories|"
    r"articles|posts|news|content|links)|"
    r"more (?:stories|news|from\b.*|on this\b.*|in\b.*)|you (?:may|might) also like|recommended(?: for you)?|read (?:more|"
    r"next)|latest(?: news| stories)?|"
    r"(?:most|top) (?:read|popular|stories|viewed)|mehr zum thema|auch interessant|das könnte (?:sie|"
    r"dich) auch interessieren|weitere (?:artikel|themen|meldungen)|"
    r"lire aussi|à lire aussi|sur le même sujet|te puede interesar|noticias relacionadas|leia também|leggi anche|читайте также|"
    r"benzer haberler|ilgili haberler|baca juga|berita terkait|関連記事|相关(?:阅读|新闻)|延伸閱讀|관련기사)\W*$",
    re.I,
)


def story(blocks: list[Block], titles: Sequence[str | None], captions: list[str], *, live: bool = False) -> list[Block]:
    """The blocks that are the story, in order. Captions that look like paragraphs go to `captions`. A live blog has many homes.

    `titles` are the story's title and what else the page calls it; a heading that says one of them is its headline.
    """
    kept = _without_title(blocks, titles)
    kept = _without_pointers(kept)
    kept = _without_pulled(_without_repeats(kept))
    kept = _cut_after(kept)
    kept = _trim_start(kept)
    kept = kept if live else _without_strangers(kept)
    kept = imagetext.taken_out(kept, captions)
    return _without_empty_headings(kept)


def words_of(text: str | None) -> tuple[str, ...]:
    """The words of a text, case folded."""
    if not text:
        return ()
    return _words_of_line(text) if len(text) < MAX_LINE else tuple(_WORD.findall(text.casefold()))


@lru_cache(maxsize=256)
def _words_of_line(text: str) -> tuple[str, ...]:
    """The same few lines of a page are compared again and again: candidates for the title, names of the site."""
    return tuple(_WORD.findall(text.casefold()))


def alike(a: str | None, b: str | None) -> bool:
    """Whether two lines say the same, but for marks and a word or two."""
    x, y = words_of(a), words_of(b)
    if not x or not y:
        return False
    if x == y:
        return True
    if 2 * min(len(x), len(y)) < ALIKE * (len(x) + len(y)):
        return False
    known = set(y)
    if 2 * sum(1 for word in x if word in known) < ALIKE * (len(x) + len(y)):
        return False  # mostly; counting each word as often as both have it costs three times as much
    common = sum((Counter(x) & Counter(y)).values())
    return 2 * common / (len(x) + len(y)) >= ALIKE


def is_sentence(block: Block) -> bool:
    """A block that reads like running text. Asked half a dozen times of each, told once."""
    reads = block.reads
    if reads is None:
        reads = block.reads = _reads(block)
    return reads


def _reads(block: Block) -> bool:
    if block.kind in ("heading", "caption"):
        return False
    text = block.text
    length = len(text)
    if 2 * block.links > length:
        return False
    if length < 80 and not text.isascii():
        length = width(text)
    return length >= 80 or (length >= 30 and _END.search(text) is not None)


def _without_title(blocks: list[Block], titles: Sequence[str | None]) -> list[Block]:
    """Without the story's own headline and what stands above it."""
    title = titles[0]
    for place, block in enumerate(blocks[:25]):
        if block.kind == "heading" and any(alike(block.text, one) for one in titles):
            above = blocks[:place]
            if not any(is_sentence(b) for b in above):
                return blocks[place + 1 :]
            return above + blocks[place + 1 :]
    return [b for b in blocks if not (b.element.tag == "h1" and alike(b.text, title))]


def _without_pointers(blocks: list[Block]) -> list[Block]:
    """Without furniture phrases, blocks of links, lists of links and teasers (a linked heading with what stands beside it)."""
    lists: dict[object, list[int]] = {}
    for block in blocks:
        if block.kind == "item":
            parent = block.element.getparent()
            entry = lists.setdefault(parent, [0, 0])
            entry[0] += len(block.text)
            entry[1] += block.links
    asking = furniture.asking("\n".join([block.text for block in blocks if len(block.text) < ASKED]))
    kept: list[Block] = []
    teaser: object = None
    skipped = 0
    for place, block in enumerate(blocks):
        parent = block.element.getparent()
        if block.kind == "heading" and (block.density > LINKED or _APPEAL.match(block.text)):
            while parent is not None and parent.tag == "a":
                parent = parent.getparent()
            teaser, skipped = parent, 0
            continue
        if teaser is not None:
            # A teaser is short; what goes on is the story, whose heading happens to be a link.
            if parent is teaser and len(block.text) < 400 and block.kind != "heading" and skipped < 2:
                skipped += 1
                continue
            teaser = None
        if furniture.is_phrase(block.text) or (block.kind == "p" and furniture.counts(block.text)):
            continue
        if len(block.text) < 250 and block.kind != "heading" and furniture.STARTS.match(block.text):
            continue
        if asking and len(block.text) < ASKED and furniture.asks(block.text, asking):
            if kept and kept[-1] is blocks[place - 1] and len(kept[-1].text) < 60 and not _END.search(kept[-1].text):
                kept.pop()  # what the box is called
            continue
        if block.kind == "item":
            total, linked = lists[parent]
            if linked > 0.6 * total:
                if kept and blocks[place - 1] is kept[-1] and kept[-1].kind == "heading":
                    kept.pop()  # it headed these links
                continue
        if block.density > LINKED and len(block.text) < 300:
            continue
        kept.append(block)
    return kept


def _without_repeats(blocks: list[Block]) -> list[Block]:
    seen: set[str] = set()
    kept = []
    for block in blocks:
        # A line that is no sentence may well be said twice: "Serves four", "Eat an hour before training".
        if (length := len(block.text)) > 40 and is_sentence(block) and (length > 120 or _END.search(block.text)):
            if block.text in seen:
                continue
            seen.add(block.text)
        kept.append(block)
    return kept


def _without_pulled(blocks: list[Block]) -> list[Block]:
    """Without quotes that were pulled out of a paragraph to be shown twice."""
    if not any(block.kind == "quote" for block in blocks):
        return blocks
    told = "\n".join(block.text for block in blocks if block.kind != "quote").casefold()
    return [b for b in blocks if b.kind != "quote" or len(b.text) < PULLED or b.text.strip(_QUOTES).casefold() not in told]


def _cut_after(blocks: list[Block]) -> list[Block]:
    """End the story at a heading such as "Comments" or "Related", where most of the running text stands before it."""
    total = sum(len(b.text) for b in blocks if is_sentence(b))
    before = 0
    for place, block in enumerate(blocks):
        if len(block.text) < 60 and _AFTER.match(block.text) and before >= 0.5 * total and before > 200:
            return blocks[:place]
        if is_sentence(block):
            before += len(block.text)
    return blocks


def _trim_start(blocks: list[Block]) -> list[Block]:
    """Without the lines above the first paragraph that are no sentences: dates, bylines, rubrics, reading times."""
    for place, block in enumerate(blocks):
        if is_sentence(block) and not (len(block.text) < 100 and _tells_about(block.text)):
            head = [b for b in blocks[:place] if b.kind == "heading" and b.element.tag != "h1" and place and b is blocks[place - 1]]
            start = [b for i, b in enumerate(blocks[place : place + EARLY]) if not (_is_meta_line(b) if i < FIRST else _is_told(b))]
            return head + start + [b for b in blocks[place + EARLY :] if not _is_told(b)]
    return blocks


def _tells_about(text: str) -> bool:
    """A line about the story: its author, its time, how long it takes to read."""
    if _META_LINE.match(text):
        return True
    lowered = text.lower()
    return any(word in lowered for word in _READ) and _READING.search(lowered) is not None


def _is_told(block: Block) -> bool:
    return len(block.text) < 60 and _tells_about(block.text)


def _is_meta_line(block: Block) -> bool:
    """A byline or a date among the first blocks: short, and no sentence."""
    text = block.text
    if len(text) < 60:
        return _tells_about(text) or (block.kind == "p" and not _END.search(text) and block.bold < 0.9 * len(text))
    bars = text.count(" | ")
    return len(text) < 160 and (bars > 1 or (bars == 1 and block.kind == "p" and not _END.search(text)))


def _without_strangers(blocks: list[Block]) -> list[Block]:
    """Without what follows the element that holds most of the story and is not built like it: teasers, guides, appeals."""
    homes: dict[etree._Element, int] = {}
    for block in blocks:
        if is_sentence(block):
            home = _home(block.element)
            homes[home] = homes.get(home, 0) + len(block.text)
    if len(homes) < 2:
        return blocks
    main = max(homes, key=lambda home: homes[home])
    if homes[main] < MAIN * sum(homes.values()):
        return blocks
    shape = _shape(main)
    inside = [_within(block.element, main) for block in blocks]
    last = max(place for place, own in enumerate(inside) if own)
    return blocks[: last + 1] + [b for b in blocks[last + 1 :] if _shape(b.element.getparent()) == shape]


def _home(element: etree._Element) -> etree._Element:
    """What a block stands in; a list and a quote stand where the paragraphs around them do."""
    home = element.getparent()
    while home.tag in _PARTS and home.getparent() is not None:
        home = home.getparent()
    return home


def _shape(element: etree._Element) -> tuple[str, str | None]:
    return element.tag, element.get("class")


def _within(element: etree._Element, scope: etree._Element) -> bool:
    while element is not None:
        if element is scope:
            return True
        element = element.getparent()
    return False


def _without_empty_headings(blocks: list[Block]) -> list[Block]:
    """Without headings that nothing follows, without headings of a gallery, and without marks that part sections."""
    kept: list[Block] = []
    for block in blocks:
        if (len(block.text) < 40 and not _WORD.search(block.text)) or (block.text[0] == "<" and _TAG.fullmatch(block.text)):
            continue
        if block.kind == "heading" and furniture.is_gallery(block.element.getparent()):
            continue
        kept.append(block)
    while kept and kept[-1].kind == "heading":
        kept.pop()
    return kept or blocks
