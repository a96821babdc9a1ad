"""Paths in robots.txt: the patterns of its rules, and the addresses that they are held against (RFC 9309, 2.2.2 and 2.2.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_AUTHORITY = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//[^/?#;]*|[^/?#;]*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
# What may stand for itself. "*" and "$" mean something in a pattern, "/" parts segments, "%" begins an escape.
_PLAIN = frozenset(map(chr, range(33, 127))) - frozenset("%/*$")
_PATTERN_STARTS = ("/", "*")


def path_of(url: str) -> str:
    """Path and query of an address, each character written in one way only."""
    rest = url[_AUTHORITY.match(url).end() :].partition("#")[0]  # type: ignore[union-attr]
    return _uniform(rest if rest.startswith("/") else f"/{rest}").replace("*", "%2A").replace("$", "%24")


@dataclass(frozen=True)
class Pattern:
    """The value of an Allow or Disallow line."""

    octets: int
    allow: bool
    pieces: tuple[str, ...]  # between its stars
    ends: bool  # whether it is anchored at the end

    @classmethod
    def several(cls, value: str, *, allow: bool) -> Iterator["Pattern"]:
        """The pattern, and others that are meant by it: a dollar at its end as a character, `/` by an allowed `/index.html`.

        No path begins with anything but a slash, so a value that does covers none; a whole address may be a path's end (`/http://…`).
        """
        if not value.startswith(_PATTERN_STARTS):
            if "://" not in value:
                return
            value = f"/{value}"
        text = _uniform(value)
        ends = text.endswith("$")
        yield cls._of(text.removesuffix("$"), allow, ends=ends)
        if ends:
            yield cls._of(text, allow, ends=False)
        page = re.search(r"/(index\.html?)$", text)
        if page is not None and allow:
            yield cls._of(text[: page.start(1)], allow, ends=True)

    @classmethod
    def _of(cls, text: str, allow: bool, *, ends: bool) -> "Pattern":
        return cls(len(text) + ends, allow, tuple(text.replace("$", "%24").split("*")), ends)

    def matches(self, path: str) -> bool:
        """Whether it covers the path, in a time that grows with the path's length alone."""
        first, *rest = self.pieces
        if not path.startswith(first):
            return False
        if not rest:
            return not self.ends or path == first
        at = len(first)
        for piece in rest[:-1]:
            at = path.find(piece, at)
            if at < 0:
                return False
            at += len(piece)
        if self.ends:
            return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
        return path.find(rest[-1], at) >= 0


def _uniform(text: str) -> str:
    """The text with plain characters unescaped, all others escaped. In a query a slash is a character like others."""
    path, mark, query = text.partition("?")
    return _escaped(path) + mark + _escaped(query).replace("%2F", "/")


def _escaped(text: str) -> str:
    text = _ESCAPE.sub(_plain, text)
    if text.isascii() and " " not in text:
        return text
    return "".join(one if one in _PLAIN or one in "%/*$" else _octets(one) for one in text)


def _plain(escape: re.Match[str]) -> str:
    if escape[1] is None:
        return "%25"
    character = chr(int(escape[1], 16))
    return character if character in _PLAIN else f"%{escape[1].upper()}"


def _octets(character: str) -> str:
    undecoded = "\udc80" <= character <= "\udcff"  # an octet that is no UTF-8
    return "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "surrogateescape" if undecoded else "surrogatepass"))
