"""What files and addresses that are given by hand come down to: articles, refusals, and what was left out on purpose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.fetch.core.entries import Listing


@dataclass(frozen=True, kw_only=True)
class Given:
    """One article as it was given: an address to fetch, or a document, or both.

    `outlet` is None where only the `name` of the file says where it came from. `at`, `status`, `headers` and `found_at` (where the address
    led in the end) are known of documents out of archives, and `directives` are what the publisher reserves there; `title` and `published`
    (ISO 8601) are what a feed says, or said.
    """

    label: str
    name: str = ""
    outlet: str | None = None
    url: str | None = None
    body: bytes | None = None
    content_type: str | None = None
    generation: str | None = None
    at: datetime | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    found_at: str | None = None
    directives: tuple[str, ...] = ()
    title: str | None = None
    published: str | None = None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Something that cannot be added. `error_class` is one of shared/errors.py."""

    label: str
    error_class: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {self.error_class}: {self.detail}" if self.detail else f"{self.label}: {self.error_class}"


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """How much of an archive is no article material, by reason. No failure."""

    label: str
    reasons: Mapping[str, int]

    def __str__(self) -> str:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(self.reasons.items(), key=lambda one: (-one[1], one[0])))
        return f"{self.label}: {told}"


Item = Given | Refused | LeftOut
# Reads a feed or a sitemap (body) to its entries, where its parser can do no harm. Raises Reject.
ReadListing = Callable[[bytes], Listing]
