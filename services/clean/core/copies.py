"""Where a text comes from: agency credits, datelines, and the address of the original that a reprint names."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from services.clean.core.agencies import agency as agency_name

# "ALEPPO, Syria (AP) —", "BERLIN, 3. Mai (dpa) -", "PARIS (Reuters) -", "МОСКВА, 5 мая — РИА Новости."
_DATELINE = re.compile(r"^\W{0,3}[^\W\d_][\w .,'’/-]{1,60}\s*[(（\[]([^()（）\[\]]{2,40})[)）\]]\s*[-–—―:－]")
_LEADING = re.compile(r"^[(（\[]([^()（）\[\]]{2,30})[)）\]]\s*[-–—―:]?\s")
_SLASH = re.compile(r"^[^\W\d_][\w .-]{1,40}\s*[-–—/]{1,2}\s*([A-Za-z]{2,10})\s*[-–—]{1,2}\s")
_CHINESE = re.compile(r"^[（(]?\s*(新华社|中新社|中央社)[\w\s]{0,20}(?:电|電|讯)")
_RUSSIAN = re.compile(r"^[А-ЯЁ -]{3,40},\s*\d{1,2}\s+[а-яё]{3,9}\s*[.—–-]*\s*[/—–-]?\s*([А-ЯЁа-яё -]{4,16}?)\s*[/.—–]")
_ORIGINAL = re.compile(
    r"(?:original (?:url|source|article|link|post)|originally (?:published|appeared)|first (?:published|appeared)|"
    r"this (?:article|story|piece) (?:was )?(?:first|originally)|"
    r"source url|read the original|republished from|reprinted from|quelle|originalartikel|zuerst erschienen|"
    r"article original|artículo original|"
    r"publicado originalmente|оригинал|источник|原文(?:链接|網址|网址)?|出典)",
    re.I,
)
_AMP_CACHE = "ampproject.org"
_URL = re.compile(r"https?://[^\s<>\"')\]]+", re.I)


def agency_of(first_paragraph: str, last_paragraph: str = "") -> str | None:
    """The agency that a dateline or a credit at the end names."""
    start = first_paragraph[:160]
    for pattern in (_DATELINE, _LEADING, _SLASH, _CHINESE, _RUSSIAN):
        match = pattern.match(start)
        if match:
            for part in re.split(r"\s*[/,;&+|]\s*|\s+-\s+", match[1]):
                if name := agency_name(part):
                    return name
    match = re.search(r"[(（\[/]\s*([\w .-]{2,20})\s*[)）\]]\s*$", last_paragraph[-40:])
    return agency_name(match[1]) if match else None


def says_original(text: str) -> bool:
    """Whether a short line announces the address of the original."""
    return len(text) < 300 and _ORIGINAL.search(text[:120]) is not None


def first_url(text: str) -> str | None:
    """The first address in a text, without the marks that follow it."""
    match = _URL.search(text[:4_000])
    return match[0].rstrip(".,;:!?") if match else None


def is_article_address(url: str) -> bool:
    """Whether an address can be one article's: more than a host, no mail and no social network's profile."""
    parts = urlsplit_or_none(url)
    if parts is None or parts.scheme not in ("http", "https"):
        return False
    path = parts.path.strip("/")
    return bool(path) and (len(path) >= 12 or bool(parts.query) or path.count("/") >= 1)


def other_host(url: str | None, other: str | None) -> bool:
    """Whether two addresses belong to different sites.

    Hosts that share their last two names do not (m., www., amp., language editions), nor do those of one name in two countries
    (`post.test` and `post.co.test`), nor an article and its copy in AMP's cache.
    """
    a, b = _site(url), _site(other)
    if a is None or b is None or a == b or _AMP_CACHE in (a, b):
        return False
    name = a.partition(".")[0]
    return len(name) < 4 or name != b.partition(".")[0]


def _site(url: str | None) -> str | None:
    parts = urlsplit_or_none(url or "")
    if parts is None or not parts.hostname:
        return None
    labels = parts.hostname.lower().split(".")
    # A short second-level name (co.uk, com.au) is a public suffix as good as always.
    keep = 3 if len(labels) > 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-keep:])


@lru_cache(maxsize=256)
def urlsplit_or_none(url: str):  # type: ignore[no-untyped-def]
    """The parts of an address; None where it cannot be one."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        return None
    return parts
