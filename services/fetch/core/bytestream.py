"""A file's bytes one bounded piece after the other, unpacked where they are gzip: what reads archives of any size in little memory."""

import zlib
from typing import Protocol

from shared.encodings import is_gzip

STEP = 1 << 16
_MAGIC = b"\x1f\x8b\x08"
_GZIP = 31  # zlib's window for gzip's format


class Readable(Protocol):
    """A file open for reading bytes."""

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes at most; none at the end."""


class Broken(Exception):
    """The bytes are not what they should be; the text says how. `cut`: the file ends in the middle of something."""

    def __init__(self, said: str, *, cut: bool = False) -> None:
        super().__init__(said)
        self.cut = cut


class ByteStream:
    """The bytes of a file (unpacked; any number of gzip members in a row), read forward.

    Whatever is asked for, no more is held than that, one piece of 64 KiB and what the caller put back. Each method raises `Broken` where
    the packed bytes are damaged or end too soon; `recover` goes on behind such a place.
    """

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._raw = file.read(STEP)
        self._buffer = bytearray()
        self._member: zlib._Decompress | None = None
        self._lost = False  # the end of the last member is not known
        self.packed = is_gzip(self._raw)

    @property
    def damaged(self) -> bool:
        """Whether the packed bytes broke, and what follows has not been looked for yet."""
        return self._lost

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, which stay; fewer at the end."""
        while len(self._buffer) < size and self._fill():
            pass
        return bytes(self._buffer[:size])

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer at the end."""
        found = self.peek(size)
        del self._buffer[: len(found)]
        return found

    def line(self, most: int) -> bytes:
        """The next line with its end; empty at the end of the file. Raises `Broken` for one of more than `most` bytes, all of it read."""
        looked = 0
        while (end := self._buffer.find(b"\n", looked)) < 0:
            looked = len(self._buffer)
            if looked > most:
                self.find(b"\n")
                self.read(1)
                raise Broken(f"a line of more than {most} bytes")
            if not self._fill():
                end = len(self._buffer) - 1
                break
        return self.read(end + 1)

    def skip(self, size: int) -> int:
        """Pass over `size` bytes. Returns how many there were."""
        left = size
        while left:
            if not self._buffer and not self._fill():
                break
            passed = min(left, len(self._buffer))
            del self._buffer[:passed]
            left -= passed
        return size - left

    def put_back(self, some: bytes) -> None:
        """Have these bytes read next."""
        self._buffer[:0] = some

    def find(self, mark: bytes) -> bool:
        """Pass over everything before the next `mark`. False where there is none to the end."""
        while (at := self._buffer.find(mark)) < 0:
            del self._buffer[: max(0, len(self._buffer) - len(mark) + 1)]
            if not self._fill():
                return False
        del self._buffer[:at]
        return True

    def recover(self, mark: bytes) -> bool:
        """Go on at the next line that begins with `mark`, in this member or a later one. False where there is none."""
        if self._lost:
            self._buffer.clear()
        self.put_back(b"\n")
        found = self.find(b"\n" + mark)
        self.read(1)
        return found

    def _fill(self) -> bool:
        piece = self._unpacked() if self.packed else self._taken()
        self._buffer += piece
        return bool(piece)

    def _taken(self) -> bytes:
        raw = self._raw or self._file.read(STEP)
        self._raw = b""
        return raw

    def _unpacked(self) -> bytes:
        while (member := self._member or self._begin()) is not None:
            self._raw = self._raw or self._file.read(STEP)
            if not self._raw:
                self._member, self._lost = None, True
                raise Broken("the file is cut short", cut=True)
            try:
                piece = member.decompress(self._raw, STEP)
            except zlib.error as problem:
                self._member, self._lost, self._raw = None, True, self._raw[1:]
                raise Broken(f"damaged: {problem}") from problem
            self._raw = member.unconsumed_tail
            self._member = None if member.eof else member
            if member.eof:
                self._raw = member.unused_data
            if piece:
                return piece
        return b""

    def _begin(self) -> "zlib._Decompress | None":
        """What unpacks the next gzip member; None at the end of the file."""
        while True:
            self._raw += self._file.read(STEP) if len(self._raw) < len(_MAGIC) else b""
            at = self._raw.find(_MAGIC)
            if at < 0 and not self._raw.strip(b"\0"):
                if len(self._raw) < len(_MAGIC):  # padding after the last member is common
                    return None
                self._raw = b""
                continue
            if at == 0 or (at > 0 and self._lost):
                self._raw, self._lost = self._raw[at:], False
                return zlib.decompressobj(_GZIP)
            if len(self._raw) < len(_MAGIC):
                return None
            if not self._lost:
                self._lost = True
                raise Broken("there are bytes between its gzip members")
            self._raw = self._raw[-2:]
