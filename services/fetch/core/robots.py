"""What a host's robots.txt allows (RFC 9309), as Google's reference reads it where the RFC leaves room."""

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.fetch.core.robotspath import Pattern, path_of

MAX_BYTES = 512_000  # RFC 9309 asks for 500 KiB at least; the rest is not read
_MAX_LINE = 16_663  # bytes: what Google's reader keeps of a line

_LINE_END = re.compile(r"[\r\n]")
_UNSEEN = "\ufeff\0"
_SPACES = re.compile(r"[\s_-]+")
_FIELDS = {
    "useragent": "agent",
    "allow": "allow",
    **dict.fromkeys(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "desallow"), "disallow"),
    "crawldelay": "delay",
    "sitemap": "sitemap",
    "sitemaps": "sitemap",
}
_TOKEN = re.compile(r"[\w*-]+")  # RFC 9309 has letters, "_" and "-"; in the wild there are digits and other alphabets
_WORDS = re.compile(r"[a-z_-]+(?: [a-z_-]+)+")


def agent_name(user_agent: str) -> str:
    """The product token of a User-Agent header, which is what robots.txt names."""
    return user_agent.partition("/")[0].strip() or "*"


@dataclass
class _Group:
    patterns: list[Pattern] = field(default_factory=list)
    delay_s: float | None = None


class Rules:
    """A host's rules as read, for many questions."""

    def __init__(self, body: bytes | str, status: int = 200) -> None:
        """`status` is the answer's: a redirect without an end and a client error mean that all is allowed; a server error and no
        answer at all (0) that nothing is, for now."""
        self._reachable = 100 <= status < 500
        self._groups: dict[str, list[_Group]] = {}  # by the name of an agent, in small letters
        self._whole: set[str] = set()  # the names that stand alone on a line; they are those of longer names' agents too
        self._chosen: dict[str, tuple[list[Pattern], float | None]] = {}  # by who asked
        self.sitemaps: list[str] = []
        if 200 <= status < 300:
            self._read(_text(body[:MAX_BYTES]))

    def allows(self, url: str, agent: str) -> bool:
        """Whether this agent may fetch this address. The agent is a product token or a whole User-Agent header."""
        path = path_of(url)
        if path == "/robots.txt":
            return True
        if not self._reachable:
            return False
        return next((pattern.allow for pattern in self._rules(agent)[0] if pattern.matches(path)), True)

    def delay_s(self, agent: str) -> float | None:
        """`Crawl-delay` in seconds, where the host asks for one."""
        return self._rules(agent)[1]

    def _rules(self, agent: str) -> tuple[list[Pattern], float | None]:
        """An agent's patterns, the most octets first and of as many the least strict, and its delay, out of all its groups."""
        if agent not in self._chosen:
            groups = self._groups.get(self._name(agent.strip().lower()), [])
            patterns = sorted({pattern for group in groups for pattern in group.patterns}, key=lambda one: (-one.octets, not one.allow))
            delays = [group.delay_s for group in groups if group.delay_s is not None]
            self._chosen[agent] = patterns, delays[-1] if delays else None
        return self._chosen[agent]

    def _name(self, agent: str) -> str:
        """The longest name of a group that one of the agent's words is, or begins with; `*` where there is none."""
        if _WORDS.fullmatch(agent):  # no product token: blanks are not of its characters
            return agent if agent in self._groups else "*"
        return max((name for name in self._groups if name in agent and self._names(name, agent)), key=len, default="*")

    def _names(self, name: str, agent: str) -> bool:
        ending = "" if name in self._whole else r"(?![\w-])"
        return re.search(rf"(?<![\w-]){re.escape(name)}{ending}", agent) is not None

    def _read(self, text: str) -> None:
        group, named = _Group(), set[str]()
        ended = foreign = False  # whether a rule, and whether a line of unknown meaning, came since the last one that names an agent
        for what, value in _lines(text):
            if what == "agent":
                names = _agents(value)
                # Lines of unknown meaning end no group (RFC 9309, 2.2.4), but neither do they make one agent's rules everybody's.
                if ended or (foreign and "*" in named and "*" not in names):
                    group, named = _Group(), set()
                ended = foreign = False
                self._whole.update(names[:1])
                for name in set(names) - named:
                    self._groups.setdefault(name, []).append(group)
                named.update(names)
            elif what == "sitemap":
                self.sitemaps.append(value)
            elif what == "delay":
                ended = True
                group.delay_s = _seconds(value) if _seconds(value) is not None else group.delay_s
            elif what:
                ended = True
                group.patterns += Pattern.several(value, allow=what == "allow")
            else:
                foreign = True


def _text(body: bytes | str) -> str:
    if isinstance(body, str):
        return body
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body.decode("utf-16", "replace") if wide else body.decode("utf-8", "surrogateescape")


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Field and value of each line that has them; the colon may be missing, and what is written often instead of a field is known."""
    for line in _LINE_END.split(text.lstrip(_UNSEEN)):
        line = line[:_MAX_LINE].partition("#")[0].strip().strip(_UNSEEN)
        name, colon, value = line.partition(":")
        what = _FIELDS.get(_SPACES.sub("", name.lower()))
        if what is not None and colon:
            for one in value.split(",") if what == "agent" else [value]:
                yield what, _named(one.strip()) if what == "agent" else one.strip()
        elif colon and (not value or value[0].isspace()):
            yield "", value
        elif line:
            words = line.split()
            known = ((_FIELDS.get(_SPACES.sub("", "".join(words[:number]).lower())), number) for number in (1, 2))
            yield next(((what, " ".join(words[number:])) for what, number in known if what), ("", line))


def _named(value: str) -> str:
    """The name that a field gives to an agent: with Google's reader up to a blank, but a browser's whole header names who sends it."""
    return value.split()[0] + "/" if " " in value and "(" not in value else value


def _agents(value: str) -> list[str]:
    """What a line that names an agent names: the text as it is, and the token that it begins with."""
    value = value.lower()
    token = _TOKEN.match(value)
    if token is None or token[0] == "mozilla":  # which all browsers are
        return [value] if value else []
    return list(dict.fromkeys((value, token[0], token[0].replace("*", "")) if value != "*" else "*"))


def _seconds(value: str) -> float | None:
    try:
        delay = float(value)
    except ValueError:
        return None
    return delay if math.isfinite(delay) and delay >= 0 else None


def robots_allow(robots: str, status: int, agent: str, url: str) -> bool:
    """Whether a robots.txt, answered with this status, allows `url` to `agent`."""
    return Rules(robots, status).allows(url, agent)
