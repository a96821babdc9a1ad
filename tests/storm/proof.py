"""What the database must say after the storm: nothing lost, nothing doubled, nothing leased, the poison in quarantine and nobody else."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from poison import CLASSES
from sqlalchemy import Engine
from web import Page as WebPage

from shared import urls
from shared.ledger import State
from shared.records import PAGE, DayPage, EventPage, FrontPage


@dataclass
class Proof:
    """Counts, and what is wrong."""

    counts: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def count(self, what: str, found: int, expected: int | None = None) -> None:
        """Note a count; wrong where it is not the one expected."""
        self.counts[what] = found
        if expected is not None and found != expected:
            self.wrong.append(f"{what}: {found} instead of {expected}")

    def none(self, what: str, found: Sequence[Any]) -> None:
        """Note a count that must be 0, and which ones there are."""
        self.counts[what] = len(found)
        if found:
            self.wrong.append(f"{what}: {len(found)}, such as {found[:5]}")

    def table(self) -> str:
        """For people."""
        lines = [f"{found:>8}  {what}" for what, found in self.counts.items()]
        return "\n".join(lines + [f"   WRONG  {line}" for line in self.wrong])


def prove(engine: Engine, pages: Sequence[WebPage], raw: Path) -> Proof:
    """Look at everything."""
    proof = Proof()
    with engine.connect() as connection:

        def ask(sql: str) -> list[Any]:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

        articles = {url_key: (work_id, event) for work_id, url_key, event in ask("SELECT id, url_key, event_id FROM article")}
        keys = {urls.key(page.url): page for page in pages}
        proof.count("articles on the web", len(pages))
        proof.count("articles in the database", len(articles), len(pages))
        proof.none("announced but unknown here", [key for key in articles if key not in keys])
        _quarantine(proof, ask, {articles[key][0]: page.poison for key, page in keys.items() if key in articles})
        _once(proof, ask, raw)
        good = {articles[key][0] for key, page in keys.items() if key in articles and page.poison is None}
        _published(proof, ask, good)
    return proof


def _quarantine(proof: Proof, ask: Any, poison: dict[int, str | None]) -> None:
    dead = ask(f"SELECT stage, subject_id, error_class, error FROM work WHERE state = {State.DEAD}")
    poisoned = {article: CLASSES[kind] for article, kind in poison.items() if kind}
    proof.count("poison", len(poisoned))
    found = {subject: error_class for stage, subject, error_class, _ in dead if stage == "clean" and subject in poisoned}
    proof.count("poison in quarantine", len(found), len(poisoned))
    proof.none("poison quarantined under another class", [(one, was) for one, was in found.items() if was not in poisoned[one]])
    proof.none("innocent rows in quarantine", [row for row in dead if not (row[0] == "clean" and row[1] in poisoned)])
    proof.none("open or leased rows", ask("SELECT id, stage, state, error_class FROM work WHERE state < 2"))
    proof.none("leases that nobody ended", ask("SELECT id FROM lease WHERE ended_at IS NULL"))
    charged = ask("SELECT id, stage, subject_id, kills FROM work WHERE kills > 0")
    alone = [row for row in charged if not (row[1] == "clean" and row[2] in poisoned)]
    proof.count("innocent rows killed when alone, by a random kill", len(alone))
    lost = ask("SELECT count(*) FROM attempt WHERE outcome = 'killed'")[0][0]
    proof.count("attempts that ended by a kill", lost)


def _once(proof: Proof, ask: Any, raw: Path) -> None:
    """Counted, whatever the UNIQUE constraints promise."""
    doubled = {
        "work": "stage, subject_id, input_key",
        "article": "url_key",
        "document": "article_id, revision",
        "poll": "source_id, due_at",
        "index_entry": "article_id",
        "posting": "key, article_id",
        "article_tag": "article_id, tag_id",
        "edge": "a, b",
        "page": "kind, key",
    }
    for table, columns in doubled.items():
        proof.none(f"doubled in {table}", ask(f"SELECT {columns} FROM {table} GROUP BY {columns} HAVING count(*) > 1"))
    proof.none("edges written in both directions", ask("SELECT e.a, e.b FROM edge e JOIN edge f ON e.a = f.b AND e.b = f.a"))
    proof.none("articles with more than one revision", ask("SELECT article_id FROM document GROUP BY article_id HAVING count(*) > 1"))
    # Where one of several reprints comes to lead them, it is linked again: other work, whose key names the change beside revision and
    # snapshot.
    rows = ask("SELECT stage, subject_id, input_key FROM work WHERE stage IN ('fetch', 'clean', 'tag', 'link')")
    asked = [(stage, subject) for stage, subject, key in rows if stage != "link" or key.count(".") == 1]
    proof.none("articles worked on twice by a stage", [one for one, times in Counter(asked).items() if times > 1])
    proof.none("sources polled twice", ask("SELECT source_id FROM poll GROUP BY source_id HAVING count(*) > 1"))
    kept = {row[0] for row in ask("SELECT DISTINCT sha256 FROM document")}
    files = {path.name.split(".")[0] for path in raw.rglob("*") if path.is_file()}
    proof.none("documents without their bytes", sorted(kept - files))
    proof.count("kept files that no row names", len(files - kept))


def _published(proof: Proof, ask: Any, good: set[int]) -> None:
    pages = ask("SELECT kind, key, record FROM page WHERE record IS NOT NULL")
    records = {(kind, key): PAGE.validate_json(record) for kind, key, record in pages}
    proof.none("pages that show less than they should", ask("SELECT kind, key FROM page WHERE version <> wanted"))
    events = {row[0] for row in ask("SELECT id FROM event WHERE state = 'live'")}
    proof.count("live events", len(events))
    shown: Counter[int] = Counter()
    for event in events:
        record = records.get(("event", str(event)))
        if isinstance(record, EventPage):
            shown.update(article.id for article in record.articles)
    proof.count("articles to publish", len(good))
    proof.count("articles on their event's page", len(good & shown.keys()), len(good))
    proof.none("articles on two pages, or twice on one", [one for one, times in shown.items() if times > 1])
    proof.none("articles on a page that should not be", sorted(shown.keys() - good))
    elsewhere = [
        (article, event)
        for article, event in ask("SELECT id, event_id FROM article WHERE event_id IS NOT NULL")
        if not _stands(records.get(("event", str(event))), article)
    ]
    proof.none("articles that are not on the page of their own event", elsewhere)
    for what, kind in (("day", DayPage), ("front", FrontPage)):
        lines: Counter[int] = Counter()
        for record in records.values():
            if isinstance(record, kind):
                days = [record] if isinstance(record, DayPage) else record.days
                lines.update(line.id for day in days for line in day.events)
        proof.none(f"events twice on {what} pages", [one for one, times in lines.items() if times > 1])
        proof.none(f"lines of {what} pages that lead to no live event", sorted(lines.keys() - events))
        if kind is DayPage:  # the front page shows only so many of a day's
            proof.none("events on no day page", sorted(events - lines.keys()))


def _stands(record: Any, article: int) -> bool:
    return isinstance(record, EventPage) and any(one.id == article for one in record.articles)
