"""The raw store: every document as it was received, under the hash of its bytes, so that all that follows can be made again.

`ab/cd/abcd….zst` below one folder, zstd-compressed. A file is complete or absent: written beside its place, synced, renamed, and the
folder synced, before the transaction that names it commits.
"""

import os
import re
import tempfile
from collections.abc import Callable, Container, Iterator, Sequence
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
        with suppress(OSError):  # not there, or not ours to touch: it is written
            os.utime(place)  # it may be an orphan that is about to be swept
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
        """The bytes of this hash. Raises `RawMissing` where they are absent, damaged or beyond the store's limit, OSError where the disk
        fails or is not ours."""
        try:
            packed = self._place(name).read_bytes()
            size = zstandard.frame_content_size(packed)
            if not 0 <= size <= self._max_bytes:
                raise RawMissing(f"{name}: {size} bytes")
            body = zstandard.ZstdDecompressor().decompress(packed, max_output_size=self._max_bytes) if size else b""
        except (FileNotFoundError, zstandard.ZstdError) as problem:
            raise RawMissing(f"{name}: {problem}") from problem
        if sha256(body).hexdigest() != name:
            raise RawMissing(f"{name}: damaged")
        return body

    def __contains__(self, name: str) -> bool:
        return self._place(name).exists()

    def remove(self, name: str, *, older_than: float) -> None:
        """Remove a document that was last put before `older_than` (seconds since 1970): a younger one may be about to be named by a row."""
        place = self._place(name)
        with suppress(FileNotFoundError):
            if place.stat().st_mtime < older_than:
                place.unlink()

    def orphans(self, shelf: int, known: Callable[[Sequence[str]], Container[str]], *, older_than: float) -> Iterator[Path]:
        """Files in folder `shelf` of the store's 65,536 whose hashes are not among `known(hashes)`, and halves of writes.

        Only those last changed before `older_than` (seconds since 1970): the row that names a younger one may be about to be written.
        """
        place = self.folder / f"{shelf >> 8 & 255:02x}" / f"{shelf & 255:02x}"
        files = {path.name.removesuffix(".zst"): path for path in place.glob("*")}
        kept = known(list(files)) if files else ()
        for name, path in files.items():
            if name not in kept:
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
