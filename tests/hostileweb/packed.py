"""Content encodings that explode, lie, or are cut."""

import gzip
import zlib
from functools import cache

import brotli
import zstandard
from hostileweb.case import ARTICLE, Case, answer, item, rss, saying, story

_PAGE = story(4).encode()
_FEED = rss(item("http://wire.test/a")).encode()


@cache
def bomb(megabytes: int) -> bytes:
    """Zeros."""
    return bytes(megabytes << 20)


def _nested() -> bytes:
    return gzip.compress(gzip.compress(bomb(64)))


def _case(name: str, end: str, body: bytes, encoding: str, **more: str) -> Case:
    says = saying(answer(body, Content_Encoding=encoding, Content_Type="text/html", **more))
    return Case(name=name, says=says, feed=1 if end == ARTICLE and "feed" in name else None if end == ARTICLE else end, page=end)


def cases() -> list[Case]:
    """All of them."""
    return [
        _case("gzip-bomb", "too_large", gzip.compress(bomb(64)), "gzip"),
        _case("deflate-bomb", "too_large", zlib.compress(bomb(64)), "deflate"),
        _case("brotli-bomb", "too_large", brotli.compress(bomb(64), quality=5, lgwin=24), "br"),
        _case("zstd-bomb", "too_large", zstandard.compress(bomb(64)), "zstd"),
        _case("gzip-in-gzip", "bad_encoding", _nested(), "gzip, gzip"),
        _case("gzip-in-brotli", "bad_encoding", brotli.compress(gzip.compress(_PAGE)), "gzip, br"),
        _case("gzip-said-twice", "bad_encoding", gzip.compress(_PAGE), "gzip\r\nContent-Encoding: gzip"),
        _case("gzip-that-is-plain", "bad_encoding", _PAGE, "gzip"),
        _case("brotli-that-is-plain", "bad_encoding", _PAGE, "br"),
        _case("zstd-that-is-gzip", "bad_encoding", gzip.compress(_PAGE), "zstd"),
        _case("gzip-cut", "bad_encoding", gzip.compress(_PAGE)[:-40], "gzip"),
        _case("brotli-cut", "bad_encoding", brotli.compress(_PAGE)[:-4], "br"),
        _case("gzip-members", "bad_encoding", gzip.compress(b"") * 3000, "gzip"),
        _case("zstd-window", "bad_encoding", bytes.fromhex("28b52ffd04c8") + bytes(200), "zstd"),
        _case("brotli-window", "bad_encoding", b"\x11\x1e" + bytes(200), "br"),
        _case("unknown-encoding", "bad_encoding", _PAGE, "snappy"),
        _case("brotli-page", ARTICLE, brotli.compress(_PAGE), "br"),
        _case("zstd-page", ARTICLE, zstandard.compress(_PAGE), "zstd"),
        _case("bare-deflate-page", ARTICLE, zlib.compress(_PAGE)[2:-4], "deflate"),
        # A browser offers this for download; a feed is known by its first bytes.
        Case(name="gzip-not-said", says=saying(answer(gzip.compress(_PAGE), Content_Type="text/html")), page="unsupported_type"),
        Case(name="feed-gzip-not-said", says=saying(answer(gzip.compress(_FEED), Content_Type="text/xml")), feed=1),
        Case(name="feed-gzip-bomb", says=saying(answer(gzip.compress(bomb(100)), Content_Type="text/xml")), feed="too_large"),
        Case(name="feed-brotli", says=saying(answer(brotli.compress(_FEED), Content_Encoding="br")), feed=1),
    ]
