"""The identity of addresses: what is an http address, its canonical form, and which addresses are the same article.

`canonical` only undoes what cannot matter to a server, so its result can be fetched. `key` goes further, by w3lib's rules (arguments
sorted, encodings undone) and by what news sites do (http and https, `www.`, mobile and AMP variants); it is compared, never fetched.
Where it is not certain that two addresses are one article, the keys differ: redirects and canonical links join them later.
"""

import re
from contextlib import suppress
from datetime import date
from functools import lru_cache
from hashlib import sha256
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import quote, quote_from_bytes, unquote, unquote_to_bytes

import idna

from shared.stage import Reject
from shared.trackers import kept

MAX_LENGTH = 4096  # characters; longer ones are refused
LONGEST_KEY = 1000

_PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_NO_URL = re.compile(r"[\x00-\x1f\x7f\\]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
# A run of octets beyond ASCII, with the letter before it, which a first accent may belong to.
_FOREIGN = re.compile(r"(?:(?<!%)(?<!%[0-9A-F])[A-Za-z])?(?:%[89A-F][0-9A-F])+")
_AMPERSAND = re.compile(r"&#(?:0*38|[xX]0*26);")
_BREAKS = str.maketrans("", "", "\t\r\n")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_~/-]*")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SUB_DELIMITERS = frozenset("!$&'()*+,=:@")  # not ";", which parts the parameters of a path segment
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_WORD = re.compile(r"[\w.~-]*", re.ASCII)
_SESSION_PARAMETER = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)

# An AMP page is the same article in another dress.
_AMP_ARGUMENT = re.compile(
    r"(?:amp|_amp|amp_?html)(?:=(?:1|true|yes)?)?|(?:outputtype|output|format|view|type|mode)=amp|usqp=.*|amp_(?:js_v|gsa|ct|r)=.*"
)
_AMP_PATH = re.compile(r"(?P<page>/.*[^/])(?:(?P<directory>/amp)(?P<slash>/?)|\.amp(?P<ending>\.html?|/)?)")
_AMP_SEGMENT = re.compile(r"(.*?)/amp(/.*[-0-9].*)")  # before something that looks like an article's own name
_NAME = re.compile(r"[-0-9]")  # stands in the address of an article, hardly in a section's
_AMP_CACHE = re.compile(r"/(?:amp|[acivw])(?:/s)?/(?P<inner>[^/]+\.[^/]+/.*)")
_VARIANT_LABELS = frozenset(("www", "m", "mobile", "amp"))
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "go", "gov", "gob", "gouv", "net", "ne", "or", "org"))

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SLUG_DATE = re.compile(r"/((?:19|20)[0-9]{2})/([0-9]{1,2}|[a-z]{3})/([0-9]{1,2})(?=/|$)")


class _Address(NamedTuple):
    scheme: str
    host: str  # lower case, ASCII, an IPv6 address in brackets
    port: str  # with its colon; empty where it is the scheme's own
    path: str
    query: str
    fragment: str  # only where a page's script takes it for a path (`#!/…`)


def canonical(url: str) -> str:
    """The address as it is kept, shown and fetched.

    Scheme and host in lower case (IDNA, UTS 46), no default port, dot segments resolved, percent-encoding made uniform (RFC 3986,
    6.2.2), no fragment, no tracking and no session arguments. The order of the arguments stays, since servers may mind it.
    Raises `Reject("url_malformed")` for what is no http(s) address or hides where it leads: credentials, backslashes, control
    characters, hosts as decimal, octal or hexadecimal numbers.
    """
    at = _read(url)
    return f"{at.scheme}://{at.host}{at.port}{at.path}{_question([_encode(piece) for piece in kept(at.query, at.path)])}{at.fragment}"


def sendable(url: str) -> str:
    """The address as a request needs it: checked and encoded like `canonical`, but with every argument, and without a fragment."""
    at = _read(url)
    return f"{at.scheme}://{at.host}{at.port}{at.path}{_question([_encode(at.query)] if at.query else [])}"


@lru_cache(maxsize=4096)
def key(url: str) -> str:
    """A text that is equal for two addresses if and only if they are the same article. Errors as in `canonical`."""
    at = _read(url)
    inner = _inside_amp_cache(at)
    at = inner or at
    path = _composed(_ESCAPE.sub(_undo_delimiters, at.path)) if "%" in at.path else at.path
    if "amp" in path:
        path = _without_amp(path, certain=inner is not None)
    arguments = sorted(_argument(piece) for piece in kept(at.query, at.path) if not _AMP_ARGUMENT.fullmatch(piece.lower()))
    return _bounded(f"//{_one_host(at.host)}{at.port}{path}{_question([f'{name}={value}' for name, value in arguments])}{at.fragment}")


def _without_amp(path: str, *, certain: bool) -> str:
    """The path of the page itself. `/guitar/amp` is a page of its own, as far as anybody knows; `/guitar-solo-17/amp` is none."""
    amp = _AMP_PATH.fullmatch(path)
    if amp is not None and (certain or not amp["directory"] or _NAME.search(amp["page"])):
        return amp["page"] + (amp["slash"] or amp["ending"] or "")
    within = _AMP_SEGMENT.fullmatch(path)
    return within[1] + within[2] if within is not None else path


def _composed(path: str) -> str:
    """Letters in Unicode's composed form: keyboards of two makers write é in two ways."""
    return _FOREIGN.sub(lambda run: _nfc(run[0]), path) if "%C" in path else path


@lru_cache(maxsize=1024)
def _nfc(run: str) -> str:
    try:
        return quote(normalize("NFC", unquote(run, errors="strict")), safe="")
    except UnicodeDecodeError:
        return run


def _bounded(found: str) -> str:
    """The beginning and a hash of what is too long for an index of PostgreSQL (2,704 bytes)."""
    return found if len(found) <= LONGEST_KEY else f"{found[:200]}…{sha256(found.encode()).hexdigest()}"


def host_port(url: str) -> tuple[str, str, int]:
    """Scheme, host (an IPv6 address without brackets) and port of an address. Errors as in `canonical`."""
    at = _read(url)
    port = int(at.port[1:]) if at.port else (443 if at.scheme == "https" else 80)
    return at.scheme, at.host.strip("[]"), port


def shown(host: str, port: int | None = None) -> str:
    """A host as people read it, with its port if that is given: an IPv6 address stands in brackets, as in an address."""
    host = f"[{host}]" if ":" in host else host
    return host if port is None else f"{host}:{port}"


def site(host: str) -> str:
    """The registered domain of a host (`news.example.co.uk`: `example.co.uk`), by a rule and not by a list; an IP address is its own."""
    if ":" in host or _IPV4.fullmatch(host):
        return host
    labels = host.lower().split(".")
    starts = (at for at in range(len(labels) - 2, -1, -1) if _is_site(labels[at:]))
    return ".".join(labels[next(starts, 0) :])


def slug_date(url: str) -> date | None:
    """The day that stands in the path (`/2016/07/28/`, `/2016/jul/28/`), or None."""
    found = _SLUG_DATE.search(url.lower().split("?", 1)[0])
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        return date(int(year), int(month) if month.isdigit() else _MONTHS.index(month) + 1, int(day))
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _read(url: str) -> _Address:
    url = url.strip(" \t\r\n\f")
    if len(url) > MAX_LENGTH:
        raise Reject("url_malformed", f"{len(url)} characters")
    if "&#" in url:
        url = _AMPERSAND.sub("&", url)
    if _NO_URL.search(url):
        url = url.translate(_BREAKS)  # as browsers do (WHATWG, URL Standard 4.4)
    parts = _PARTS.fullmatch(url)
    if parts is None or _NO_URL.search(url):
        raise Reject("url_malformed", ascii(url[:200]))
    scheme, authority, path, query, fragment = parts.groups()
    try:
        url.encode()
        scheme = scheme.lower()
        host, port = _authority(scheme, authority)
        return _Address(scheme, host, port, _path(path), query or "", _route(fragment))
    except ValueError as problem:
        raise Reject("url_malformed", f"{problem}: {url[:200]!a}") from problem


def _authority(scheme: str, authority: str) -> tuple[str, str]:
    if "@" in authority:
        raise ValueError("credentials")
    name, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        name, port = authority, ""
    if port:
        if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
            raise ValueError("no port")
        port = str(int(port))
        port = "" if port == ("443" if scheme == "https" else "80") else f":{port}"
    return _host(name), port


@lru_cache(maxsize=1024)
def _host(name: str) -> str:
    if name.startswith("["):
        if not name.endswith("]") or "%" in name:
            raise ValueError("no IPv6 address")
        try:
            return f"[{IPv6Address(name[1:-1]).compressed}]"
        except AddressValueError as problem:
            raise ValueError("no IPv6 address") from problem
    host = unquote(name, errors="strict").lower() if "%" in name else name.lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError as problem:
            raise ValueError("no host name") from problem
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("no host name")
    if _NUMBER.fullmatch(labels[-1]) and not _IPV4.fullmatch(host):
        raise ValueError("a host written as a number")  # browsers read 2130706433, 0177.1 and 0x7f.1 as 127.0.0.1
    return host


def _path(path: str) -> str:
    if _PLAIN_PATH.fullmatch(path):
        return path or "/"
    path = quote(_ESCAPE.sub(_undo_unreserved, path), safe="/%!$&'()*+,;=:@~")
    if ";" in path:
        path = _SESSION_PARAMETER.sub("", path)
    return _without_dots(path) if "/." in path else path


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _question(pieces: list[str]) -> str:
    return "?" + "&".join(pieces) if pieces else ""


def _encode(text: str) -> str:
    return quote(_ESCAPE.sub(_undo_unreserved, text), safe="/?%!$&'()*+,;=:@~")


def _route(fragment: str | None) -> str:
    if not fragment or not fragment.startswith(("!", "/")) or len(fragment) < 3:
        return ""
    return "#" + quote(_ESCAPE.sub(_undo_unreserved, fragment), safe="/?%!$&'()*+,;=:@~")


def _undo(escape: re.Match[str], plain: frozenset[str]) -> str:
    digits = escape[1]
    if digits is None:
        return "%25"
    character = chr(int(digits, 16))
    return character if character in plain else f"%{digits.upper()}"


def _undo_unreserved(escape: re.Match[str]) -> str:
    return _undo(escape, _UNRESERVED)


def _undo_delimiters(escape: re.Match[str]) -> str:
    return _undo(escape, _SUB_DELIMITERS)


def _argument(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    return _uniform(name), _uniform(value)


def _uniform(text: str) -> str:
    if _WORD.fullmatch(text):
        return text
    octets = unquote_to_bytes(text.replace("+", " "))
    if not octets.isascii():
        with suppress(UnicodeDecodeError):
            octets = normalize("NFC", octets.decode()).encode()
    return quote_from_bytes(octets, safe="")


def _one_host(host: str) -> str:
    """The host without the label that only says in which dress a site comes."""
    labels = host.split(".")
    if labels[0] in _VARIANT_LABELS and _is_site(labels[1:]):
        labels = labels[1:]
    if len(labels) > 2 and labels[1] in ("m", "mobile", "amp") and _is_site(labels[2:]):  # en.m.wikipedia.org
        del labels[1]
    return ".".join(labels)


def _is_site(labels: list[str]) -> bool:
    """Whether these labels are more than a public suffix such as `co.uk`."""
    return len(labels) > 2 or (len(labels) == 2 and not (labels[0] in _SECOND_LEVEL and len(labels[1]) == 2))


def _inside_amp_cache(at: _Address) -> _Address | None:
    """The publisher's address inside one of the AMP caches' addresses."""
    google = at.path.startswith("/amp/") and re.fullmatch(r"(?:www\.)?google\.[a-z.]+", at.host)
    if not google and not f".{at.host}".endswith(".cdn.ampproject.org"):
        return None
    inner = _AMP_CACHE.fullmatch(at.path)
    if inner is None:
        return None
    try:
        return _read(f"https://{inner['inner']}{_question([at.query] if at.query else [])}")
    except Reject:
        return None
