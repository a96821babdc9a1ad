"""Files as people have them, to the articles in them: `dateline add` and watched folders read them with the same functions.

What a file is its first bytes say where they can (PDF, gzip, WARC), else its name's ending, else what its text looks like.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath

from services.fetch.core.addresslist import MAX_LINES, read_addresses
from services.fetch.core.announce import announcement
from services.fetch.core.bytestream import Broken, ByteStream, Readable
from services.fetch.core.entries import Listing
from services.fetch.core.filelines import address, read_json_lines, too_large
from services.fetch.core.given import Given, Item, ReadListing, Refused
from services.fetch.core.media import is_listing, is_pdf
from services.fetch.core.warc import MARK, read_warc
from shared.encodings import is_gzip
from shared.stage import Reject

TYPES = {
    ".txt": "text/plain",
    ".text": "text/plain",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".xml": "feed",
    ".rss": "feed",
    ".atom": "feed",
    ".json": "json",
    ".jsonl": "lines",
    ".ndjson": "lines",
    ".urls": "list",
    ".warc": "warc",
}
PACKED = ".gz"
_START = 4096  # bytes that say what a file is
_HTML = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_ADDRESS_LINE = re.compile(rb"https?://[^\s<>\"]+(?:\s+#.*)?", re.IGNORECASE)
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org')


def type_of(name: str) -> str | None:
    """What the name's ending says: a media type, or feed, json, lines, list, warc; None for an ending that says nothing."""
    path = PurePath(name.lower())
    return TYPES.get(path.suffix if path.suffix != PACKED else PurePath(path.stem).suffix)


def read_file(label: str, file: Readable, read_listing: ReadListing, *, most: int, name: str | None = None) -> Iterator[Item]:
    """The articles in a file, and refusals of what is of no use in it. Raises nothing but what reading the file raises.

    `name` is the file's own (by default the label's last part), empty where it has none. Nothing of more than `most` bytes is held: a
    document, a feed or a line beyond that is refused; archives and JSON lines may be of any size. Feeds and sitemaps are read by
    `read_listing`.
    """
    name = PurePath(label).name if name is None else name
    stream = ByteStream(file)
    try:
        yield from _read(label, name, stream, read_listing, most)
    except Broken as problem:
        yield Refused(label=label, error_class="bad_encoding", detail=str(problem))
    except Reject as problem:
        yield Refused(label=label, error_class=problem.error_class, detail=problem.detail)


def _read(label: str, name: str, stream: ByteStream, read_listing: ReadListing, most: int) -> Iterator[Item]:
    start = stream.peek(_START)
    kind = _kind(name, start)
    if kind is None:
        raise Reject("unsupported_type", f"its name ends in none of {', '.join(TYPES)} (nor these and {PACKED})")
    if kind == "packed":
        raise Reject("bad_encoding", "packed twice")
    if kind == "warc":
        yield from read_warc(label, name, stream, most)
        return
    if kind == "lines":
        yield from read_json_lines(label, name, stream, most)
        return
    body = stream.read(most + 1)
    if len(body) > most:
        raise Reject("too_large", too_large(most))
    if not body.strip():
        raise Reject("empty_document", "there is nothing in it")
    if kind == "feed":
        yield from _entries(label, read_listing(body))
    elif kind == "list":
        yield from _addresses(label, read_addresses(body, limit=MAX_LINES))
    else:
        yield Given(label=label, name=name, body=body, content_type=kind)


def _kind(name: str, start: bytes) -> str | None:
    named = type_of(name)
    if is_gzip(start):
        return "packed"
    if start.startswith(MARK):
        return "warc"
    if is_pdf(start):
        return TYPES[".pdf"]
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if named == "json" or (not name and bare.startswith(b"{")):
        return "feed" if _JSON_FEED.search(start) else "lines"
    if named == "feed" and _HTML.match(bare):
        return TYPES[".html"]
    if named in (None, TYPES[".txt"]) and _is_address_list(start):
        return "list"
    if named or name:
        return named
    if bare.startswith(b"<"):
        return "feed" if bare.startswith(b"<?xml") or is_listing(start) else TYPES[".html"]
    return TYPES[".txt"]


def _is_address_list(start: bytes) -> bool:
    """Whether most lines that say something are http(s) addresses, and the others single words; the last one may be cut."""
    lines = start.removeprefix(b"\xef\xbb\xbf").splitlines()
    told = [bare for line in (lines[:-1] if len(start) >= _START else lines) if (bare := line.strip()) and not bare.startswith(b"#")]
    others = [line for line in told if not _ADDRESS_LINE.fullmatch(line)]
    return 2 * len(others) < len(told) and all(len(line.split()) == 1 for line in others)  # a mistyped one costs the rest nothing


def _addresses(label: str, listing: Listing) -> Iterator[Item]:
    yield from (address(entry["url"], entry["url"] or label) for entry in listing["entries"])
    yield from _junk(label, listing)


def _junk(label: str, listing: Listing) -> Iterator[Refused]:
    yield from (Refused(label=label, error_class=one["reason"], detail=one["detail"]) for one in listing["junk"])


def _entries(label: str, listing: Listing) -> Iterator[Item]:
    if listing["children"]:
        count = len(listing["children"])
        raise Reject("unsupported_type", f"an index of {count} sitemaps: `dateline sources add URL --kind sitemap` reads them")
    if not listing["entries"]:
        raise Reject("empty_document", "it has no entries")
    for entry in listing["entries"]:
        again = f"by hand {announcement(entry)}"
        yield address(entry["url"] or "", entry["url"] or label, generation=again, title=entry["title"], published=entry["published"])
    yield from _junk(label, listing)
