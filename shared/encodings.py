"""Undo the content encodings of HTTP (and of `.gz` files) in bounded steps: a bomb costs at most `max_bytes` of memory.

Every decoder is fed by slices and asked for a step at a time, so that neither a stream that grows a thousandfold nor one made of a
thousand streams costs more than its own length and its result's.
"""

import zlib
from collections.abc import Iterator

import brotli
import zstandard

from shared.stage import Reject

ACCEPTED = "gzip, deflate, br, zstd"  # for Accept-Encoding

_STEP = 1 << 16
_ZSTD_STEP = 256
_MAX_WINDOW = 1 << 23  # RFC 9659: what a zstd decoder must be able to hold, and no more
_MAX_MEMBERS = 1000  # gzip files may be strung together; empty ones without end are an attack


def decode(body: bytes, content_encoding: str, max_bytes: int) -> bytes:
    """The body without its content encoding.

    Raises `Reject("bad_encoding")` for an unknown, nested, broken or cut encoding, `Reject("too_large")` beyond `max_bytes`.
    """
    names = [name for part in content_encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if not names or not body:
        return body
    if len(names) > 1:
        raise Reject("bad_encoding", f"nested: {content_encoding[:100]}")
    try:
        return _joined(_pieces(names[0], body), max_bytes)
    except (zlib.error, zstandard.ZstdError, brotli.error, EOFError) as problem:
        raise Reject("bad_encoding", f"{names[0]}: {problem}") from problem


def is_gzip(body: bytes) -> bool:
    """Whether these bytes are a gzip file (as sitemaps often are, without saying so in a header)."""
    return body.startswith(b"\x1f\x8b\x08")


def _pieces(name: str, body: bytes) -> Iterator[bytes]:
    if name in ("gzip", "x-gzip"):
        return _inflated(body, 31)
    if name == "deflate":
        # RFC 9110 means zlib's format; some servers send the bare stream.
        bare = len(body) < 2 or body[0] & 0x0F != 8 or (body[0] << 8 | body[1]) % 31 != 0
        return _inflated(body, -15 if bare else 15)
    if name == "zstd":
        return _zstd(body)
    if name == "br":
        return _brotli(body)
    raise Reject("bad_encoding", f"unknown: {name[:40]}")


def _inflated(body: bytes, window: int) -> Iterator[bytes]:
    at = 0
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(window)
        while not member.eof:
            if at >= len(body):
                raise EOFError("cut short")
            rest = body[at : at + _STEP]
            at += len(rest)
            while rest and not member.eof:
                yield member.decompress(rest, _STEP)
                rest = member.unconsumed_tail
        at -= len(member.unused_data)
        if window != 31 or not is_gzip(body[at : at + 3]):
            return  # padding after the last member is common
    raise Reject("bad_encoding", "gzip: too many members")


def _zstd(body: bytes) -> Iterator[bytes]:
    # The stream reader does not notice a frame that ends early; fed by a few bytes, this one grows by 128 KiB for each 4 of them at most.
    decoder = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
    at = 0
    for _ in range(_MAX_MEMBERS):
        frame = decoder.decompressobj()
        while not frame.eof:
            if at >= len(body):
                raise EOFError("cut short")
            piece = body[at : at + _ZSTD_STEP]
            at += len(piece)
            yield frame.decompress(piece)
        at -= len(frame.unused_data)
        if at >= len(body):
            return
    raise Reject("bad_encoding", "zstd: too many frames")


def _brotli(body: bytes) -> Iterator[bytes]:
    """RFC 7932. The decoder holds a window of 16 MiB at most: the larger ones of later versions are an error to it."""
    stream = brotli.Decompressor()
    at = 0
    while not stream.is_finished():
        piece = body[at : at + _STEP] if stream.can_accept_more_data() else b""
        at += len(piece)
        found = stream.process(piece, output_buffer_limit=_STEP)
        if not found and not piece and not stream.is_finished():
            raise EOFError("cut short")
        yield found
    if at < len(body):
        raise EOFError("bytes after its end")


def _joined(pieces: Iterator[bytes], max_bytes: int) -> bytes:
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > max_bytes:
            raise Reject("too_large", f"more than {max_bytes} bytes decompressed")
    return bytes(whole)
