"""Writing a file that is complete or as it was, whoever reads it and whatever breaks meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def replaced(file: Path) -> Iterator[IO[bytes]]:
    """A binary file to write that takes the place of `file` when all went well; otherwise `file` is as it was.

    Written beside its place, synced, renamed: readers that opened or mapped the old one keep it. The folder must be there.
    """
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, file)
    finally:
        with suppress(OSError):
            beside.unlink()
