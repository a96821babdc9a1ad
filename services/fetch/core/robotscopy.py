"""A host's robots.txt as it was last read, and what stands while it cannot be read (RFC 9309, 2.3.1 and 2.4). Times: seconds since 1970."""

import json
import re
import zlib
from dataclasses import asdict, dataclass, replace

from services.fetch.core.robots import MAX_BYTES, Rules

LONGEST_FRESH_S = 86_400.0  # 2.4: no copy is used for longer than a day, unless the file cannot be reached
LEAST_FRESH_S = 600.0  # however short-lived a host calls it: pages would wait for it again and again
LONGEST_UNREAD_S = 30 * 86_400.0  # 2.3.1.4: for so long a copy stands in; without one, so long nothing is allowed
_FIRST_AGAIN_S, _LONGEST_AGAIN_S = 60.0, 3600.0  # until it is tried again
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[\s,])no-(?:store|cache)(?:$|[\s,=])", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """`status` 0: never read. `until`: when it is read again. `failing_since` 0: the last reading went well."""

    status: int = 0
    body: bytes = b""
    read_at: float = 0.0
    until: float = 0.0
    failing_since: float = 0.0
    failures: int = 0
    error_class: str = ""  # of the last reading


def fresh_s(cache_control: str | None) -> float:
    """How long a copy is used: as long as `Cache-Control` says, at least ten minutes, at most a day."""
    said = _MAX_AGE.search(cache_control or "")
    if _NOT_KEPT.search(cache_control or ""):
        return LEAST_FRESH_S
    return min(max(float(said[1]), LEAST_FRESH_S), LONGEST_FRESH_S) if said else LONGEST_FRESH_S


def answered(now: float, status: int, body: bytes, cache_control: str | None = None) -> Copy:
    """The copy after the host answered with a file, or (4xx) that there is none."""
    return Copy(status=status, body=body[:MAX_BYTES], read_at=now, until=now + fresh_s(cache_control))


def failed(now: float, old: Copy | None, error_class: str, after_s: float = 0.0) -> Copy:
    """The copy after a reading failed: the old one stands, and is tried again later and later, not before `after_s`."""
    old = old or Copy()
    again = min(_FIRST_AGAIN_S * 2.0 ** min(old.failures, 10), _LONGEST_AGAIN_S)
    return replace(
        old,
        until=now + max(again, after_s),
        failing_since=old.failing_since or now,
        failures=old.failures + 1,
        error_class=error_class,
    )


def standing(copy: Copy, now: float) -> Rules | None:
    """The rules that hold now; None where nothing is allowed for now."""
    if copy.failing_since == 0 or (copy.status and now - copy.read_at <= LONGEST_UNREAD_S):
        return Rules(copy.body, copy.status)
    return Rules(b"", 404) if now - copy.failing_since > LONGEST_UNREAD_S else None


def packed(copy: Copy) -> bytes:
    """The copy as it is kept for all workers."""
    head = asdict(copy)
    del head["body"]
    return zlib.compress(json.dumps(head).encode() + b"\n" + copy.body)


def unpacked(kept: bytes) -> Copy | None:
    """The copy back; None where this is none."""
    try:
        head, _, body = zlib.decompressobj().decompress(kept, MAX_BYTES + 4096).partition(b"\n")
        return Copy(**json.loads(head), body=body)
    except (zlib.error, ValueError, TypeError):
        return None
