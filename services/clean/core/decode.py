"""From bytes to text, as browsers do it (https://encoding.spec.whatwg.org), made a little wiser for pages that lie.

In order: a byte order mark; the header's charset; the document's own declaration within its first 4 KB; UTF-8 where it is valid; else
the encoding that the standard gives to the document's language, mostly windows-1252. Where a one-byte encoding is declared but the
bytes are valid UTF-8 beyond ASCII, they are UTF-8: the reverse accident practically never happens in a text of any length, the mistaken
declaration often. Where UTF-8 is declared and hardly anything beyond ASCII is valid, it is a mistaken declaration too.
"""

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w:.-]+)", re.I)
_META = re.compile(rb"<meta\b[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.I)
_XML = re.compile(rb"^\s*<\?xml\b[^>]{0,100}?encoding\s*=\s*[\"']([\w:.-]{2,40})[\"']", re.I)

_LANGUAGE = re.compile(rb"<html\b[^>]{0,400}?\blang\s*=\s*[\"']?([\w-]{2,20})", re.I)
_FEW = 0.125  # characters beyond ASCII to a broken byte: what is no UTF-8 has no more by accident

# https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding
_OF_LANGUAGE = {
    **dict.fromkeys(("ba", "be", "bg", "kk", "ky", "mk", "ru", "sah", "sr", "tg", "tt", "uk"), "cp1251"),
    **dict.fromkeys(("cs", "hu", "pl", "sk", "sl", "hr"), "cp1250"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    **dict.fromkeys(("az", "ku", "tr"), "cp1254"),
    **dict.fromkeys(("zh-tw", "zh-hant", "zh-hk"), "big5hkscs"),
    **dict.fromkeys(("he", "iw"), "cp1255"),
    **dict(zip(("el", "ja", "ko", "th", "vi", "zh"), ("cp1253", "cp932", "cp949", "cp874", "cp1258", "gb18030"), strict=True)),
}

# WHATWG label -> Python codec. A label that stands in neither table is not honoured: Python knows codecs that are no charsets.
_LABELS: dict[str, str] = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "chinese": "gb18030", "gb18030": "gb18030",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cn-big5": "big5hkscs", "x-x-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932",
    "ms932": "cp932", "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "korean": "cp949", "windows-949": "cp949", "cp949": "cp949",
    "koi8-r": "koi8_r", "koi8": "koi8_r", "koi": "koi8_r", "koi8-u": "koi8_u", "koi8-ru": "koi8_u", "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "ibm866": "cp866", "cp866": "cp866", "866": "cp866", "tis-620": "cp874", "windows-874": "cp874",
    "utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "unicode": "utf-16-le",
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-unicode20utf8": "utf-8",
    "latin1": "cp1252", "l1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252", "ansi_x3.4-1968": "cp1252",
    "latin2": "iso8859_2", "latin5": "cp1254", "iso-8859-8-i": "iso8859_8", "logical": "iso8859_8", "iso-8859-15": "iso8859_15",
    "cyrillic": "iso8859_5", "arabic": "iso8859_6", "greek": "iso8859_7", "hebrew": "iso8859_8",
}  # fmt: skip
_LABELS.update({f"windows-{n}": f"cp{n}" for n in range(1250, 1259)} | {f"cp{n}": f"cp{n}" for n in range(1250, 1259)})
_PARTS = (*range(1, 12), 13, 14, 16)
_ISO = {1: "cp1252", 9: "cp1254", 11: "cp874"}
_LABELS.update({f"{p}{n}": _ISO.get(n, f"iso8859_{n}") for n in _PARTS for p in ("iso-8859-", "iso8859-", "iso_8859-")})


def codec(label: str | None) -> str | None:
    """The Python codec that a WHATWG label means; None for a label that is none."""
    return _LABELS.get(label.strip().lower()) if label else None


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of a document. Never fails: what cannot be read becomes U+FFFD."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace")
    declared = _declared(body, content_type)
    if declared in (None, "utf-8") or not declared.startswith(("utf-16", "gb", "big5", "cp932", "euc", "cp949", "iso2022")):
        text = _utf8(body)
        if text is not None:
            return text
    if declared in (None, "utf-8"):
        # Declared or not: mostly UTF-8 with a few broken bytes stays UTF-8; otherwise it is an old page.
        text = body.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        if declared is None and broken * 200 < len(text):
            return text
        if declared and sum(1 for character in text if character > "\x7f") - broken > _FEW * broken:
            return text
        declared = _by_language(body)
    return body.decode(declared, "replace")


def _by_language(body: bytes) -> str:
    """The codec of a page that declares none: by its language, as the standard's table for browsers has it."""
    found = _LANGUAGE.search(body[:4096])
    if found is None:
        return "cp1252"
    said = found[1].decode("ascii", "replace").lower()
    return _OF_LANGUAGE.get(said) or _OF_LANGUAGE.get(said.partition("-")[0].partition("_")[0], "cp1252")


def _declared(body: bytes, content_type: str | None) -> str | None:
    match = _HEADER.search(content_type or "")
    if match and (name := codec(match[1])):
        return name
    head = body[:4096]
    for pattern in (_META, _XML):
        found = pattern.search(head)
        if found and (name := codec(found[1].decode("ascii", "replace"))):
            # Bytes in which an ASCII declaration could be read are not UTF-16.
            return "utf-8" if name.startswith("utf-16") else name
    return None


def _utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        # A document cut off in the middle of its last character is still UTF-8.
        if error.end >= len(body) and error.start >= len(body) - 3:
            return body[: error.start].decode("utf-8")
        return None
