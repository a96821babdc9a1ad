"""The figures of `shared/overview.py`: what flows, waits and fell out, and how each source fares, as plain values."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, computed_field


class Figures(BaseModel):
    """Frozen, and deaf to fields that a later version may have added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StageFigures(Figures):
    """The work of one stage, in rows. `done` and `superseded` are None where nobody asked for totals."""

    stage: str
    ready: int = 0  # due now
    waiting_later: int = 0  # ready, but put off
    leased: int = 0
    done: int | None = None
    dead: int = 0
    superseded: int | None = None
    oldest_ready_age_s: float | None = None  # seconds since the oldest row that is due could have started


class LedgerFigures(Figures):
    """Of the completeness ledger: what a source announced today and yesterday (UTC), and what became of it at once."""

    polls: int = 0
    failures: int = 0
    gaps: int = 0  # polls that had nothing in common with the one before: entries may have been missed
    announced: int = 0
    seen: int = 0
    new: int = 0
    dropped: dict[str, int] = {}  # reason (an error class): entries


class SourceFigures(Figures):
    """One source, how its polls go, and how many articles came through it (None without totals)."""

    id: int
    outlet: str
    kind: str
    url: str
    sample: bool
    paused: bool
    last_polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    articles: int | None = None
    failures: int = 0  # in a row
    error_class: str | None = None
    error: str | None = None
    last_new_at: datetime | None = None
    silent_from: datetime | None = None  # with nothing new until then it is silent against its own rhythm
    silent: bool = False  # it answers well, and nothing new has come for longer than its rhythm lets one expect
    ledger: LedgerFigures = LedgerFigures()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def state(self) -> str:
        """In one word: paused, failing, silent, gap (entries may have been missed lately), well, or new (not polled yet)."""
        if self.paused:
            return "paused"
        if self.error_class:
            return "failing"
        if self.silent:
            return "silent"
        if self.ledger.gaps:
            return "gap"
        return "well" if self.last_ok_at or self.kind == "by_hand" else "new"


class Overview(Figures):
    """The whole at one moment."""

    at: datetime
    stages: tuple[StageFigures, ...]
    sources: tuple[SourceFigures, ...]
    articles: int
    events: int | None = None  # live ones; None without totals, as are copies
    copies: int | None = None
    pages: int = 0  # issued
    refused: dict[str, int] = {}  # error class: rows whose input is wrong for good
    quarantined: dict[str, int] = {}  # error class: rows given up after their attempts
