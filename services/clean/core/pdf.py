"""PDF files: PDFium gives lines and where they stand, `pdflayout.py` makes paragraphs of them, `plaintext.py` an article."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from services.clean.core import authors, dates, plaintext
from services.clean.core.document import Cleaned, Document
from services.clean.core.pdflayout import MAX_TITLE, Line, Page, story
from services.clean.core.trim import words_of
from shared.stage import Reject

MAX_BYTES = 100_000_000
MAX_PAGES = 200
MAX_CHARACTERS = 2_000_000  # of all pages
MAX_LINES = 50_000
_PDFIUM_PASSWORD = "password"
_ALIKE = 0.6  # of a title's words that stand in another text
_SHORT_TITLE = 4  # words; a newspaper's name has fewer, a headline mostly more
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:Z|([+-])(\d\d)'?(\d\d)?)?")
_FILE_NAME = re.compile(
    r"\.(?:docx?|indd|pdf|qx[pd]|rtf|odt|txt|html?|pages|tex|pub|p65)\b|"
    r"^(?:untitled|unbenannt|sans titre|document\d*|print|layout)\b|^https?:",
    re.I,
)
_ADDRESS = re.compile(r"https?:|www\.|\S@\S")
_PROGRAM = re.compile(r"^(?:microsoft (?:word|powerpoint)|powerpoint presentation)\s*-\s*", re.I)
_WORD = re.compile(r"\S+")
_COLUMNS = 1.5  # of a letter's height: a gap in a line that wide parts columns
_CUT_WORD = re.compile("\ufffe(.?)", re.S)  # PDFium's mark of a hyphen at a line's end; it has joined the lines


def is_pdf(body: bytes) -> bool:
    """Whether these bytes are a PDF file: its mark stands at the start, or behind a few bytes that do not belong there."""
    return body.startswith(b"%PDF-") or (b"%PDF-" in body[:1024] and not body.lstrip().startswith(b"<") and b"obj" in body[:4096])


def read(body: bytes, document: Document) -> Cleaned:
    """The article in a PDF file.

    Raises Reject: `pdf_unreadable` for one that is locked or broken, `empty_document` for one without text, such as a scan.
    """
    pages, told = _opened(body)
    paragraphs, large = story(pages)
    if not paragraphs:
        raise Reject("empty_document", f"a PDF file of {len(pages)} pages without text: a scan has to be read by OCR first")
    title, where = _title(told.get("Title", ""), large, paragraphs)
    rest = [text for text in paragraphs if text != title]
    cleaned = plaintext.read("\n\n".join([*([f"# {title}"] if title else []), *rest]), document)
    provenance = cleaned.provenance | ({"title": where} if title and cleaned.title == title else {})
    cleaned = replace(cleaned, provenance=provenance)
    return _with_metadata(cleaned, told, document)


def _opened(body: bytes) -> tuple[list[Page], dict[str, str]]:
    """The lines of the first pages, and what the file says about itself."""
    import pypdfium2  # a library of 7 MB, which most processes never need

    try:
        file = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as problem:
        locked = _PDFIUM_PASSWORD in str(problem).lower()
        raise Reject("pdf_unreadable", "it is protected by a password" if locked else str(problem)[:200]) from problem
    try:
        told = {name: " ".join(value.replace("\x00", "").split()) for name, value in file.get_metadata_dict().items()}
        pages: list[Page] = []
        characters = lines = 0
        for number in range(min(len(file), MAX_PAGES)):
            try:
                page, read = _page(file[number], MAX_CHARACTERS - characters)
            except pypdfium2.PdfiumError:
                continue  # one broken page spares the others
            pages.append(page)
            characters += read
            lines += len(page.lines)
            if characters >= MAX_CHARACTERS or lines >= MAX_LINES:
                break
        return pages, told
    finally:
        file.close()


def _page(page: Any, most: int) -> tuple[Page, int]:
    """A page's lines, at most `most` characters of them, and how many there were."""
    text_page = page.get_textpage()
    try:
        count = min(text_page.count_chars(), most)
        text = text_page.get_text_range(0, count) if count > 0 else ""
        lines: list[Line] = []
        at = 0
        for raw in text.split("\r\n")[:MAX_LINES]:
            lines += _lines(text_page, raw, at)
            at += len(raw) + 2
        return Page(height=page.get_height(), lines=tuple(lines)), count
    finally:
        text_page.close()
        page.close()


def _lines(text_page: Any, raw: str, at: int) -> Iterator[Line]:
    """A line of PDFium's, which begins at `at` of the page's text; parted where there is a gap, as between columns."""
    begin = before = None
    start = 0
    for word in _WORD.finditer(raw):
        box = _box(text_page, at + word.start())
        if begin is not None and before is not None and box.left - before.right > _COLUMNS * abs(box.top - box.bottom):
            yield _line(raw[start : word.start()], begin, before)
            begin, start = None, word.start()
        begin = begin or box
        before = _box(text_page, at + word.end() - 1)
    if begin is not None and before is not None:
        yield _line(raw[start:], begin, before)


def _box(text_page: Any, place: int) -> Any:
    """Where the letter at this place of the page's text stands."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text_page, pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, place), box)
    return box


def _line(raw: str, begin: Any, end: Any) -> Line:
    text = " ".join(_CUT_WORD.sub(_mended, raw).split())
    size = abs(begin.top - begin.bottom)
    return Line(text, left=begin.left, right=max(begin.right, end.right), bottom=begin.bottom, foot=end.bottom, size=size)


def _mended(match: re.Match[str]) -> str:
    return match[1] if match[1].islower() else "-" + match[1]


def _title(named: str, large: list[str], paragraphs: list[str]) -> tuple[str | None, str]:
    """The headline and where it was found: as it is printed, else as the file names it where the text bears that out.

    The name alone is often a form's or an older file's.
    """
    named = _PROGRAM.sub("", named)
    if not 2 <= len(named) <= MAX_TITLE or _FILE_NAME.search(named) or not re.search(r"[^\W\d_]{2}", named):
        named = ""
    printed = next((text for text in large if named and _alike(named, text)), None)
    if printed:
        return printed, "heading"
    if named and len(named.split()) > 1 and _alike(named, " ".join(paragraphs[:8])[:5_000]):
        return named, "pdf"
    large = [text for text in large if not _ADDRESS.search(text)]
    headline = next((text for text in large if len(text.split()) >= _SHORT_TITLE), large[0] if large else None)
    return (headline, "heading") if headline else (named or None, "pdf")


def _alike(title: str, text: str) -> bool:
    words = set(words_of(title))
    return bool(words) and len(words & set(words_of(text))) >= _ALIKE * len(words)


def _with_metadata(cleaned: Cleaned, told: dict[str, str], document: Document) -> Cleaned:
    """What neither the text nor the feed says, out of the file's own fields."""
    provenance = dict(cleaned.provenance)
    published, names = cleaned.published, cleaned.authors
    if published is None and (moment := dates.plausible(moment_of(told.get("CreationDate", "")), document.fetched_at)):
        published, provenance["published"] = moment, "pdf"
    if not names:
        people = [name for name in authors.split(told.get("Author", "")) if authors.looks_like_a_person(name)]
        if people:
            names, provenance["authors"] = tuple(people[: authors.MAX_AUTHORS]), "pdf"
    return replace(cleaned, published=published, authors=names, provenance=provenance)


def moment_of(text: str) -> datetime | None:
    """A date as PDF writes it (ISO 32000-1, 7.9.4): D:YYYYMMDDHHmmSSOHH'mm', all but the year optional; UTC without an offset."""
    match = _DATE.match(text.strip())
    if match is None:
        return None
    year, *parts = (int(part) if part else None for part in match.groups()[:6])
    month, day, hour, minute, second = (part if part is not None else least for part, least in zip(parts, (1, 1, 0, 0, 0), strict=True))
    offset = timedelta(hours=int(match[8] or 0), minutes=int(match[9] or 0)) * (-1 if match[7] == "-" else 1)
    try:
        return datetime(year or 0, month, day, hour, minute, second, tzinfo=timezone(offset) if offset else UTC)
    except ValueError:
        return None
