"""Content encodings: undone within bounds, refused where they lie."""

import contextlib
import gzip
import os
import tracemalloc
import zlib

import brotli
import pytest
import zstandard

from shared.encodings import decode
from shared.stage import Reject

TEXT = b"Harbour reopens after the storm. " * 500


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
    "GZIP ": gzip.compress(TEXT) + b"\0" * 8,
    "deflate": zlib.compress(TEXT),
    "identity, zstd": zstandard.compress(TEXT),
    "zstd": zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]),
    "br": brotli.compress(TEXT),
    "BR": brotli.compress(TEXT, lgwin=24),
    "": TEXT,
    "identity": TEXT,
}


@pytest.mark.parametrize("name", PACKED)
def test_what_is_announced_is_undone(name: str) -> None:
    assert decode(PACKED[name], name, 1 << 20) == TEXT


def test_a_bare_deflate_stream_is_read_too() -> None:
    assert decode(bare_deflate(TEXT), "deflate", 1 << 20) == TEXT


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT))),
        ("br", TEXT),
        ("br", brotli.compress(TEXT)[:-3]),
        ("br", brotli.compress(TEXT) + b"more"),
        ("br", b"\x11\x1e" + bytes(100)),  # a window of 1 GiB, which RFC 7932 does not know
        ("gzip, br", brotli.compress(gzip.compress(TEXT))),
        ("zstd", bytes.fromhex("28b52ffd0488") + bytes(100)),  # a window of 128 MiB
        ("utf-8", TEXT),
        ("gzip", TEXT),
        ("gzip", gzip.compress(TEXT)[:-40]),
        ("deflate", zlib.compress(TEXT)[:-40]),
        ("zstd", zstandard.compress(TEXT)[:-3]),
        ("zstd", TEXT),
        ("gzip", gzip.compress(b"") * 2000),
    ],
)
def test_what_lies_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(Reject) as refusal:
        decode(body, name, 1 << 20)
    assert refusal.value.error_class == "bad_encoding"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", gzip.compress(bytes(50_000_000))),
        ("deflate", bare_deflate(bytes(50_000_000))),
        ("zstd", zstandard.compress(bytes(50_000_000))),
        ("br", brotli.compress(bytes(50_000_000), quality=5)),
        ("gzip", gzip.compress(bytes(10_000)) * 500),
    ],
)
def test_a_bomb_is_stopped_at_the_limit(name: str, body: bytes) -> None:
    with pytest.raises(Reject) as refusal:
        decode(body, name, 1_000_000)
    assert refusal.value.error_class == "too_large"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", gzip.compress(b"") * 900 + gzip.compress(os.urandom(1 << 20), 1)),
        ("br", brotli.compress(bytes(100_000_000), quality=5, lgwin=24)),
        ("zstd", zstandard.compress(bytes(100_000_000))),
    ],
    ids=["gzip", "br", "zstd"],
)
def test_a_decoder_takes_little_more_than_its_limit(name: str, body: bytes) -> None:
    tracemalloc.start()
    with contextlib.suppress(Reject):
        decode(body, name, 2 << 20)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 << 20
