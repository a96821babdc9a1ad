"""What a publisher reserves of a page: robots directives and TDM reservations, out of its headers and its head.

As Google and Bing document `X-Robots-Tag` and `<meta name="robots">`, and as the TDM Reservation Protocol of W3C's community group has it.
A directive is kept as a short text: its name, with `:value` where it has one. What headers say to another robot is kept with `robot=`
before it, and is not said to us; what a page's tags say to another robot is not looked for.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

MAX_DIRECTIVES = 32
MAX_HEAD = 1 << 18  # bytes of a page in which its head is looked for
MAX_HEADLESS = 1 << 16  # bytes of a page that has no end of a head
MAX_TAG = 2_000
MAX_VALUE = 200
MAX_TDMREP = 1 << 16  # bytes
MAX_LOCATIONS = 500

TDM = "tdm-reservation"
UNTIL = "unavailable_after"
# Those that ask for something; what allows (`index`, `max-snippet:-1`) need not be kept.
_PLAIN = frozenset(("noindex", "none", "noarchive", "nosnippet", "noimageindex", "noai", "noimageai", "nofollow", "notranslate"))
_SAME = {"nocache": "noarchive"}
_VALUED = frozenset((UNTIL, "max-snippet", "max-image-preview", "max-video-preview"))
_REFUSING = frozenset(("noindex", "none", TDM))

_ROBOT = re.compile(r"\s*([A-Za-z][\w.-]{0,60})\s*:\s*(.*)", re.S)
_TAG = re.compile(rb"""<meta(?:[^>"']|"[^"]*"|'[^']*')*+>""", re.I)
_ATTRIBUTE = re.compile(r"""(?<![\w:-])([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_HIDING = (
    (b"<!--", b"-->"),
    (b"<script", b"</script"),
    (b"<style", b"</style"),
    (b"<template", b"</template"),
    (b"<textarea", b"</textarea"),
)


def read(headers: Iterable[Sequence[str]], body: bytes, agent: str) -> tuple[str, ...]:
    """The directives of an answer, those of `headers` ([name, value] as received) first. `agent` is our name as robots.txt knows it."""
    found: dict[str, None] = {}
    for name, value in headers:
        lower = name.lower()
        if lower == "x-robots-tag":
            found.update(dict.fromkeys(_robots(value, None, agent)))
        elif lower in (TDM, "tdm-policy"):
            found.update(dict.fromkeys(_tdm(lower, value)))
    found.update(dict.fromkeys(_of_head(body, agent)))
    return tuple(found)[:MAX_DIRECTIVES]


def refused(directives: Iterable[str]) -> str | None:
    """The directive by which the publisher does not want the page to be filed; None where there is none."""
    return next((one for one in directives if one in _REFUSING), None)


# --------------------------------------------------------------------------- robots


def _robots(value: str, robot: str | None, agent: str) -> Iterator[str]:
    """The directives of one header or one tag. In a header a robot's name may stand before those that are said to it."""
    parts = value[:MAX_TAG].split(",")
    while parts:
        part = parts.pop(0)
        named = _ROBOT.fullmatch(part)
        if named and named[1].lower() not in _VALUED:
            robot, part = named[1].lower(), named[2]
            named = _ROBOT.fullmatch(part)
        said = part.strip().lower()
        if named and named[1].lower() == UNTIL:
            while parts and not _is_directive(parts[0]):  # a date may hold commas
                part += "," + parts.pop(0)
            said = f"{UNTIL}:{_moment(part.partition(':')[2].strip())}"
        elif named:
            said = f"{named[1].lower()}:{named[2].strip().lower()}"[:MAX_VALUE]
            if said not in ("max-snippet:0", "max-image-preview:none"):
                continue
        said = _SAME.get(said, said)
        if said in _PLAIN or named:
            yield said if robot in (None, "robots", agent.lower()) else f"{robot}={said}"


def _is_directive(part: str) -> bool:
    """Whether a part of a list is a directive of its own, so that no date goes on in it."""
    name = part.strip().lower()
    return name in _PLAIN or name in _SAME or name in ("all", "index", "follow") or _ROBOT.fullmatch(part) is not None


def _moment(said: str) -> str:
    """A date as ISO 8601 in UTC; the end of all time, in effect, where it cannot be read: a wrong guess would take a page away."""
    for read_date in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read_date(said)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            continue
    return datetime.max.replace(tzinfo=UTC, microsecond=0).isoformat()


def _of_head(body: bytes, agent: str) -> Iterator[str]:
    """The directives that the head's tags tell us. Comments and scripts hold none."""
    head = _head(body)
    lower = head.lower()
    ours = agent.lower()
    for at in _tags(lower, ("robots", "tdm-", ours)):
        name, content = _meta(head[at : at + MAX_TAG])
        if name in ("robots", ours, TDM, "tdm-policy"):
            said = [*(_tdm(name, content) if name.startswith("tdm-") else _robots(content, name, agent))]
            if said and not _is_hidden(lower, at):
                yield from said


def _tags(lower: bytes, names: Iterable[str]) -> list[int]:
    """Where the tags begin that one of the names stands in: a head has a hundred tags, and one of them matters."""
    found: set[int] = set()
    for name in names:
        needle, at = name.encode(), -1
        for _ in range(MAX_DIRECTIVES):
            at = lower.find(needle, at + 1)
            if at < 0:
                break
            found.add(lower.rfind(b"<meta", max(0, at - MAX_TAG), at))
    return sorted(found - {-1})


def _is_hidden(lower: bytes, at: int) -> bool:
    return any(lower.rfind(opens, 0, at) > lower.rfind(closes, 0, at) for opens, closes in _HIDING)


def _head(body: bytes) -> bytes:
    """The page's head, or its beginning where nothing says where the head ends."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body[: 2 * MAX_HEADLESS].decode("utf-16", "replace").encode()
    end = body.find(b"</head", 0, MAX_HEAD)
    if end < 0:
        end = body.find(b"</HEAD", 0, MAX_HEAD)
    return body[: end if end >= 0 else MAX_HEADLESS]


def _meta(tag: bytes) -> tuple[str, str]:
    """Name and content of the tag that these bytes begin with. Of an attribute that is there twice the first counts, as in browsers."""
    whole = _TAG.match(tag)
    end = whole.end() if whole else tag.find(b">")
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag[: end if end >= 0 else MAX_TAG].decode("utf-8", "replace")):
        found.setdefault(match[1].lower(), html.unescape(match[2] or match[3] or match[4] or ""))
    return found.get("name", "").strip().lower(), found.get("content", "")


# --------------------------------------------------------------------------- text and data mining


def _tdm(name: str, value: str) -> Iterator[str]:
    if name == TDM and value.strip() == "1":
        yield TDM
    elif name == "tdm-policy" and value.strip().startswith(("http://", "https://")):
        yield f"tdm-policy:{value.strip()[:MAX_VALUE]}"


def read_tdmrep(body: bytes) -> tuple[tuple[str, bool, str | None], ...]:
    """(location, reserved, policy) in order out of a host's `/.well-known/tdmrep.json`; nothing where it is none."""
    try:
        found: Any = json.loads(body[:MAX_TDMREP])
    except (ValueError, RecursionError):
        return ()
    rules = []
    for one in found[:MAX_LOCATIONS] if isinstance(found, list) else ():
        location = one.get("location") if isinstance(one, dict) else None
        if isinstance(location, str):
            policy = one.get("tdm-policy")
            reserved = one.get(TDM) in (1, "1", True)
            rules.append((location[:MAX_VALUE], reserved, policy if isinstance(policy, str) else None))
    return tuple(rules)


def reserved_by(rules: Iterable[tuple[str, bool, str | None]], url: str) -> tuple[str, ...]:
    """The directives that the first rule which covers the address means."""
    at = urlsplit(url)
    path = at.path + (f"?{at.query}" if at.query else "")
    for location, reserved, policy in rules:
        if _covers(location, path or "/"):
            return (TDM, *_tdm("tdm-policy", policy or "")) if reserved else ()
    return ()


def _covers(location: str, path: str) -> bool:
    """Whether a pattern covers a path: `*` is anything, `$` at the end the end, else whatever begins so (RFC 9309, 2.2.3). Linear."""
    ends = location.endswith("$")
    first, *rest = location.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(rest, start=1):
        if ends and number == len(rest):
            return path.endswith(piece) and len(path) - len(piece) >= at
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return not ends or at == len(path)
