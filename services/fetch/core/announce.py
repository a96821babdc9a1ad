"""When an announcement says something new."""

from hashlib import sha256

from services.fetch.core.entries import Entry


def announcement(entry: Entry) -> str:
    """A short text that changes when the entry's time or title does: the same announcement again is no work, an edit is new work.

    The time of the update stands before the time of publication, since that is what an outlet changes with an edit.
    """
    said = f"{entry['updated'] or entry['published'] or ''}\n{entry['title'] or ''}"
    return sha256(said.encode()).hexdigest()[:16]
