"""What a template says in a sentence: measures, names, emphasis. A template that only adorns or warns says nothing.

The templates stand in Wikipedia under `Template:NAME`; those here are the ones that news items use, with the parameters documented there.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple


def _names(text: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in text.split(","))


# Nothing of these is said, though they hold words: icons, warnings, notes of editors, references.
_MUTE = _names(
    """flagicon, flag icon, flagdeco, flagicon image, dead link, deadlink, citation needed, cn, fact, in lang, es icon, better source,
    better source needed, update inline, update after, when, who, which, where, by whom, clarify, dubious, verify source, page needed,
    failed verification, ref, refn, efn, reflist, sfn, coord, anchor, clear, -, image, portal, main, see also, further, stub, pp, toc,
    subscription required, registration required, paywall, url-access, audio, listen, unreferenced, unreliable source?, pronunciation,
    ipac-en, ipa, respell, current events, short description, use dmy dates, use mdy dates, div col, div col end, colbegin, colend"""
)
_FIRST_SHOWN = _names(
    """nowrap, nobr, small, big, nihongo, flag, flagcountry, flagu, flag+link, fb, abbr, tooltip, sic, esc, w, wl, em, strong, strike, bold,
    italic, nobold, noitalic, sup, sub, smallcaps, sc, allcaps, quote, visible anchor, vanchor, nb5, text, linktext, citation needed span"""
)
_SECOND_SHOWN = _names("lang, transl, transliteration, color, font color, rtl-lang, script, highlight round, bg")
_LINKS = _names("ill, interlanguage link, link-interwiki, illm")
_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(_names("ndash, en dash, –"), "–"),
    **dict.fromkeys(_names("mdash, em dash, —"), "—"),
    **dict.fromkeys(_names("snd, spnd, spndash, spaced ndash, dash"), " – "),
    **dict.fromkeys(_names("nbsp, space, spaces, sp, thinsp, wbr, 0, zwsp, pad, hsp, br, break, ·, dot, •, middot"), " "),
    "'": "'",
    "'s": "'s",
    "'\"": "'\"",
    "\"'": "\"'",
    "!": "|",
    "=": "=",
    "okina": "ʻ",
    "minus": "−",
    "degree": "°",
    "+-": "±",
    "pm": "±",
}
_MONEY: Mapping[str, str] = {
    name: sign
    for sign, names in {
        "US$": "us$, usd",
        "A$": "a$, aud, aud$, au$",
        "C$": "c$, cad, cad$, ca$",
        "NZ$": "nz$, nzd",
        "HK$": "hk$, hkd",
        "R$": "r$, brl",
        "£": "£, gbp, pound",
        "€": "€, eur, euro",
        "¥": "¥, jpy, jp¥, yen",
        "CN¥": "cn¥, cny, rmb",
        "₹": "₹, inr, inrconvert",
        "₩": "₩, krw",
        "₱": "₱, php",
        "₽": "₽, rub",
        "₴": "₴, uah",
        "₪": "₪, ils",
        "$": "$",
    }.items()
    for name in _names(names)
}
_SHIPS = _names(
    """uss, usns, uscgc, hms, hmas, hmcs, hmnzs, ins, rms, ss, ms, mv, mt, mts, ps, rv, sms, gts, msc, kri, brp, jds, js, roks, rfs, arc,
    ara, bns, pns, tcg"""
)
_CONVERT = frozenset(("convert", "cvt"))
_BETWEEN: Mapping[str, str] = {
    **dict.fromkeys(("-", "–", "&ndash;", "to-"), "–"),
    **{name: f" {name} " for name in ("to", "and", "or", "by", "×", "±", "&", "+")},
    "x": " × ",
    "+/-": " ± ",
    "and(-)": " and ",
    ",": ", ",
}
_NUMBER = re.compile(r"[-+−]?[.,]?\d[\d,.]*(?:e[-+]?\d+)?(?:[+⁄/]\d+(?:/\d+)?)?", re.IGNORECASE)


class Said(NamedTuple):
    """The words that a template shows; `article` is the title that they link to, None where they link to nothing."""

    text: str
    article: str | None = None


def said(name: str, given: Sequence[str], named: Mapping[str, str]) -> Said:
    """`name` in lower case with single spaces; arguments by position and by name, as text. An unknown template says its only argument."""
    if name in _MUTE:
        return Said("")
    if name in _CONVERT:
        return Said(_measure(given, hyphenated=named.get("adj", "") in ("on", "mid", "1")))
    if name in _SIGNS and not any(given):
        return Said(_SIGNS[name])
    if name in _MONEY:
        return Said(_MONEY[name] + "".join(given[:1]))
    if name in _SHIPS or name == "ship":
        return _ship(name, given)
    if name in _LINKS:
        return Said(named.get("lt") or (given[0] if given else ""), given[0] if given else None)
    if name == "val":
        return Said(" ".join(filter(None, (given[0] if given else "", named.get("u", named.get("ul", ""))))))
    if name in ("frac", "sfrac", "fraction"):
        return Said("+".join(given[:-2]) + (" " if given[2:] else "") + "/".join(given[-2:]))
    if name == "m":
        return Said("M" + (given[0] if given else ""))
    if name.startswith(("formatnum:", "lc:", "uc:", "lcfirst:", "ucfirst:")):
        return Said(name.partition(":")[2])
    if name.startswith("#") or ":" in name:
        return Said("")
    if name in _FIRST_SHOWN:
        return Said("".join(given[:1]))
    if name in _SECOND_SHOWN:
        return Said("".join(given[1:2] or given[:1]))
    return Said(given[0] if len(given) == 1 and not named else "")


def _ship(name: str, given: Sequence[str]) -> Said:
    """`{{USS|Name|Hull|format}}`, `{{ship|Prefix|Name|Id|format}}`: formats 2 and 6 show no hull number, 3 nothing but it."""
    parts = [part.strip() for part in given]
    prefix = (parts.pop(0) if parts else "") if name == "ship" else name.upper()
    title = " ".join(filter(None, (prefix, parts[0] if parts else "")))
    hull = parts[1] if len(parts) > 1 else ""
    article = f"{title} ({hull})" if hull else title
    style = parts[2] if len(parts) > 2 else ""
    return Said(article if hull and not style else title, article or None)


def _measure(given: Sequence[str], *, hyphenated: bool) -> str:
    """`{{convert|5|to|10|km|mi}}`: the numbers and the unit as they were given, not what they are converted to."""
    words: list[str] = []
    at = 0
    while at < len(given):
        number = given[at]
        at += 1
        while at + 1 < len(given) and given[at].lower() in _BETWEEN and _NUMBER.fullmatch(given[at + 1]):
            number += _BETWEEN[given[at].lower()] + given[at + 1]
            at += 2
        unit = given[at] if at < len(given) else ""
        at += 1
        words.append(f"{number}{'-' if hyphenated else ' '}{unit}".strip(" -"))
        # 5 ft 4 in: another number with another unit; a number alone says how the result is rounded
        if not (at + 1 < len(given) and _NUMBER.fullmatch(given[at]) and given[at + 1] and not _NUMBER.fullmatch(given[at + 1])):
            break
        if unit.lower() not in ("ft", "lb", "st", "mi", "yd", "long ton", "h", "min"):
            break
    return " ".join(words)
