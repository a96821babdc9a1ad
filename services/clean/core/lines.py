"""`clean` on JSON: for JSON lines (`dateline stage clean`) and for the killable process that the worker calls it in."""

import base64
import binascii
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.clean.core.document import Cleaned, ContextPage, ContextRelated, ContextSource, ContextTag, Document
from services.clean.core.extract import clean
from shared.stage import Reject

_PLAIN = (
    *("title", "agency", "language", "language_declared", "site_name", "canonical_url"),
    *("image", "image_credit", "image_width", "image_height", "section", "kind", "standfirst", "text", "text_confidence"),
    *("markdown", "copy_of_url"),
)


def clean_line(record: dict[str, Any]) -> dict[str, Any]:
    """One line in {id, url?, and html, text or body_b64 with content_type}, one line out: DESIGN's row `clean`.

    Raises Reject, `line_malformed` where the line names no document.
    """
    cleaned = clean(document_of(record))
    return {"id": record.get("id"), **to_json(cleaned)}


def clean_raw(body: bytes, **facts: Any) -> dict[str, Any]:
    """A document's bytes and its other facts as JSON, for a process of its own; `from_json` reads the answer."""
    return to_json(clean(_document(facts, body=body, text=None, content_type=_string(facts, "content_type"))))


def document_of(record: dict[str, Any]) -> Document:
    """A document out of a line's fields; feed_title, feed_published, feed_authors, outlet and fetched_at are taken too."""
    body, text, content_type = None, None, _string(record, "content_type")
    if record.get("body_b64") is not None:
        try:
            body = base64.b64decode(_string(record, "body_b64") or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise Reject("line_malformed", "body_b64 is not base64") from error
    elif record.get("html") is not None:
        text, content_type = _string(record, "html"), "text/html"
    elif record.get("text") is not None:
        text = _string(record, "text")
    else:
        raise Reject("line_malformed", "one of html, text and body_b64 is wanted")
    return _document(record, body=body, text=text, content_type=content_type)


def _document(facts: dict[str, Any], *, body: bytes | None, text: str | None, content_type: str | None) -> Document:
    authors = facts.get("feed_authors") or ()
    if not isinstance(authors, list | tuple):
        raise Reject("line_malformed", "feed_authors is no list")
    return Document(
        body=body,
        text=text,
        content_type=content_type,
        url=_string(facts, "url"),
        feed_title=_string(facts, "feed_title"),
        feed_published=_moment(facts, "feed_published"),
        feed_authors=tuple(a for a in authors if isinstance(a, str)),
        outlet=_string(facts, "outlet"),
        fetched_at=_moment(facts, "fetched_at"),
    )


def to_json(cleaned: Cleaned) -> dict[str, Any]:
    """An article as JSON: times as ISO 8601 with offset, `NAME_provenance` and `NAME_confidence` beside what was chosen."""
    found: dict[str, Any] = {name: getattr(cleaned, name) for name in _PLAIN}
    found["authors"] = list(cleaned.authors)
    found["captions"] = list(cleaned.captions)
    found["keywords"] = list(cleaned.keywords)
    found["paywalled"] = cleaned.paywalled
    found["published"] = _iso(cleaned.published)
    found["modified"] = _iso(cleaned.modified)
    found.update({f"{name}_provenance": where for name, where in sorted(cleaned.provenance.items())})
    found.update({f"{name}_confidence": sure for name, sure in sorted(cleaned.confidence.items())})
    if cleaned.context is not None:
        found["context"] = asdict(cleaned.context)
    return found


def from_json(found: dict[str, Any]) -> Cleaned:
    """The article that `to_json` wrote."""
    end, sure = "_provenance", "_confidence"
    plain: dict[str, Any] = {name: found.get(name) for name in _PLAIN}
    return Cleaned(
        **plain,
        authors=tuple(found["authors"]),
        captions=tuple(found["captions"]),
        keywords=tuple(found["keywords"]),
        paywalled=found["paywalled"],
        published=_moment(found, "published"),
        modified=_moment(found, "modified"),
        provenance={name.removesuffix(end): where for name, where in found.items() if name.endswith(end)},
        confidence={n.removesuffix(sure): level for n, level in found.items() if n.endswith(sure) and n != "text_confidence"},
        context=_context(found.get("context")),
    )


def _context(value: dict[str, Any] | None) -> ContextPage | None:
    if value is None:
        return None
    return ContextPage(
        headline=value["headline"],
        date=value["date"],
        description=value["description"],
        topic=value["topic"],
        sources=tuple(ContextSource(**s) for s in value["sources"]),
        cover_image=value["cover_image"],
        related=tuple(ContextRelated(**{**r, "tags": tuple(r["tags"])}) for r in value["related"]),
        changes=tuple(value["changes"]),
        tags=tuple(ContextTag(**t) for t in value["tags"]),
    )


def _string(record: dict[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise Reject("line_malformed", f"{name} is no string")
    return value


def _moment(record: dict[str, Any], name: str) -> datetime | None:
    value = _string(record, name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise Reject("line_malformed", f"{name} is no time in ISO 8601") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
