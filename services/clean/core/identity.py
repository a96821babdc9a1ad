"""Whether a page's rel=canonical says that two addresses are one article's. Where it is not certain they stay two: templates err."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from shared import urls
from shared.stage import Reject

SAME_SHARE = 0.8  # of the shorter text's characters stand in paragraphs that both have, and half as much of the longer one's
NEAR = timedelta(days=1)  # between two publication dates of one article
_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_DAY = re.compile(r"(?:19|20)\d{6}")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 4  # of a slug that names one article; `morning-briefing` names one a day


def claim(url: str | None, canonical: str | None) -> str | None:
    """The key of the address that a page names as its own in place of `url`: another one, on the same host, and no front page's."""
    if not url or not canonical or canonical == url:
        return None
    try:
        own, other = urls.key(url), urls.key(canonical)
    except Reject:
        return None
    at = urlsplit(canonical)
    if own == other or _host(own) != _host(other) or (at.path.strip("/") == "" and not at.query):
        return None
    return other


def named_alike(url: str, canonical: str) -> bool:
    """Whether the two addresses themselves speak of one article: by a number or a long slug that both have, and no other day.

    What a page says of itself is not enough: `/2024/01/05/morning-briefing` may call itself `/morning-briefing`, every day.
    """
    if urls.slug_date(url) not in (None, urls.slug_date(canonical)):
        return False
    return bool(_numbers(url) & _numbers(canonical) or _slugs(url) & _slugs(canonical))


def same_article(
    one: tuple[str | None, str | None, datetime | None], other: tuple[str | None, str | None, datetime | None]
) -> bool:
    """Whether two (title, text, published) are one article: the same title, nearly the same paragraphs, and no other day."""
    (title, text, published), (other_title, other_text, other_published) = one, other
    if not title or _plain(title) != _plain(other_title or ""):
        return False
    if published and other_published and abs(published - other_published) > NEAR:
        return False
    mine, others = _paragraphs(text), _paragraphs(other_text)
    shared = sum(len(paragraph) for paragraph in mine & others)
    lengths = sorted(sum(map(len, paragraphs)) for paragraphs in (mine, others))
    return shared > 0 and shared >= SAME_SHARE * lengths[0] and shared >= SAME_SHARE / 2 * lengths[1]


def _host(key: str) -> str:
    return key[2:].partition("/")[0]


def _numbers(url: str) -> set[str]:
    at = urlsplit(url)
    return {number for number in _NUMBER.findall(f"{at.path}?{at.query}") if not _DAY.fullmatch(number)}


def _slugs(url: str) -> set[tuple[str, ...]]:
    found = (tuple(_WORD.findall(piece.lower().partition(".")[0])) for piece in urlsplit(url).path.split("/"))
    return {words for words in found if len(words) >= _FEWEST_WORDS}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _paragraphs(text: str | None) -> set[str]:
    return {plain for one in (text or "").split("\n\n") if (plain := _plain(one))}
