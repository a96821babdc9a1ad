"""`dateline stage link` and `dateline stage copies`: JSON lines in, JSON lines out."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from services.link.core.closedset import Linked, link, order_key
from services.link.core.copies import groups, texts_copy_score
from services.link.core.score import COPY
from shared.features import Features, make_features
from shared.stage import Reject


def link_lines(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Lines {id, title, text, source?, url?, date?, tags?} to lines {id, event, copy_of, reasons}, in their order, once all are read.

    `event` names the event's earliest article. A line that cannot be read gives {id, error}, and the rest go on.
    """
    ids: list[Any] = []
    articles: list[Features] = []
    answers: list[dict[str, Any] | None] = []  # None: an article, in order
    for record in records:
        name = record.get("id") if isinstance(record, dict) else None
        try:
            articles.append(features_of(record))
        except Reject as error:
            answers.append({"id": name, "error": {"class": error.error_class, "message": error.detail}})
        else:
            ids.append(name)
            answers.append(None)
    made = iter(_answers(ids, articles))
    for answer in answers:
        yield next(made) if answer is None else answer


def features_of(record: dict[str, Any]) -> Features:
    """A line's features. Raises Reject where it is no article."""
    if not isinstance(record, dict):
        raise Reject("line_malformed", "the line is no JSON object")
    for name in ("title", "text", "language", "date"):
        if not isinstance(record.get(name), str | None):
            raise Reject("line_malformed", f"{name} is no text")
    return make_features(
        title=record.get("title"),
        text=record.get("text"),
        tags=_tags(record.get("tags") or []),
        published=_moment(record.get("date")),
        language=record.get("language"),
    )


def copies_line(record: dict[str, Any]) -> dict[str, Any]:
    """A line {pair, a {title, text}, b {title, text}} to {pair, copy}: whether one text repeats the other."""
    texts = [record.get(side) for side in ("a", "b")]
    if not all(isinstance(side, dict) for side in texts):
        raise Reject("line_malformed", "a and b must be objects with a text")
    one, other = (str(side.get("text") or side.get("title") or "") for side in texts if isinstance(side, dict))
    return {"pair": record.get("pair"), "copy": texts_copy_score(one, other) >= COPY}


def _answers(ids: list[Any], articles: list[Features]) -> Iterator[dict[str, Any]]:
    linked = link(articles)
    event: dict[int, Any] = {}
    origin: dict[int, int] = {}
    for group in linked.groups:
        ordered = sorted(group, key=lambda at: (order_key(articles[at]), str(ids[at])))
        event |= dict.fromkeys(group, ids[ordered[0]])
        origin |= groups(ordered, [pair for pair in linked.pairs_in(group) if linked.edges[pair].copy >= COPY])
    for at, name in enumerate(ids):
        copied = None if origin[at] == at else ids[origin[at]]
        yield {"id": name, "event": event[at], "copy_of": copied, "reasons": _reasons(at, ids, linked)}


def _reasons(at: int, ids: list[Any], linked: Linked) -> list[dict[str, Any]]:
    """Why the article stands in its event: its strongest edge there."""
    pair = linked.strongest(at)
    if pair is None:
        return []
    edge, other = linked.edges[pair], pair[0] if pair[1] == at else pair[1]
    said = [{"name": name, "detail": detail, "weight": weight} for name, detail, weight in edge.reasons]
    return [{"name": "score", "detail": f"with {ids[other]}", "weight": edge.score}, *said]


def _moment(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise Reject("line_malformed", f"date is not ISO 8601: {value[:60]!r}") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _tags(given: Any) -> list[tuple[str, float, str]]:
    if not isinstance(given, list):
        raise Reject("line_malformed", "tags is no list")
    found = []
    for tag in given:
        if not isinstance(tag, dict) or not isinstance(tag.get("id"), str):
            raise Reject("line_malformed", "a tag is no object with an id")
        weight = tag.get("weight")
        number = float(weight) if isinstance(weight, int | float) else 0.5
        found.append((tag["id"], max(0.0, min(1.0, number)), str(tag.get("kind") or "")))
    return found
