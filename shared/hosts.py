"""What all workers know together of the hosts that are fetched from: the names of its keys in Redis, and how to look at it.

Written by `services/fetch/hostscript.py`; what is lost with Redis costs pace and is learnt again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from redis import Redis

HOST = "dateline:host:"  # and the host's name: a hash, what is known of it
FAILED = "dateline:failed:"  # and the host's name: a set, addresses whose last request failed
ROBOTS = "dateline:robots:"  # and the origin: its robots.txt as last read
READING = "dateline:reading:"  # and the origin: who reads it now
SLOT = "slot:"  # and a token: a field of the hash, a request under way and when its lease ends
MOST_SHOWN = 2000


@dataclass(frozen=True, kw_only=True)
class HostView:
    """A host as it stands. `failures` is weighed by kind, since the last answer; `took_s` is what a request takes of late."""

    host: str
    state: Literal["closed", "open", "half-open"]
    resting_until: datetime | None  # of an open or half-open breaker
    held_until: datetime | None  # asked for by the host itself (Retry-After)
    failures: float
    rests: int  # openings in a row
    failing_since: datetime | None
    in_flight: int
    took_s: float


def host_states(redis: "Redis", *, most: int = MOST_SHOWN) -> list[HostView]:
    """Up to `most` hosts, those that rest or are held first, then by name. Raises redis.RedisError where Redis is away."""
    seconds, micros = redis.time()  # type: ignore[misc]
    now = seconds + micros / 1e6
    names: list[bytes] = []
    for key in redis.scan_iter(match=f"{HOST}*", count=500):
        names.append(key)
        if len(names) >= most:
            break
    with redis.pipeline(transaction=False) as asked:
        for key in names:
            asked.hgetall(key)  # type: ignore[no-untyped-call, unused-ignore]
        found = [view(key.decode("utf-8", "replace"), fields, now) for key, fields in zip(names, asked.execute(), strict=True)]
    return sorted(found, key=lambda one: (one.state == "closed" and one.held_until is None, one.host))


def view(key: str, fields: dict[bytes, bytes], now: float) -> HostView:
    """One host's hash, read at the moment `now` (seconds since 1970)."""
    values = {name.decode("utf-8", "replace"): value for name, value in fields.items()}

    def number(name: str) -> float:
        try:
            return float(values.get(name, b"0"))
        except ValueError:
            return 0.0

    def moment(seconds: float) -> datetime | None:
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**33 else None

    until = number("until")
    return HostView(
        host=key.removeprefix(HOST),
        state="closed" if until == 0 else "open" if now < until else "half-open",
        resting_until=moment(until),
        held_until=moment(number("held")) if number("held") > now else None,
        failures=number("score"),
        rests=int(number("rests")),
        failing_since=moment(number("since")),
        in_flight=sum(1 for name in values if name.startswith(SLOT) and number(name) > now),
        took_s=number("took"),
    )
