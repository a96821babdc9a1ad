"""Where a report says that it comes from: `BERGEN, Norway, March 3 (Agency) -` before its first sentence."""

import re
from dataclasses import dataclass

MAX_CHARS = 200  # a dateline ends within them

# A place in capitals, perhaps more places or a date, then an agency in brackets, or a dash.
_DATELINE = re.compile(
    r"\s*(?P<place>[^\W\d_]{3,}(?:[^.!?()\n]|(?<=[^\W\d_]{3})\.(?= )){0,60}?)"
    r"(?:\s*\((?P<agency>[^()\n]{2,40})\)\s*[-–—:]+|\s[-–—]{1,2})\s+(?=[\"“‘«]?\w)"
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """`end`: where the first sentence begins; `agency`: start and end of the agency's name, None where there is none. In characters."""

    end: int
    agency: tuple[int, int] | None


def find_dateline(text: str) -> Dateline | None:
    """The dateline at the beginning of a text; None where it begins with something else."""
    if any(map(str.islower, text[:MAX_CHARS].lstrip()[:3])):
        return None  # most texts: the search below would try each of sixty places for the end
    found = _DATELINE.match(text, 0, MAX_CHARS)
    if found is None or not re.split(r"[\s,]", found["place"], maxsplit=1)[0].isupper():
        return None
    return Dateline(found.end(), found.span("agency") if found["agency"] else None)
