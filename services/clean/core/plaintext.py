"""Plain text and Markdown: articles saved by hand, out of mails, PDF files and blogs.

A document is a head (masthead, address of the original, title, date, byline, photo credit) and a story. The story begins with the
first paragraph that reads like one; the title is the last heading above it, else the last line above it that can be a headline, else
it is derived from the story's first sentence, which stays where it is.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from services.clean.core import copies, dates, furniture, language
from services.clean.core.agencies import agency as agency_name
from services.clean.core.authors import split, undo_capitals
from services.clean.core.document import Cleaned, Document
from shared.stage import Reject

MAX_LINES = 100_000
WRAP = 40  # a line shorter than this was not broken by a margin
STORY = 100  # characters from which a paragraph above all others begins the story
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_SETEXT = re.compile(r"^(?:={3,}|-{3,})\s*$")
_RULE = re.compile(r"^\s*(?:[-*_=~•]\s*){3,}$")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\(\s*<?([^()\s<>]{1,2000})>?(?:\s+\"[^\"]{0,200}\")?\s*\)")
_IMAGE = re.compile(r"!\[([^\[\]]{0,500})\]\(\s*<?[^()\s<>]{1,2000}>?(?:\s+\"[^\"]{0,200}\")?\s*\)")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]{3,2000})>")
_CREDIT = re.compile(r"[/©]|^(?:photo|image|foto|bild)\b", re.I)
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*\n]{1,500}?[^\s*])\1(?![\w*])"
    r"|(?<![\w_])(_{1,3})(?=[^\s_])([^_\n]{1,500}?[^\s_])\3(?![\w_])"
)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!>|-])")
_QUOTE = re.compile(r"^\s{0,3}>\s?")
_STRAY = re.compile(r"\s*[|¦]\s*$|^\s*[|¦]\s+")
_TERMINAL = re.compile(r"[.!?。！？…؟।:;][\"'”’»›)\]*_」』]*\s*\|?\s*$|[”»」』]\s*$")
_HYPHEN = re.compile(r"[^\W\d_]-$|\u00ad$")
_CJK_END = re.compile(r"[\u3000-\u9fff\uff00-\uffef]$")
_ONLY_URL = re.compile(r"^\W{0,3}<?(https?://[^\s<>]+)>?\W{0,3}$")
_BY = re.compile(r"^(?:by|von|par|por|di|af|av|door|oleh)\s+(\S.{2,80})$", re.I)
_CAPITAL_NAME = re.compile(r"^[^\W\d_a-z][^\W\d_a-z.'’-]*(?:\s+[^\W\d_a-z][^\W\d_a-z.'’-]*){1,3}$")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？…؟])[\"'”’»)]*(?:\s|$)|(?<=[。！？])")


@dataclass(slots=True)
class Part:
    """One paragraph: `raw` with its Markdown, `text` without, `level` of a heading (0 for none)."""

    raw: str
    text: str
    level: int = 0


@dataclass(slots=True)
class Head:
    """What stands above the story."""

    title: str | None = None
    provenance: str | None = None
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    original: str | None = None
    credits: tuple[str, ...] = ()


def read(text: str, document: Document) -> Cleaned:
    """The article in a plain text. Raises Reject `empty_document` where it holds no paragraph."""
    parts = _parts(text)
    original, parts = _original(parts)
    start = next((i for i, p in enumerate(parts) if _begins_story(p)), None)
    if start is None:
        start = next((i for i, p in enumerate(parts) if not p.level and _TERMINAL.search(p.text)), None)
    if start is None:
        raise Reject("empty_document", "no paragraph was found")
    while start and _reads_on(parts[start - 1]):
        start -= 1
    story = _story(parts[start:])
    if not story:
        raise Reject("empty_document", "no paragraph was found")
    head = _head(parts[:start], original or document.url)
    original = original or head.original
    paragraphs = [p.text for p in story]
    if head.title is None and document.feed_title:
        head = replace(head, title=document.feed_title, provenance="feed")
    if head.title is None:
        head = replace(head, title=_first_sentence(paragraphs[0]), provenance="derived")
    return _cleaned(document, head, original, paragraphs)


def _cleaned(document: Document, head: Head, original: str | None, paragraphs: list[str]) -> Cleaned:
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
        captions=head.credits,
        copy_of_url=original,
        provenance=provenance,
    )


# -- lines to paragraphs


def _parts(text: str) -> list[Part]:
    """Paragraphs in their order: at blank lines, and within a run of lines wherever a line ends like a sentence."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\n").replace("\x00", "").split("\n")[:MAX_LINES]
    parts: list[Part] = []
    run: list[str] = []

    def end() -> None:
        for raw in _joined(run):
            if plain := _plain(raw):
                parts.append(Part(raw, plain))
        run.clear()

    for line in lines:
        line = _QUOTE.sub("", line.expandtabs(4))
        if not line.strip():
            end()
        elif heading := _HEADING.match(line.strip()):
            end()
            if plain := _plain(heading[2]):
                parts.append(Part(heading[2], plain, len(heading[1])))
        elif _SETEXT.match(line.strip()) and len(run) == 1 and len(run[0]) < 200:
            plain = _plain(run[0])
            run.clear()
            if plain:
                parts.append(Part(plain, plain, 1))
        elif not _RULE.match(line):
            run.append(line)
    end()
    return parts


def _joined(run: list[str]) -> list[str]:
    """Lines of one run made paragraphs: a line that was broken by a margin goes on, one that ends like a sentence does not.

    Where most lines end in mid-sentence the run is one hard-wrapped paragraph, and a sentence that happens to end at the margin
    ends nothing.
    """
    if len(run) < 2:
        return [" ".join(run)] if run else []
    broken = [_is_broken(line) for line in run[:-1]]
    wrapped = sum(broken) >= 0.6 * len(broken) and len(run) > 3
    widest = max(len(line.rstrip()) for line in run)
    found = [run[0].strip()]
    for place, line in enumerate(run[1:]):
        last = found[-1]
        full = len(run[place].rstrip()) > 0.75 * widest
        if not run[place].endswith("  ") and (broken[place] or (wrapped and full)):
            found[-1] = glue(last, line.strip())
        else:
            found.append(line.strip())
    return found


def glue(before: str, line: str) -> str:
    """Two lines that a margin broke as one; a word that was cut there is whole again."""
    if _HYPHEN.search(before) and line[:1].islower():
        return before[:-1] + line
    return before + line if _CJK_END.search(before) else f"{before} {line}"


def ends_a_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return _TERMINAL.search(line) is not None


def _is_broken(line: str) -> bool:
    """Whether a line stops in mid-sentence because of a margin."""
    bare = line.rstrip()
    wide = len(bare) + sum(1 for c in bare if c > "\u2e80")
    return wide >= WRAP and not _TERMINAL.search(bare)


def _plain(raw: str) -> str:
    """A paragraph without Markdown's marks."""
    text = _IMAGE.sub("", raw)
    text = _LINK.sub(r"\1", text)
    text = _AUTOLINK.sub(r"\1", text)
    for _ in range(3):
        less = _EMPHASIS.sub(lambda m: m[2] or m[4], text)
        if less == text:
            break
        text = less
    text = _ESCAPE.sub(r"\1", text)
    text = _STRAY.sub("", text.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", ""))
    return " ".join(text.split())


# -- the head


def _begins_story(part: Part) -> bool:
    wide = sum(2 if c > "\u2e80" else 1 for c in part.text[:STORY])
    return not part.level and wide >= STORY and _TERMINAL.search(part.text) is not None and not copies.says_original(part.text)


def _reads_on(part: Part) -> bool:
    """A paragraph right above the story's first long one that belongs to it: a shorter sentence."""
    if part.level or len(part.text) < 40 or not _TERMINAL.search(part.text):
        return False
    return not (copies.says_original(part.text) or furniture.is_phrase(part.text) or _ONLY_URL.match(part.text))


def _head(parts: list[Part], original: str | None) -> Head:
    title, place = _title(parts)
    address = original
    if address is None:
        links = (m[1] for p in parts if (m := _ONLY_URL.match(p.text)))
        address = next((u for u in links if copies.is_article_address(u)), None)
    head = Head(title=title.text if title else None, original=address if address != original else None)
    if title is not None:
        head.provenance = "heading" if title.level else "text"
    hint = dates.from_url(address)
    credits: list[str] = []
    for index, part in enumerate(parts):
        text = part.text
        if part is title or part.level or furniture.is_phrase(text):
            continue
        if head.published is None and len(text) < 80 and (moment := dates.read(text, hint)):
            head.published = moment
        elif index < place or len(text) > 160:
            continue
        elif match := _BY.match(text):
            head.authors = head.authors or tuple(split(match[1]))
        elif not head.authors and _CAPITAL_NAME.match(text) and not agency_name(text):
            head.authors = (undo_capitals(text),)
        elif _CREDIT.search(text) and not _ONLY_URL.match(text):
            credits.append(text)
    head.credits = tuple(credits[:20])
    return head


def _title(parts: list[Part]) -> tuple[Part | None, int]:
    """The headline among what stands above the story, and its place."""
    for place in range(len(parts) - 1, -1, -1):
        if parts[place].level and not furniture.is_phrase(parts[place].text):
            return parts[place], place
    for place in range(len(parts) - 1, -1, -1):
        text = parts[place].text
        wide = len(text) + sum(1 for c in text if c > "\u2e80")
        if (
            20 <= wide <= 220
            and not text.endswith((".", ":", ",", ";"))
            and not furniture.is_phrase(text)
            and not furniture.STARTS.match(text)
            and not _BY.match(text)
            and not _ONLY_URL.match(text)
            and dates.read(text) is None
            and not re.search(r"\s/\s|©|@", text)
        ):
            return parts[place], place
    return None, 0


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


def _story(parts: list[Part]) -> list[Part]:
    """Paragraphs without furniture, each once, without the lines at the end that belong to another story."""
    kept: list[Part] = []
    seen: set[str] = set()
    for part in parts:
        text = part.text
        if furniture.is_phrase(text) or not re.search(r"\w", text) or _ONLY_URL.match(text):
            continue
        if len(text) < 160 and furniture.STARTS.match(text):
            continue
        if len(text) > 40:
            if text in seen:
                continue
            seen.add(text)
        kept.append(part)
    sentences = sum(1 for p in kept if _TERMINAL.search(p.text))
    while len(kept) > 3 and sentences >= 3 and len(kept[-1].text) < 130 and not _TERMINAL.search(kept[-1].text):
        kept.pop()
    return kept


def _first_sentence(text: str) -> str:
    """The first sentence of a paragraph, without the full stop, cut at a word where it is very long."""
    match = next((m for m in _SENTENCE_END.finditer(text) if m.start() >= 20), None)
    sentence = text[: match.start()] if match else text
    if len(sentence) > 200:
        sentence = sentence[:200].rsplit(" ", 1)[0] + "…"
    return sentence.rstrip(" .")
