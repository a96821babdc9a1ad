"""The sample outlets' articles: look-alikes apart, and what is told in one language together."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from services.link.core import rarity
from services.link.core.closedset import link
from services.tag.core import tag_article
from shared.features import Features, make_features

SAMPLE = Path(__file__).parents[4] / "deploy" / "sample"
START = datetime(2031, 3, 4, 12, tzinfo=UTC)
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def published(stated: str | None) -> datetime | None:
    if not stated:
        return None
    offset = sum((float(amount) * UNITS[unit] for amount, unit in re.findall(r"([\d.]+)([dhms])", stated)), timedelta())
    return START - offset if stated.startswith("-") else START + offset


@cache
def articles() -> tuple[tuple[str, Features], ...]:
    """(the event its author meant, features)."""
    found = []
    for path in sorted(SAMPLE.glob("*/articles/*.txt")):
        _, head, text = path.read_text(encoding="utf-8").split("+++", 2)
        facts = tomllib.loads(head)
        tags = [(tag.id, tag.weight, tag.kind) for tag in tag_article(facts["title"], text.strip())]
        made = make_features(title=facts["title"], text=text.strip(), tags=tags, published=published(facts.get("published")), sample=True)
        found.append((facts["event"], made))
    return tuple(found)


@cache
def events() -> tuple[frozenset[int], ...]:
    return tuple(link([made for _, made in articles()], rarity_of=rarity.static()).groups)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ecuador-earthquake", "peru-earthquake"),
        ("mindoro-ferry", "padma-ferry"),
        ("ecb-rate-cut", "boe-rate-hold"),
        ("el-obeid-truce", "el-obeid-pause-spring"),
    ],
)
def test_look_alikes_are_two_events(one: str, other: str) -> None:
    names = {name for name, _ in articles()}
    assert {one, other} <= names
    for group in events():
        assert not {one, other} <= {articles()[at][0] for at in group}


def test_most_events_of_one_language_are_whole() -> None:
    english: dict[str, set[int]] = {}
    for at, (name, made) in enumerate(articles()):
        if made.language == "en":
            english.setdefault(name, set()).add(at)
    several = {name: members for name, members in english.items() if len(members) > 1}
    whole = [name for name, members in several.items() if any(members <= group for group in events())]
    assert len(whole) >= 0.8 * len(several)


def test_some_events_are_told_in_several_languages() -> None:
    assert sum(len({articles()[at][1].language for at in group}) > 1 for group in events()) >= 10
