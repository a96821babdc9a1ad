"""The raw store: every document as it was received, under the hash of its bytes, so that all that follows can be made again.

`ab/cd/abcd….zst` below one folder, zstd-compressed. A file is complete or absent: written beside its place, synced, renamed, and the
folder synced, before the transaction that names it commits.
"""

import os
import re
import tempfile
from collections.abc import Container, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import zstandard

_NAME = re.compile(r"[0-9a-f]{64}")
_MAX_BYTES = 1 << 28


class RawMissing(LookupError):
    """The raw store holds no intact document of this hash."""


class RawStore:
    """A folder of documents. Several processes may share it."""

    def __init__(self, folder: Path, *, max_bytes: int = _MAX_BYTES) -> None:
        self.folder = folder
        self._max_bytes = max_bytes

    def put(self, body: bytes) -> str:
        """Keep these bytes; returns their SHA-256 in hexadecimal. The same bytes again change nothing."""
        name = sha256(body).hexdigest()
        place = self._place(name)
        if place.exists():
            return name
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zstandard.ZstdCompressor(level=3).compress(body))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, place)
        except OSError:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        for folder in (place.parent, place.parent.parent, self.folder):  # new folders are entries too
            _sync_folder(folder)
        return name

    def get(self, name: str) -> bytes:
        """The bytes of this hash. Raises `RawMissing` where they are absent, damaged or beyond the store's limit."""
        try:
            packed = self._place(name).read_bytes()
            size = zstandard.frame_content_size(packed)
            if not 0 <= size <= self._max_bytes:
                raise RawMissing(f"{name}: {size} bytes")
            body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=self._max_bytes) if size else b""
        except (OSError, zstandard.ZstdError) as problem:
            raise RawMissing(f"{name}: {problem}") from problem
        if sha256(body).hexdigest() != name:
            raise RawMissing(f"{name}: damaged")
        return body

    def __contains__(self, name: str) -> bool:
        return self._place(name).exists()

    def orphans(self, known: Container[str], *, older_than: float) -> Iterator[Path]:
        """Files that no `known` hash names, and halves of writes, last changed before `older_than` (seconds since 1970)."""
        for path in self.folder.glob("*/*/*"):
            if path.name.removesuffix(".zst") not in known:
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime < older_than:
                        yield path

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise RawMissing(f"no SHA-256: {name[:80]!r}")
        return self.folder / name[:2] / name[2:4] / f"{name}.zst"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
