"""An answer's headers as they are kept beside its document."""

from collections.abc import Iterable

MAX_HEADERS = 64
MAX_BYTES = 8192  # of all names and values
# What a server wants only this client to hold.
_SECRET = frozenset((b"set-cookie", b"set-cookie2"))


def kept_headers(received: Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
    """[name, value] in order, as received, without cookies; those that are too many or too long are left out."""
    kept: list[list[str]] = []
    left = MAX_BYTES
    for name, value in received:
        size = len(name) + len(value)
        if size <= left and len(kept) < MAX_HEADERS and name.lower() not in _SECRET:
            left -= size
            kept.append([name.decode("latin-1"), _text(value)])
    return kept


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
