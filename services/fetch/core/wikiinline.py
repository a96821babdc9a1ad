"""One line of wikitext as its plain words, its wiki links and its sources. The line has been through `wikimend.mend`."""

import html
import re
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import unquote

import mwparserfromhell
from mwparserfromhell.nodes import Argument, Comment, ExternalLink, Heading, HTMLEntity, Tag, Template, Text, Wikilink
from mwparserfromhell.wikicode import Wikicode

from services.fetch.core.entries import link as absolute
from services.fetch.core.outlets import outlet_of, settle_outlets
from services.fetch.core.portalpage import UNSEEN
from services.fetch.core.wikitemplates import said
from shared.stage import Reject

MAX_LINE = 20_000  # characters of wikitext
MAX_TEXT, MAX_NAME, MAX_SURFACE, MAX_OUTLET = 4000, 255, 200, 200
MAX_SOURCES = 200  # of one line
_BASE = "https://en.wikipedia.org/"

# Marks in the flattened line; see also outlets.py. Around a link's surface:
LINK, LINK_END = "\ue013", "\ue014"
_START = "\ue00f"  # before the line, so that nothing in it stands at a line's beginning, where signs mean lists
_MARKS = re.compile("[\ue000-\uf8ff]")
_LINKED = re.compile("\ue013[^\ue013\ue014]*\ue014")
_INLINE_TOPIC = re.compile("(?:\ue013[^\ue013\ue014]*\ue014[\\s,;&/]{0,5}(?:and )?)+:(?=\\s|$)")
_QUOTES = re.compile("'{2,}")
_MAGIC = re.compile(r"__[A-Z]{3,20}__")
_BROKEN = str.maketrans("", "", "[]{}")
_TRAIL = re.compile("[a-z]+")
_PIPE_TRICK = re.compile(r"\s*\([^()]*\)$|,.*$")
# Links into these namespaces are shown, but name no article; without a colon before them, those of the first line are not even shown.
_UNSHOWN = frozenset(("file", "image", "media", "category"))
_WIKIS = frozenset((*"cdmsnqbvthp", "mw", "voy", "doi", "phab", "wikt", "commons", "meta", "species"))
_SPACES = re.compile(
    r"(?:template|portal|wikipedia|wp|project|help|user|special|module|draft|timedtext|mediawiki|book|wiktionary|wikidata|wikisource|wikinews"
    r"|wikiquote|wikibooks|wikiversity|wikivoyage)(?: talk)?|talk"
)
_LANGUAGE = re.compile(r"[a-z]{2,3}|[a-z]{2,3}-[a-z-]{2,12}|simple")
_CITING = ("cite ", "citation", "webarchive", "url", "official", "cita ", "vcite ", "wayback", "archive url", "harvc")
_ADDRESS = re.compile(r"\s*((?:https?:)?//\S+)\s*", re.IGNORECASE)
_OUTLET_PARAMETERS = ("work", "newspaper", "website", "magazine", "journal", "publisher", "agency", "via")
_REFERENCE = re.compile(r"&#?[0-9A-Za-z]{1,40};")


class PortalLink(TypedDict):
    """A wiki link: the article's title and how it is called here."""

    name: str
    surface: str


class PortalSource(TypedDict):
    """A cited page; `outlet` as the portal names it, None where it names none."""

    outlet: str | None
    url: str


@dataclass(slots=True)
class Line:
    """`outside` counts the words that stand in no link; `topics` are the links before an inline topic's colon."""

    text: str
    links: list[PortalLink]
    sources: list[PortalSource]
    outside: int
    topics: list[PortalLink]


def read_line(wikitext: str) -> Line:
    """The line read. Linear in its length; raises `Reject("parse_limit")` for one longer than `MAX_LINE`."""
    if len(wikitext) > MAX_LINE:
        raise Reject("parse_limit", f"a line of more than {MAX_LINE} characters")
    reading = _Reading()
    text = reading.flat(mwparserfromhell.parse(_START + unquoted(_MAGIC.sub("", wikitext)), skip_style_tags=True))
    text = settle_outlets(text.replace(_START, ""), reading.sources)
    topic = _INLINE_TOPIC.match(text.strip())
    leading = topic[0].count(LINK) if topic else 0
    outside = re.findall(r"\w+", _unescaped(_LINKED.sub(" ", text)))
    return Line(plain_text(text, MAX_TEXT), reading.links, reading.sources, len(outside), reading.links[:leading])


def _unescaped(text: str) -> str:
    """Character references undone, those with their semicolon alone, as MediaWiki does: `?a=1&copy=2` is an address."""
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def plain_text(text: str, limit: int) -> str:
    """References undone once, nothing unseen, single spaces."""
    return " ".join(UNSEEN.sub("", _MARKS.sub("", _unescaped(text))).split())[:limit].strip()


def unquoted(line: str) -> str:
    """The line without the apostrophes that mean italic and bold, by MediaWiki's rules (`Parser::doQuotes`).

    Four are an apostrophe and bold, more than five are apostrophes and five; where both kinds are left open, one bold was an apostrophe
    and italic: the first after a word of one letter, else after a longer word, else after a space.
    """
    runs = list(_QUOTES.finditer(line))
    if not runs:
        return line
    shown = [len(run[0]) - 5 if len(run[0]) > 5 else int(len(run[0]) == 4) for run in runs]
    sizes = [len(run[0]) - extra for run, extra in zip(runs, shown, strict=True)]
    if sum(size in (3, 5) for size in sizes) % 2 and sum(size in (2, 5) for size in sizes) % 2:
        bold = [number for number, size in enumerate(sizes) if size == 3]
        if bold:
            shown[min(bold, key=lambda number: _likely(line, runs[number].start()))] += 1
    kept: list[str] = []
    at = 0
    for run, extra in zip(runs, shown, strict=True):
        kept += (line[at : run.start()], "'" * extra)
        at = run.end()
    return "".join(kept) + line[at:]


def _likely(line: str, place: int) -> int:
    if line[place - 1 : place] in (" ", ""):
        return 2
    return 0 if line[max(place - 2, 0) : place - 1] in (" ", "") else 1


@dataclass(slots=True)
class _Reading:
    links: list[PortalLink] = field(default_factory=list)
    sources: list[PortalSource] = field(default_factory=list)

    def flat(self, code: Wikicode | None, *, quiet: bool = False) -> str:
        """The code's words with marks. `quiet`: links in it name no subject."""
        if code is None:
            return ""
        said: list[str] = []
        nodes = code.nodes
        trail = 0  # letters of the next text that belong to a link's surface
        for number, node in enumerate(nodes):
            if isinstance(node, Text):
                said.append(node.value[trail:].translate(_BROKEN))
                trail = 0
            elif isinstance(node, Wikilink):
                after = nodes[number + 1] if number + 1 < len(nodes) else None
                found = _TRAIL.match(after.value) if isinstance(after, Text) else None
                trail = len(found[0]) if found else 0
                shown = self.wikilink(node, found[0] if found else "", quiet)
                trail = trail if shown else 0
                said.append(shown)
            elif isinstance(node, ExternalLink):
                said.append(self.external(node, quiet))
            elif isinstance(node, Template):
                said.append(self.template(node, quiet))
            elif isinstance(node, HTMLEntity):
                said.append(str(node))
            elif isinstance(node, Heading):
                said.append(self.flat(node.title, quiet=quiet))
            elif isinstance(node, Tag):
                said.append(self.flat(node.contents, quiet=quiet))
            elif isinstance(node, Argument):
                said.append(self.flat(node.default, quiet=quiet))
            elif not isinstance(node, Comment):
                said.append(str(node))
        return "".join(said)

    def wikilink(self, node: Wikilink, trail: str, quiet: bool) -> str:
        target = plain_text(self.flat(node.title, quiet=True), 1000).replace("_", " ").strip()
        shown = target.startswith(":")
        target = target.lstrip(": ")
        space, colon, rest = target.partition(":")
        space = space.strip()
        other_wiki = space.lower() in _WIKIS
        other_language = bool(colon and rest.strip() and not other_wiki and _LANGUAGE.fullmatch(space))
        foreign = bool(colon) and (other_wiki or other_language or bool(_SPACES.fullmatch(space.lower())))
        unshown = bool(colon) and (other_language or space.lower() in _UNSHOWN)
        if unshown and not shown:
            return ""
        if node.text is None:
            words = target
        else:
            words = self.flat(node.text, quiet=True) or _PIPE_TRICK.sub("", target)
        words += trail
        title = " ".join(unquote(target.partition("#")[0]).split())
        surface = plain_text(words, MAX_SURFACE)
        if quiet or foreign or unshown or not title or not surface or len(title) > MAX_NAME:
            return words
        self.links.append(PortalLink(name=title[0].upper() + title[1:], surface=surface))
        return f"{LINK}{_MARKS.sub('', words)}{LINK_END}"

    def external(self, node: ExternalLink, quiet: bool) -> str:
        address = str(node.url)
        if not re.match(r"(?:https?:)?//", address, re.IGNORECASE):
            return str(node) if not node.brackets else self.flat(node.title, quiet=True)
        label = _MARKS.sub("", self.flat(node.title, quiet=True)) if node.brackets else ""
        if "|" in address and not label:
            address, _, label = address.partition("|")
        told = outlet_of(plain_text(label, 1000))
        return self.source(told.outlet, address, label=told.rest) + told.after

    def source(self, outlet: str | None, address: str, *, label: str | None = None) -> str:
        """The mark of a source. `label` are words that may be its outlet or part of the sentence: what stands around will tell."""
        url = absolute(_BASE, _unescaped(address))
        if url is None or len(self.sources) >= MAX_SOURCES:
            return label or ""
        self.sources.append(PortalSource(outlet=outlet[:MAX_OUTLET] if outlet else None, url=url))
        mark = chr(0xE100 + len(self.sources) - 1)
        return mark if label is None else f"\ue011{mark}{label}\ue012"

    def template(self, node: Template, quiet: bool) -> str:
        name = " ".join(plain_text(str(node.name), 200).replace("_", " ").lower().removeprefix("template:").split())
        given: list[str] = []
        named: dict[str, str] = {}
        before = len(self.sources)
        citing = name.startswith(_CITING)
        for parameter in node.params:
            key = str(parameter.name).strip()
            address = _ADDRESS.fullmatch(str(parameter.value)) if citing else None
            value = address[1] if address else self.flat(parameter.value, quiet=quiet or citing).strip()
            if key.isascii() and key.isdecimal() and 0 < int(key[:4]) <= len(given) + 1:
                given.insert(int(key[:4]) - 1, value)
            else:
                named[key.lower()] = value
        if citing:
            return self.citation(given, named)
        told = said(name, given, named)
        hidden = "".join(chr(0xE100 + number) for number in range(before, len(self.sources)) if chr(0xE100 + number) not in told.text)
        if told.article is None or quiet or not told.text.strip():
            return told.text + hidden
        words = _MARKS.sub("", told.text)
        title = " ".join(plain_text(told.article, MAX_NAME).split())
        if title:
            self.links.append(PortalLink(name=title[0].upper() + title[1:], surface=plain_text(words, MAX_SURFACE)))
        return f"{LINK}{words}{LINK_END}{hidden}"

    def citation(self, given: list[str], named: dict[str, str]) -> str:
        address = named.get("url") or next((value for value in given if re.match(r"(?:https?:)?//", value, re.IGNORECASE)), "")
        address = address or named.get("archive-url", "") or named.get("archiveurl", "")
        outlet = next((found for name in _OUTLET_PARAMETERS if (found := plain_text(named.get(name, ""), MAX_OUTLET))), None)
        marks = "".join(_MARKS.findall("".join((*given, *named.values()))))
        if not address or any(address.endswith(source["url"]) for source in self.sources):
            return marks
        return self.source(outlet, _MARKS.sub("", address)) + marks
