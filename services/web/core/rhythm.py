"""A source's rhythm as a chart: seven days of 24 hours, darker where more comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = 168
_FIRST_DAY = 3  # hours of the week count from 1 January 1970, a Thursday


@dataclass(frozen=True)
class Cell:
    """One hour of the week (UTC): its place, the share of the fullest hour, and what it says of itself."""

    day: int  # 0: Monday
    hour: int
    share: float  # 0..1
    told: str


def cells(rhythm: Mapping[str, Any] | None) -> Sequence[Cell]:
    """The cells of a `Source.rhythm`; none where nothing is known yet."""
    counts = (rhythm or {}).get("counts") or []
    most = max(counts, default=0.0)
    if len(counts) != _WEEK or most <= 0:
        return ()
    found = []
    for place, count in enumerate(counts):
        day, hour = (place // 24 + _FIRST_DAY) % 7, place % 24
        found.append(Cell(day, hour, round(count / most, 3), f"{DAYS[day]} {hour:02}:00, {count:.1f} entries"))
    return sorted(found, key=lambda cell: (cell.day, cell.hour))
