"""The address of an event's page: the id is for ever, date and slug decorate it."""

import unicodedata
from datetime import date

SLUG_CHARS = 80
FEWEST_LETTERS = 3


def _words(line: str) -> list[str]:
    return line.split()


_LATIN = dict(zip("ßæœøłđðþı", ("ss", "ae", "oe", "o", "l", "d", "d", "th", "i"), strict=True))
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ",
        _words("a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya i yi ye g"),
        strict=True,
    )
)
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", _words("a v g d e z i th i k l m n x o p r s s t y f ch ps o"), strict=True))
_TABLE = str.maketrans({**_LATIN, **{k: v.replace("-", "") for k, v in _CYRILLIC.items()}, **_GREEK})


def slug(headline: str) -> str:
    """The headline as lower-case words of a to z and digits, cut at a word; `event` where its script gives hardly any letter.

    >>> slug("Überschwemmung in Łódź: 3 Tote")
    'uberschwemmung-in-lodz-3-tote'
    """
    folded = headline.casefold().translate(_TABLE)
    # Lower-cased once more: ℠ becomes SM only here.
    plain = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c)).lower()
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in plain.replace("'", "").replace("’", "")).split()
    kept: list[str] = []
    for word in words:
        if sum(map(len, kept)) + len(kept) + len(word) > SLUG_CHARS:
            break
        kept.append(word)
    found = "-".join(kept)
    return found if sum(map(str.isalpha, found)) >= FEWEST_LETTERS else "event"


def event_path(day: date, headline: str, event_id: int) -> str:
    """`/news/YYYY/MM/DD/slug-ID`."""
    return f"/news/{day:%Y/%m/%d}/{slug(headline)}-{event_id}"


def day_path(day: date) -> str:
    """`/news/YYYY/MM/DD/index`."""
    return f"/news/{day:%Y/%m/%d}/index"
