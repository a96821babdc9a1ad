"""WARC files (ISO 28500, https://iipc.github.io/warc-specifications/), Common Crawl's CC-NEWS and our own, to the articles in them.

The framing is read here and not by warcio: what reads foreign files must bound lines, headers and records, tell a damaged file from one
that ends, and go on behind the damage. It does no more than compare prefixes and count bytes, so it may run in any process; what is
inside the records is parsed where it can be killed, by the stage clean.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from services.fetch.core import directives
from services.fetch.core.bytestream import Broken, ByteStream
from services.fetch.core.entries import MAX_TITLE, moment, plain
from services.fetch.core.filelines import MAX_OUTLET, address, moment_of
from services.fetch.core.given import Given, Item, LeftOut, Refused
from services.fetch.core.httpmessage import Message, read_message, text_of, unpacked
from services.fetch.core.media import check_readable, is_listing
from shared.stage import Reject

MARK = b"WARC/"
AGENT = "dateline"  # whom publishers may have meant
MAX_BROKEN = 100  # places of one file that are damaged; then the rest is given up
_MAX_LINE = 16_384  # bytes
_MAX_HEADERS = 100
_MAX_BLANK = 8
_HTTP_HEAD = 65_536  # bytes of a record that are not the document
_MAX_REASONS = 40
_REASONS = {"too_large": "too large (DATELINE_FETCH_MAX_BYTES)", "empty_document": "empty"}
# Fields of our own exports: what is known of an article besides its document. Others pass over fields that they do not know.
OUTLET, FEED_TITLE, FEED_PUBLISHED, ANNOUNCED = "Dateline-Outlet", "Dateline-Feed-Title", "Dateline-Feed-Published", "Dateline-Announced"


@dataclass(frozen=True, slots=True)
class Record:
    """A WARC record: its header fields by their lower-case names, and its block; None where that is too large to be looked at."""

    headers: dict[str, str]
    block: bytes | None

    @property
    def kind(self) -> str:
        """response, request, warcinfo, …"""
        return self.headers.get("warc-type", "").lower()

    @property
    def target(self) -> str:
        """What it is a record of; some programs put angle brackets around it."""
        return self.headers.get("warc-target-uri", "").strip("<> ")


class _LeftOut(Exception):
    """A record that is no article material; the text says why."""


def read_warc(label: str, name: str, stream: ByteStream, most: int) -> Iterator[Item]:
    """The documents of a WARC file that can be articles: responses of status 200 with a type that is read, and resources.

    A damaged record is refused, and what follows it is read. At the end one LeftOut counts what is no article material. No document may
    have more than `most` bytes, packed or not.
    """
    left: Counter[str] = Counter()
    number = broken = 0
    while True:
        number += 1
        where = f"{label}: record {number}"
        try:
            record = next_record(stream, most + _HTTP_HEAD)
            if record is None:
                break
            yield _item(record, where, name, most)
        except _LeftOut as reason:
            left[str(reason) if len(left) < _MAX_REASONS or str(reason) in left else "of other kinds"] += 1
        except Broken as problem:
            broken += 1
            yield Refused(label=where, error_class="archive_malformed", detail=str(problem))
            if problem.cut or not _goes_on(stream):
                break
            if broken >= MAX_BROKEN:
                yield Refused(label=label, error_class="archive_malformed", detail=f"{broken} damaged places: the rest is not read")
                break
    if left:
        yield LeftOut(label=label, reasons=left)


def next_record(stream: ByteStream, most: int) -> Record | None:
    """The next record, its block only where it has at most `most` bytes; None at the end. Raises `Broken`."""
    for _ in range(_MAX_BLANK):
        line = stream.line(_MAX_LINE)
        if not line:
            return None
        if line.strip():
            break
    if not line.startswith(MARK):
        raise Broken("no record begins where one should")
    headers = _headers(stream)
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal() and len(length) < 16):
        raise Broken("a record without a Content-Length")
    return Record(headers, _block(stream, int(length), most))


def _headers(stream: ByteStream) -> dict[str, str]:
    headers: dict[str, str] = {}
    last = ""
    for _ in range(_MAX_HEADERS):
        line = stream.line(_MAX_LINE)
        if not line:
            raise Broken("the file is cut short", cut=True)
        if not line.strip():
            return headers
        text = text_of(line)
        if line[:1] in b" \t" and last:
            headers[last] += " " + text.strip()
            continue
        last, _, value = text.partition(":")
        last = last.strip().lower()
        headers[last] = value.strip()
    raise Broken(f"more than {_MAX_HEADERS} lines of header fields")


def _block(stream: ByteStream, length: int, most: int) -> bytes | None:
    block = stream.read(length) if length <= most else None
    got = len(block) if block is not None else stream.skip(length)
    if got < length and (block is None or b"\n" + MARK not in block):
        raise Broken(f"the file is cut short: {got} of {length} bytes", cut=True)
    if got < length or stream.peek(1) not in (b"", b"\r", b"\n", MARK[:1]):  # no further: behind it the file may be damaged
        if block is not None:
            stream.put_back(block)  # the next record may begin in it
        raise Broken(f"its Content-Length of {length} is wrong")
    return block


def _goes_on(stream: ByteStream) -> bool:
    while True:
        try:
            return stream.recover(MARK)
        except Broken as problem:
            if problem.cut:
                return False


def _item(record: Record, where: str, name: str, most: int) -> Item:
    try:
        message, body = _opened(record)
        content_type = message.first("content-type")
        body = unpacked(body, message, most)
        check_readable(body, content_type)
    except Reject as problem:
        if problem.error_class == "unsupported_type":
            raise _LeftOut(_media(content_type)) from problem
        if problem.error_class in _REASONS:
            raise _LeftOut(_REASONS[problem.error_class]) from problem
        return Refused(label=f"{where} ({record.target[:200]})", error_class=problem.error_class, detail=problem.detail)
    if is_listing(body):
        raise _LeftOut("feeds and sitemaps")
    told = record.headers
    outlet = plain(told.get(OUTLET.lower()), MAX_OUTLET)
    known: dict[str, Any] = {
        "body": body,
        "content_type": content_type,
        "at": moment_of(told.get("warc-date")),
        "title": plain(told.get(FEED_TITLE.lower()), MAX_TITLE),
        "published": moment(told.get(FEED_PUBLISHED.lower())),
    }
    if not _is_web(record.target):
        return Given(label=f"{where} ({outlet})", name=outlet or name, **known)  # as it came: cleaning looks for its outlet again
    announced = told.get(ANNOUNCED.lower()) or record.target
    known |= {"name": name, "outlet": outlet, "directives": directives.read(message.headers, body, AGENT)}
    return address(announced, announced[:500], status=message.status, headers=message.headers, found_at=record.target, **known)


def _opened(record: Record) -> tuple[Message, bytes]:
    """Head and body of a record that may hold an article."""
    if record.kind not in ("response", "resource"):
        raise _LeftOut(plain(record.kind, 40) or "without a type")
    media = record.headers.get("content-type", "")
    if record.kind == "resource":
        if not _is_web(record.target) and OUTLET.lower() not in record.headers:
            raise _LeftOut("resources without an address")
        message, body = Message(None, (("content-type", media),)), record.block
    elif not media.lower().startswith("application/http") or not _is_web(record.target):
        raise _LeftOut("answers of other protocols")
    elif urlsplit(record.target).path == "/robots.txt":
        raise _LeftOut("robots.txt")
    elif record.block is None:
        message, body = Message(None, ()), None
    elif (found := read_message(record.block, _HTTP_HEAD)) is None:
        raise Reject("http_failed", "its block is no HTTP answer")
    elif found[0].status != 200:
        raise _LeftOut(f"status {found[0].status}")
    else:
        message, body = found
    if body is None:
        raise _LeftOut(_REASONS["too_large"])
    return message, body


def _media(content_type: str | None) -> str:
    return plain((content_type or "").partition(";")[0].strip().lower(), 40) or "without a type"


def _is_web(target: str) -> bool:
    return target.lower().startswith(("http://", "https://"))
