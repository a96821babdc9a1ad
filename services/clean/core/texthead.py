"""What stands above the story of a plain text: masthead, address of the original, title, date, byline, photo credit."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from services.clean.core import copies, dates, furniture
from services.clean.core.agencies import agency as agency_name
from services.clean.core.authors import split, undo_capitals
from services.clean.core.textparts import Part, width

ONLY_URL = re.compile(r"^\W{0,3}<?(https?://[^\s<>]+)>?\W{0,3}$")
_CREDIT = re.compile(r"[/©]|^(?:photo|image|foto|bild)\b", re.I)
_BY = re.compile(r"^(?:by|von|par|por|di|af|av|door|oleh|автор:?|από)\s+(\S.{2,80})$", re.I)
_CAPITAL_NAME = re.compile(r"^[^\W\d_a-z][^\W\d_a-z.'’-]*(?:\s+[^\W\d_a-z][^\W\d_a-z.'’-]*){1,3}$")
_SEPARATOR = re.compile(r"\s+[—–|·•-]\s+|\s*[|·•]\s*")
_MATTER = re.compile(r"\A\ufeff?\s*---\s*\n((?:[\w-]{1,40}:.{0,500}\n|\s+.{0,500}\n|-\s.{0,500}\n){1,60})---\s*(?:\n|\Z)")


@dataclass(slots=True)
class Head:
    """What was found above the story."""

    title: str | None = None
    provenance: str | None = None
    published: datetime | None = None
    authors: tuple[str, ...] = ()
    original: str | None = None
    credits: tuple[str, ...] = ()


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """The values at the very top of a Markdown file between two rules (`title: …`), by lower-case name, and the text below."""
    match = _MATTER.match(text)
    if match is None:
        return {}, text
    pairs = (line.partition(":") for line in match[1].split("\n") if line[:1].strip())
    return {name.strip().lower(): value.strip().strip("\"'") for name, _, value in pairs if value.strip()}, text[match.end() :]


def read(parts: list[Part], original: str | None) -> Head:
    """The head out of the parts above the story. `original` is an address known already, whose day helps to read a date."""
    title, place = _title(parts)
    address = original
    if address is None:
        links = (m[1] for p in parts if (m := ONLY_URL.match(p.text)))
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
            head.authors = head.authors or _beside_date(text)
        elif index < place or len(text) > 160:
            continue
        elif match := _BY.match(text):
            head.authors = head.authors or tuple(split(match[1]))
        elif not head.authors and _is_capital_name(text) and not agency_name(text):
            head.authors = (undo_capitals(text),)
        elif _CREDIT.search(text) and not ONLY_URL.match(text):
            credits.append(text)
    head.credits = tuple(credits[:20])
    return head


def with_matter(head: Head, matter: dict[str, str]) -> Head:
    """The head with what the front matter says where the text itself says nothing."""
    title = matter.get("title") or matter.get("headline")
    if head.title is None and title:
        head = replace(head, title=title[:400], provenance="meta")
    if head.published is None:
        head = replace(head, published=dates.read(matter.get("date") or matter.get("published")))
    if not head.authors and (author := matter.get("author") or matter.get("authors")):
        head = replace(head, authors=tuple(split(author.strip("[]"))))
    return head


def is_line_of_head(text: str) -> bool:
    """Whether a line is a date, a byline or a bare address."""
    return bool((len(text) < 80 and dates.read(text) is not None) or _BY.match(text) or ONLY_URL.match(text))


def _beside_date(text: str) -> tuple[str, ...]:
    """The authors of a line that bears a date too: "By Ben Baker — March 4, 2026"."""
    for piece in _SEPARATOR.split(text):
        match = _BY.match(piece.strip())
        if match:
            name = match[1].partition(",")[0] if dates.read(piece) else match[1]
            return tuple(split(name))
    return ()


def _title(parts: list[Part]) -> tuple[Part | None, int]:
    """The headline among what stands above the story, and its place."""
    if parts and _stands_alone(parts):
        return parts[0], 0
    for place in range(len(parts) - 1, -1, -1):
        if parts[place].level and not furniture.is_phrase(parts[place].text):
            return parts[place], place
    for place in range(len(parts) - 1, -1, -1):
        if can_be_title(parts[place].text):
            return parts[place], place
    return None, 0


def _stands_alone(parts: list[Part]) -> bool:
    """Whether the first line is the headline and all below it is story: an article that was cleaned before.

    No other heading is of its level, and no line is a date, a byline, a credit, an address or furniture.
    """
    first, *below = parts
    if not can_be_title(first.text) or any(p.level and p.level <= max(first.level, 1) for p in below):
        return False
    return not any(
        is_line_of_head(p.text)
        or furniture.is_phrase(p.text)
        or (len(p.text) < 160 and (furniture.STARTS.match(p.text) or _CREDIT.search(p.text) or (not p.level and _is_capital_name(p.text))))
        for p in below
    )


def _is_capital_name(text: str) -> bool:
    return _CAPITAL_NAME.match(text) is not None and text == text.upper()


def can_be_title(text: str) -> bool:
    """Whether a line can be a headline."""
    return (
        20 <= width(text) <= 220
        and not text.endswith((".", ":", ",", ";"))
        and not furniture.is_phrase(text)
        and not furniture.STARTS.match(text)
        and not _BY.match(text)
        and not ONLY_URL.match(text)
        and dates.read(text) is None
        and not re.search(r"\s/\s|©|@", text)
    )
