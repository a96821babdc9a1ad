"""An HTTP answer as archives keep it: status, headers and body in one piece of bytes."""

import re
from dataclasses import dataclass

from shared.encodings import decode
from shared.stage import Reject

MAX_HEADERS, MAX_VALUE = 100, 4000
_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})\b")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")


@dataclass(frozen=True, slots=True)
class Message:
    """The head of an answer. Header names in lower case."""

    status: int | None
    headers: tuple[tuple[str, str], ...]

    def first(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for one, value in self.headers if one == name), None)


def read_message(block: bytes, most_head: int) -> tuple[Message, bytes] | None:
    """The head and the body as it was sent; None where this is no HTTP answer, or its head is longer than `most_head` bytes."""
    status = _STATUS.match(block)
    end = _END.search(block, 0, most_head)
    if status is None or (end is None and len(block) > most_head):
        return None
    head, body = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    headers = []
    for line in re.sub(rb"\r?\n[ \t]+", b" ", head).splitlines()[1 : MAX_HEADERS + 1]:
        name, colon, value = line.partition(b":")
        if colon and name.strip():
            headers.append((text_of(name).strip().lower()[:200], text_of(value).strip()[:MAX_VALUE]))
    return Message(int(status[1]), tuple(headers)), body


def unpacked(body: bytes, message: Message, most: int) -> bytes:
    """The body without transfer and content encodings.

    Archives keep bodies as they were sent, or decoded under headers that say otherwise; what is no chunked or packed body although it is
    called one is left as it is. Raises `Reject` as `shared.encodings.decode` does, too_large for more than `most` bytes.
    """
    if "chunked" in (message.first("transfer-encoding") or "").lower():
        body = _dechunked(body)
    encoding = message.first("content-encoding") or ""
    if encoding and not body[:400].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"%PDF-")):
        body = decode(body, encoding, most)
    if len(body) > most:
        raise Reject("too_large", f"more than {most} bytes")
    return body


def text_of(some: bytes) -> str:
    """A header's text: UTF-8, else Latin-1, without what is no text."""
    try:
        text = some.decode()
    except UnicodeDecodeError:
        text = some.decode("latin-1")
    return "".join(c for c in text if c == "\t" or c.isprintable())


def _dechunked(body: bytes) -> bytes:
    """The chunks' contents (RFC 9112, 7.1). A body that ends too soon is what there is of it; one that is not chunked stays as it is."""
    whole = bytearray()
    at = 0
    while match := _CHUNK.match(body, at):
        size = int(match[1], 16)
        at = match.end()
        if size == 0:
            return bytes(whole)
        whole += body[at : at + size]
        at += size
        if body[at : at + 2] == b"\r\n":
            at += 2
        elif body[at : at + 1] == b"\n":
            at += 1
        elif at < len(body):
            return body
    return bytes(whole) if at >= len(body) and at else body
