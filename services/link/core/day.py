"""When an event happened: stated by an event page, told by its reports, or the day of the first of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

from services.link.core.choice import EVENT_PAGE, Member
from services.link.core.dayname import day_told

TOLD = "told"  # the provenance of a day that reports name
LEAST_VOICES = 1 / 3  # of the reports must name the day, and most of those that name any
NO_DAY = date(1970, 1, 1)


def happened(pages: Sequence[Member], originals: Sequence[Member]) -> tuple[date, str, str]:
    """(day, provenance, confidence) of an event whose articles these are, in their order; `pages` are those that state the event's day.

    Reports that agree on a day before the first of them move the event there, and the date says that it is inferred. An event without
    any date is no later than when an article came in.
    """
    for member in pages:
        if moment := publication(member):
            return moment.date(), "event_page", "stated"
    reports = [member for member in originals if member.kind != EVENT_PAGE]
    first = next((member for member in originals if publication(member)), None)
    moment = publication(first) if first else None
    told = _told(reports, moment.date() if moment else None)
    if moment and first:
        if told and told < moment.date():
            return told, TOLD, "inferred"
        return moment.date(), first.published_provenance or "published", "stated"
    seen = min((member.announced for member in originals if member.announced), default=None)
    if told and (seen is None or told <= seen.date()):
        return told, TOLD, "inferred"
    return (seen.date() if seen else NO_DAY), "ingestion", "ingestion"


def publication(member: Member) -> datetime | None:
    """When an article was published, in UTC. `clean` refuses what is impossible: after the reading, or before there was any web."""
    return member.published.astimezone(UTC) if member.published else None


def _told(reports: Sequence[Member], first: date | None) -> date | None:
    """The day that the reports agree on: named by a third of them, and by most of those that name one.

    An undated one counts its weekdays back from the first report of the event.
    """
    votes: Counter[date] = Counter()
    for member in reports:
        published = publication(member)
        text = "\n".join(filter(None, (member.opening or member.standfirst, member.title if member.title_derived else None)))
        day = day_told(text, member.profile.features.language, published.date() if published else first)
        if day:
            votes[day] += 1
    if not votes:
        return None
    day, voices = min(votes.items(), key=lambda vote: (-vote[1], vote[0]))
    return day if 2 * voices > votes.total() and voices >= LEAST_VOICES * len(reports) else None
