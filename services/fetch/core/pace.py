"""One host's line: who may ask it now, who waits a moment, who comes back later. Pure: the state and the time come as arguments.

The same rules stand a second time in `services/fetch/hostscript.py`, as scripts that Redis runs for all workers at once; a test holds
the two together. Times are seconds of any one clock.

The retry budget is Finagle's (`RetryBudget`; Google's SRE book, "Handling Overload", gives the reason): each request pays a fifth of a
retry in, a small income keeps quiet hosts going. A retry is a request for an address that failed here before.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from services.fetch.core.breaker import LONGEST_OUTAGE_S, OPENS_AT, rest_s

PATIENCE_S = 2.0  # how long somebody waits in a worker; who would wait longer is put off
FURTHEST_S = 600.0  # those put off come back one after the other, but none later than this after the line moves again
LEAST_SPACE_S = 0.01
LONGEST_DELAY_S = 30.0  # of a Crawl-delay
PAID_IN = 0.2  # of a retry, by each request
INCOME_S = 1 / 20  # retries a second that need no requests: three a minute
BUDGET_START, BUDGET_MOST = 3.0, 10.0
MOST_FAILED = 1000  # addresses of one host that are known to have failed
LATEST = 0.3  # how much the last request says about the next one's duration


class Word(StrEnum):
    """What who asks is told."""

    GO = "go"  # after so many seconds
    BUSY = "busy"  # wait for one of the requests under way to end
    PACED = "paced"  # the line is too long
    HELD = "held"  # the host asked for patience
    RESTING = "resting"  # it fails, and rests
    GONE = "gone"  # the same, for so long that nobody believes in it
    RETRIES = "retries"  # too many of its requests would be retries


class End(StrEnum):
    """How a request ended, as far as its host is concerned."""

    ANSWERED = "answered"  # whatever it said
    FAILED = "failed"
    BUSY = "busy"  # it asked for patience
    UNTRIED = "untried"  # nothing was asked, or we broke it off


@dataclass(frozen=True, kw_only=True)
class Manners:
    """How a host is treated."""

    at_once: int = 2
    apart_s: float = 0.5  # between the starts of two requests
    opens_at: float = OPENS_AT
    hold_s: float = 60.0  # a slot is free again after this time, whatever became of who took it


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A word, and seconds: to wait before the request (GO), between one of those who wait and the next (BUSY), else before asking again."""

    word: Word
    wait_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a request ended: `weight` of a failure, `hold_s` that the host asked for, `took_s` from the start."""

    end: End
    weight: float = 0.0
    hold_s: float = 0.0
    took_s: float = 0.0


@dataclass(kw_only=True)
class HostState:
    """What is known of a host. All times are moments, 0 for never."""

    last: float = 0.0  # start of the last request
    tail: float = 0.0  # when the last of those put off comes back
    took: float = 0.0  # seconds, of a request, the last ones weighing most
    held: float = 0.0  # until when it wants to be left alone
    score: float = 0.0  # failures in a row, weighed
    since: float = 0.0  # the first of them
    rests: int = 0  # openings in a row
    until: float = 0.0  # end of the rest; after it, half-open
    probe: float = 0.0  # end of the probe's lease
    prober: str = ""
    budget: float = BUDGET_START  # retries that may be made now
    budget_at: float = 0.0
    slots: dict[str, float] = field(default_factory=dict)  # token of a request: end of its lease
    failed: set[str] = field(default_factory=set)  # addresses whose last request failed


def enter(s: HostState, now: float, manners: Manners, *, token: str, delay_s: float = 0.0, page: str = "", last: bool = False) -> Verdict:
    """Ask for a turn. `delay_s` is the host's Crawl-delay; `page` names an address whose retries are budgeted; `last`: will not wait."""
    apart = max(manners.apart_s, min(delay_s, LONGEST_DELAY_S))
    s.slots = {one: end for one, end in s.slots.items() if end > now}
    # A request that is under way for long says that the host is slow before any has ended.
    takes = max(s.took, *(now - (end - manners.hold_s) for end in s.slots.values())) if s.slots else s.took
    space = max(apart, takes / manners.at_once, LEAST_SPACE_S)
    s.budget = min(BUDGET_MOST, s.budget + max(0.0, now - s.budget_at) * INCOME_S) if s.budget_at else s.budget
    s.budget_at = now
    again = page != "" and page in s.failed
    hindrance = _hindrance(s, now, again)
    if hindrance is not None:
        word, base = hindrance
        return _put_off(s, now, word, base, space)
    if len(s.slots) >= manners.at_once:
        if last or takes > PATIENCE_S:
            return _put_off(s, now, Word.PACED, now, space)
        return Verdict(word=Word.BUSY, wait_s=space)
    start = max(now, s.last + apart)
    if start - now > PATIENCE_S:
        return _put_off(s, now, Word.PACED, s.last, space)
    s.last = start
    s.slots[token] = start + manners.hold_s
    if s.until > 0:
        s.probe, s.prober = start + manners.hold_s, token
    s.budget = s.budget - 1 if again else min(BUDGET_MOST, s.budget + PAID_IN)
    return Verdict(word=Word.GO, wait_s=start - now)


def leave(s: HostState, now: float, manners: Manners, ended: Ended, *, token: str, page: str = "") -> None:
    """Give the turn back, and say how the request ended."""
    s.slots.pop(token, None)
    probed = s.prober == token
    if probed:
        s.probe, s.prober = 0.0, ""
    if ended.end in (End.ANSWERED, End.FAILED):
        s.took += LATEST * (ended.took_s - s.took)
    if ended.end is End.ANSWERED:
        s.failed.discard(page)
    if ended.end is End.BUSY:
        s.held = max(s.held, now + ended.hold_s)
    if ended.end is End.ANSWERED or (ended.end is End.BUSY and probed):
        s.score = s.since = s.until = 0.0
        s.rests = 0
    if ended.end is End.FAILED:
        s.since = s.since or now
        if page and len(s.failed) < MOST_FAILED:
            s.failed.add(page)
        if probed:
            s.rests += 1
            s.until = now + rest_s(s.rests)
        elif s.until == 0:
            s.score += ended.weight
            if s.score >= manners.opens_at:
                s.rests = 1
                s.until = now + rest_s(1)


def _hindrance(s: HostState, now: float, again: bool) -> tuple[Word, float] | None:
    """Why nobody, or no retry, may ask now, and until when at least."""
    if s.held > now:
        return Word.HELD, s.held
    if s.until > 0:
        word = Word.GONE if now - s.since > LONGEST_OUTAGE_S else Word.RESTING
        if now < s.until:
            return word, s.until
        if s.probe > now:
            return word, now + min(s.probe - now, max(s.took, 1.0))
    elif again and s.budget < 1:
        return Word.RETRIES, now + (1 - s.budget) / INCOME_S
    return None


def _put_off(s: HostState, now: float, word: Word, base: float, space: float) -> Verdict:
    """Back after all who were put off before, a turn's distance apart: else all would come at once, to be put off again."""
    base = max(base, now)
    tail = max(s.tail, base) + space
    s.tail = tail if tail <= base + FURTHEST_S else base + space
    return Verdict(word=word, wait_s=s.tail - now)
