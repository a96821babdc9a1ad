"""Plain text and Markdown: articles saved by hand, out of mails, PDF files and blogs.

A document is a head (`texthead.py`) and a story. The story begins with the first paragraph that reads like one; the title is the last
heading above it, else the last line above it that can be a headline, else it is derived from the story's first sentence, which stays
where it is. A text whose very first line is a sentence has no head, and all of it is story: that is how clean's own output looks.
"""

import re
from dataclasses import replace

from services.clean.core import copies, dates, furniture, language, markdown, pagebreaks, texthead, textparts
from services.clean.core.document import Cleaned, Document
from services.clean.core.markdown import Piece
from services.clean.core.texthead import ONLY_URL, Head
from services.clean.core.textparts import Part, ends_a_sentence, width
from shared.stage import Reject

HEAD = 200  # parts above the story that are looked at
STORY = 100  # characters from which a paragraph above all others begins the story
UNENDED = 180  # the same where it does not end like a sentence: no headline is so long
SENTENCE = 40  # characters from which a sentence belongs to it
ANY_TEXT = 60  # characters from which a paragraph is a story where there is no other
_SENTENCE_END = re.compile(r"(?<=[.!?。！？…؟۔])[\"'”’»)]*(?:\s|$)|(?<=[。！？])")
_FULL_STOP = re.compile(r"[.。।۔…][\"'”’»」)]*$|[!?！？؟][\"'”’»」]+$")
_OPEN_ENDS = ("?", "!", "？", "！", "؟", "”", "»", "」", "』", '"')
_WORD = re.compile(r"\w")


def read(text: str, document: Document) -> Cleaned:
    """The article in a plain text. Raises Reject `empty_document` where it holds no paragraph."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    matter, text = texthead.front_matter(text)
    text, running = pagebreaks.without(text)
    kind = (document.content_type or "").partition(";")[0].strip().lower()
    parts = textparts.parts(text, markdown=kind in ("text/markdown", "text/x-markdown"))
    original, parts = _original(parts)
    start = _start(parts)
    above = parts[max(0, start - HEAD) : start]
    head = texthead.with_matter(texthead.read(above, original or document.url), matter)
    lead = _lead(above, head)
    noisy = original is not None or any(_is_furniture(p) for p in parts)
    story = _story([*lead, *parts[start:]], noisy=noisy)
    if not story:
        raise Reject("empty_document", "no paragraph was found")
    if head.published is None:
        head.published = next((moment for line in running if (moment := dates.read(line))), None)
    original = original or head.original
    if head.title is None and document.feed_title:
        head = replace(head, title=document.feed_title, provenance="feed")
    if head.title is None:
        head = replace(head, title=_first_sentence(story[0].text), provenance="derived")
    below = sum(len(part.text) for part in parts[start:]) + sum(len(part.text) for part in lead)
    return replace(_cleaned(document, head, original, story), text_confidence=round(sum(len(p.text) for p in story) / max(below, 1), 2))


def _cleaned(document: Document, head: Head, original: str | None, story: list[Part]) -> Cleaned:
    paragraphs = [part.text for part in story]
    provenance = {"title": head.provenance or "text"}
    url_day = dates.from_url(original or document.url)
    published = dates.plausible(head.published, document.fetched_at)
    if published is not None:
        provenance["published"] = "text"
    elif document.feed_published is not None and (published := dates.plausible(document.feed_published, document.fetched_at)):
        provenance["published"] = "feed"
    elif published := dates.plausible(url_day, document.fetched_at):
        provenance["published"] = "url"
    authors = head.authors or document.feed_authors
    if authors:
        provenance["authors"] = "text" if head.authors else "feed"
    text = "\n\n".join(paragraphs)
    agency = copies.agency_of(paragraphs[0], paragraphs[-1])
    if agency:
        provenance["agency"] = "text"
    code, where = language.language([], text)
    if code and where:
        provenance["language"] = where
    if original:
        provenance["copy_of_url"] = provenance["canonical_url"] = "text"
    return Cleaned(
        title=head.title,
        authors=tuple(authors),
        agency=agency,
        published=published,
        language=code,
        site_name=document.outlet,
        canonical_url=original,
        text=text,
        markdown=markdown.render(map(_piece, story)),
        captions=head.credits,
        copy_of_url=original,
        provenance=provenance,
    )


def _piece(part: Part) -> Piece:
    heads = part.kind == "row" and part.number is not None
    number = part.number if part.kind == "item" else None
    level = part.depth if part.kind == "item" else part.level
    return Piece(part.kind, part.text, level=level, number=number, group=part.group, cells=part.cells, heads=heads)


# -- where the story begins


def _start(parts: list[Part]) -> int:
    """The place of the story's first part. Raises Reject where nothing reads like a story."""
    first = next((i for i, p in enumerate(parts) if not _is_furniture(p)), None)
    if first is not None and not any(p.level for p in parts) and _opens(parts[first]):
        return first
    start = next((i for i, p in enumerate(parts) if _begins_story(p)), None)
    if start is None:
        start = next((i for i, p in enumerate(parts) if not p.level and ends_a_sentence(p.text)), None)
    if start is None:
        start = next((i for i, p in enumerate(parts) if not p.level and width(p.text) >= ANY_TEXT), None)
    if start is None:
        raise Reject("empty_document", "no paragraph was found")
    while start and _is_sentence(parts[start - 1]) and not _asks(parts, start - 1):
        start -= 1
    return start


def _begins_story(part: Part) -> bool:
    if part.level or width(part.text[:STORY]) < STORY or copies.says_original(part.text):
        return False
    return ends_a_sentence(part.text) or width(part.text[:UNENDED]) >= UNENDED or textparts.is_unmarked(part.text)


def _opens(part: Part) -> bool:
    """Whether a text's first part is a sentence already, and no headline that asks or exclaims."""
    return _FULL_STOP.search(part.text) is not None and _is_sentence(part) and not texthead.is_line_of_head(part.text)


def _is_sentence(part: Part) -> bool:
    """A sentence that is long enough to belong to the story."""
    if part.level or width(part.text) < SENTENCE or not ends_a_sentence(part.text):
        return False
    return not (copies.says_original(part.text) or _is_furniture(part))


def _asks(parts: list[Part], place: int) -> bool:
    """A question, or somebody's words, right above the story with no headline before it: it is the headline."""
    text = parts[place].text
    if not text.endswith(_OPEN_ENDS) or _FULL_STOP.search(text) or len(_SENTENCE_END.findall(text)) > 1 or not texthead.can_be_title(text):
        return False
    return not any(p.level or texthead.can_be_title(p.text) for p in parts[:place])


def _lead(above: list[Part], head: Head) -> list[Part]:
    """What stands between the title and the story's first paragraph and is story too: sentences.

    Where the title opens the text and nothing below it is a head's, every line: so looks an article that was cleaned before.
    """
    place = next((i for i, p in enumerate(above) if p.text == head.title), None)
    if place is None:
        return []
    below = above[place + 1 :]
    told = head.published or head.authors or head.credits or head.original
    if place == 0 and not told and not any(texthead.is_line_of_head(p.text) or _is_furniture(p) for p in below):
        return below
    return [p for p in below if not p.level and _is_sentence(p) and not texthead.is_line_of_head(p.text)]


def _original(parts: list[Part]) -> tuple[str | None, list[Part]]:
    """The address that a line such as "Original url:" announces, and the parts without these lines."""
    for place, part in enumerate(parts):
        if not copies.says_original(part.text):
            continue
        url = copies.first_url(part.raw)
        gone = {place}
        if url is None and place + 1 < len(parts) and part.text.rstrip().endswith((":", "：")):
            url = copies.first_url(parts[place + 1].raw)
            if url is not None and len(parts[place + 1].text) < len(url) + 40:
                gone.add(place + 1)
        if url is not None and copies.is_article_address(url):
            return url, [p for i, p in enumerate(parts) if i not in gone]
    return None, parts


# -- the story


def _is_furniture(part: Part) -> bool:
    """A phrase of page furniture, a bare address, or marks without a word."""
    text = part.text
    if furniture.is_phrase(text) or not _WORD.search(text) or ONLY_URL.match(text):
        return True
    return len(text) < 160 and furniture.STARTS.match(text) is not None


def _story(parts: list[Part], *, noisy: bool) -> list[Part]:
    """Paragraphs without furniture, each once. In a noisy text, one with furniture, lines at the end belong to another story."""
    kept: list[Part] = []
    seen: set[str] = set()
    for part in parts:
        if _is_furniture(part):
            continue
        if len(part.text) > 40 and part.kind != "item" and (len(part.text) > 120 or ends_a_sentence(part.text)):
            if part.text in seen:
                continue
            seen.add(part.text)
        kept.append(part)
    sentences = sum(1 for p in kept if ends_a_sentence(p.text))
    while noisy and len(kept) > 3 and sentences >= 3 and len(kept[-1].text) < 130 and not ends_a_sentence(kept[-1].text):
        kept.pop()
    return kept


def _first_sentence(text: str) -> str:
    """The first sentence of a paragraph, without the full stop, cut at a word where it is very long."""
    match = next((m for m in _SENTENCE_END.finditer(text) if m.start() >= 20), None)
    sentence = text[: match.start()] if match else text
    if len(sentence) > 200:
        sentence = sentence[:200].rsplit(" ", 1)[0] + "…"
    return sentence.rstrip(" .")
