"""What is cut off a feed before feedparser sees it, since it would take minutes: in single passes over bytes of ASCII-like encodings."""

import re

_ITEM = re.compile(rb"<(?:[a-zA-Z0-9_]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[a-zA-Z0-9_]+:)?(?:item|entry)\s*>", re.IGNORECASE)
# feedparser looks for mail addresses in authors' names, in a time that grows with the square of a word's length.
_ENDLESS_WORD = re.compile(rb"(?<![\w.+-])[\w.+-]{5001,}")
_MAX_WORD = 5000  # above the length of any address: one that was shortened is still refused
# It looks for entities before the root, behind any white space at the start of a line, in the same way, and leaves those to expat that
# stand elsewhere.
_ROOT = re.compile(rb"<\w")
_SPACE = re.compile(rb"\s+")
_LONG_PROLOGUE = 20_000
_ENTITY = re.compile(rb"<!ENTITY\b[^>]*>")
_PLAIN_ENTITY = re.compile(rb"<!ENTITY\s+\w+\s+(?:\"(?:&#\w+;|[^&\"]{0,200})\"|'(?:&#\w+;|[^&']{0,200})')\s*>")
# A hundred thousand attributes of one element take any parser ten seconds. What a picture's `data:` address fills is not missed.
_ENDLESS_TAG = re.compile(rb"<([a-zA-Z][\w:.-]{0,99})\s[^<>]{65536,}?(/?)>")


def pruned(body: bytes, limit: int) -> tuple[bytes, bool]:
    """The document with its first `limit` items, without the attributes of endless tags, the ends of endless words, entities that grow.

    Says also whether items were left out.
    """
    kept, cut = _first_items(body, limit)
    kept = _ENDLESS_TAG.sub(rb"<\1\2>", kept)
    root = _ROOT.search(kept)
    if root is None:
        return (b"" if b"<!" in kept else kept), cut  # what is EBCDIC has neither
    kept = _prologue(kept[: root.start()]) + kept[root.start() :]
    return _ENDLESS_WORD.sub(lambda word: word[0][:_MAX_WORD], kept), cut


def _prologue(text: bytes) -> bytes:
    """What stands before the root, with no entities but those that are a few characters: none that grow, none that lead elsewhere."""
    if len(text) > _LONG_PROLOGUE:
        text = _SPACE.sub(b"\n", text)
    if b"<!ENTITY" in text:
        text = _ENTITY.sub(lambda found: found[0] if _PLAIN_ENTITY.fullmatch(found[0]) else b"", text)
    return text


def _first_items(body: bytes, limit: int) -> tuple[bytes, bool]:
    """The document without its items after the first `limit`, so that a million of them cost nothing, closed or not."""
    start = end = -1
    for number, found in enumerate(_ITEM.finditer(body)):
        if number == limit:
            start = found.start()
        end = found.end()
    if start < 0:
        return body, False
    if body[end - 1 : end] == b"/":
        end += body[end : end + 1] == b">"
    for last in _ITEM_END.finditer(body, end):
        end = last.end()
    return body[:start] + body[end:], True
