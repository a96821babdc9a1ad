"""When a page is looked at again after its first fetch, and when no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RECENT = timedelta(days=3)  # what was older when it was first read has had its edits
MOST_MORE = 2  # looks beyond the plan, at what is edited all the time
TRIES = 2  # repeats of a look that failed
TRY_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Look:
    """A look to come: the `number`-th after the first fetch, and which repeat of it."""

    number: int
    due_at: datetime
    tries: int = 0

    @property
    def generation(self) -> str:
        """What makes it different from an article's other looks."""
        return f"again:{self.number}" + (f".{self.tries}" if self.tries else "")


def first(plan: Sequence[timedelta], at: datetime, dated: datetime | None) -> Look | None:
    """The first look after a first fetch; `dated` is when the article was published, where a feed or its address says so."""
    if not plan or (dated is not None and at - dated > RECENT):
        return None
    return Look(number=1, due_at=at + plan[0])


def following(plan: Sequence[timedelta], number: int, due_at: datetime, now: datetime) -> Look | None:
    """The look after the `number`-th, which was due at `due_at`; those whose time passed meanwhile are left out. None after the last."""
    if number > len(plan):
        return None
    start = due_at - plan[number - 1]
    looks = (Look(number=at, due_at=start + after) for at, after in enumerate(plan, start=1) if at > number)
    return next((look for look in looks if look.due_at > now), None)


def one_more(plan: Sequence[timedelta], number: int, now: datetime) -> Look | None:
    """A look beyond the plan, as long after this one as the last of the plan is after the fetch."""
    at = max(number, len(plan)) + 1
    return Look(number=at, due_at=now + plan[-1]) if plan and at <= len(plan) + MOST_MORE else None


def repeat(number: int, tries: int, now: datetime) -> Look | None:
    """The same look once more, since it failed; None where it failed often enough."""
    return Look(number=number, due_at=now + TRY_AFTER * (tries + 1), tries=tries + 1) if tries < TRIES else None
