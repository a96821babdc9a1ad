"""Wikitext whose brackets and braces all match: what people left open is closed or undone, in one pass.

mwparserfromhell goes back and tries again wherever markup does not end, which takes quadratic time on the worst texts (40 kB of `<ref `:
35 s). On what `mend` returns it has nothing to go back for.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from shared.stage import Reject

MAX_OPEN = 500
MAX_NESTING = 20  # templates and links within each other; mwparserfromhell's own limit is 40

# What `mend` marks by characters of the private use area, which the text does not hold otherwise.
REF_OPEN, REF_CLOSE, HEADING = "\ue002", "\ue003", "\ue004"

_RENDERED = re.compile(r"<div\b[^<>]{0,300}(?:content-heading|role=[\"']?heading)[^<>]{0,300}>|<h[2-6]\b[^<>]*>", re.IGNORECASE)
_RENDERED_END = re.compile(r"</(?:div|h[2-6])\s*>", re.IGNORECASE)
_REF = re.compile(r"<(/)?ref\b[^<>]*>", re.IGNORECASE)
_BOLD, _ITALIC = re.compile(r"</?(?:b|strong)\s*>", re.IGNORECASE), re.compile(r"</?(?:i|em|cite)\s*>", re.IGNORECASE)
_BREAK = re.compile(r"</?(?:br|p|hr)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:[\s/][^<>]*)?>", re.IGNORECASE)
_PARAMETER = re.compile(r"\{\{\{[^{}|\n]{0,100}(?:\|([^{}\n]*))?\}\}\}")

_TOKEN = re.compile(
    r"(?P<web>\[{1,4}[ \t]{0,5}(?=https?://|//[^\s/]))|(?P<three>\[\[\[(?!\[))|(?P<link>\[\[)|(?P<open>\[)|(?P<close>\])"
    r"|(?P<template>\{\{)|(?P<end>\}\})|(?P<brace>[{}])|(?P<angle><)|(?P<ref>\ue002)|(?P<refend>\ue003)|(?P<line>\n)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\[\]{}|<>\n\ue000-\uf8ff]{1,100}\s{0,20}(?=\||\}\})")
_FRESH = re.compile(r"[ \t]*(?:[*;=\ue004]|'''|#+[*:]|\n|$)")  # what no template or link reaches into: a bullet, a heading, a blank line
_FILE = re.compile(r"\[\[\s{0,20}(?:file|image|media)\s{0,20}:", re.IGNORECASE)
_MAX_REPAIR = 100  # characters of a link that ends with one bracket

_WEB, _LINK, _LITERAL, _TEMPLATE, _REFERENCE = range(5)
_OPENING = {_WEB: "[", _LINK: "[[", _LITERAL: "&#91;", _TEMPLATE: "{{", _REFERENCE: "{{ref|1="}
_CLOSING = {_WEB: "]", _LINK: "]]", _LITERAL: "&#93;", _TEMPLATE: "}}", _REFERENCE: "}}"}


def mend(text: str) -> str:
    """The same text with markup that matches: tags gone, `<ref>` as a template of that name, rendered headings behind `HEADING`.

    Templates, references and links that span lines stand on one line. Linear in the text. Raises `Reject("parse_limit")` beyond
    `MAX_NESTING` and `MAX_OPEN`.
    """
    return _Mender(_untagged(text)).run()


def _untagged(text: str) -> str:
    if "<" in text:
        if _RENDERED.search(text):
            text = _RENDERED_END.sub("\n", _RENDERED.sub("\n" + HEADING, text))
        text = _REF.sub(lambda tag: REF_CLOSE if tag[1] else "" if tag[0].endswith("/>") else REF_OPEN, text)
        text = _ITALIC.sub("''", _BOLD.sub("'''", text))
        text = _TAG.sub("", _BREAK.sub(" ", text))
    return _PARAMETER.sub(lambda found: found[1] or "", text) if "{{{" in text else text


@dataclass(slots=True)
class _Open:
    kind: int
    place: int  # in the output
    source: int  # in the text
    height: int = 0  # of what matched inside
    holds_link: bool = False


@dataclass(slots=True)
class _Mender:
    text: str
    out: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    counts: list[int] = field(default_factory=lambda: [0] * 5)
    lines: list[int] = field(default_factory=list)  # places of line ends within something open

    def run(self) -> str:
        text, at = self.text, 0
        while (token := _TOKEN.search(text, at)) is not None:
            if token.start() > at:
                self.out.append(text[at : token.start()])
            at = self.take(token)
        self.out.append(text[at:])
        self.settle()
        return "".join(self.out)

    def take(self, token: re.Match[str]) -> int:
        """Where to read on."""
        kind, start, end = token.lastgroup, token.start(), token.end()
        if kind == "line":
            self.line(end)
        elif kind == "web":
            self.end_web()
            self.push(_WEB, start)
        elif kind == "three":
            self.out.append("&#91;")
            return start + 1
        elif kind == "link":
            self.push(_LINK, start)
        elif kind == "open":
            self.push(_LITERAL, start)
        elif kind == "close":
            return self.bracket(start)
        elif kind == "template":
            if _NAME.match(self.text, end):
                self.push(_TEMPLATE, start)
        elif kind == "end":
            self.pop(_TEMPLATE)
        elif kind == "ref":
            self.push(_REFERENCE, start)
        elif kind == "refend":
            self.pop(_REFERENCE)
        else:
            self.out.append({"<": "&lt;", "{": "&#123;", "}": "&#125;"}[token[0]])
        return end

    def push(self, kind: int, source: int) -> None:
        if len(self.stack) >= MAX_OPEN:
            raise Reject("parse_limit", f"more than {MAX_OPEN} brackets and braces that nothing closes")
        self.stack.append(_Open(kind, len(self.out), source))
        self.counts[kind] += 1
        self.out.append(_OPENING[kind])

    def bracket(self, start: int) -> int:
        """`]` or `]]`, by what is open."""
        double = self.text.startswith("]]", start)
        top = self.stack[-1] if self.stack else None
        if top is not None and top.kind in (_WEB, _LITERAL):
            self.pop(top.kind)
            return start + 1
        if double and self.counts[_LINK]:
            self.pop(_LINK)
            return start + 2
        if self.counts[_WEB]:
            self.pop(_WEB)
        elif top is not None and top.kind == _LINK and len(self.out) == top.place + 2 and start - top.source < _MAX_REPAIR:
            self.pop(_LINK)  # `[[Link]`
        return start + (2 if double else 1)

    def pop(self, kind: int) -> None:
        """End the innermost of that kind; what was opened within it and never ended is undone. Nothing open: the end is dropped."""
        if not self.counts[kind]:
            return
        height, holds_link = 0, False
        while True:
            top = self.stack.pop()
            self.counts[top.kind] -= 1
            height, holds_link = max(height, top.height), holds_link or top.holds_link
            if top.kind == kind:
                break
            self.undo(top)
        while self.lines and self.lines[-1] > top.place:
            self.out[self.lines.pop()] = " "
        if kind == _LINK and holds_link and not _FILE.match(self.text, top.source):
            self.out[top.place] = ""  # links hold no links, but captions do
        else:
            self.out.append(_CLOSING[kind])
            height += 1
        if height > MAX_NESTING:
            raise Reject("parse_limit", f"markup nested deeper than {MAX_NESTING}")
        if self.stack:
            below = self.stack[-1]
            below.height, below.holds_link = max(below.height, height), below.holds_link or holds_link or kind == _LINK

    def undo(self, opened: _Open) -> None:
        self.out[opened.place] = "&#91;" if opened.kind == _LITERAL else ""

    def end_web(self) -> None:
        """External links neither nest nor span lines: one that is open ends here."""
        if self.counts[_WEB]:
            self.pop(_WEB)

    def line(self, after: int) -> None:
        self.end_web()
        if self.stack and not _FRESH.match(self.text, after):
            self.lines.append(len(self.out))
            self.out.append("\n")
            return
        self.settle()
        self.out.append("\n")

    def settle(self) -> None:
        """Nothing stays open: templates and references end with the line they were opened on, all else is undone."""
        self.end_web()
        while self.stack:
            top = self.stack.pop()
            if top.kind not in (_TEMPLATE, _REFERENCE):
                self.undo(top)
                continue
            line = bisect_right(self.lines, top.place)
            if line < len(self.lines):
                self.out[self.lines[line]] = _CLOSING[top.kind] + self.out[self.lines[line]]
            else:
                self.out.append(_CLOSING[top.kind])
        self.counts = [0] * 5
        self.lines.clear()
