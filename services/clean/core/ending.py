"""What stands below a story's last sentence and is none of it: signatures, credits, appeals, notes on the author, what a wall says.

A block is dropped only from the end, block by block, and only for what it says of itself: no sentence of a story asks to be followed,
written to or subscribed to.
"""

import re
from collections.abc import Sequence

from services.clean.core import trim
from services.clean.core.agencies import agency
from services.clean.core.blocks import Block

MOST = 5  # blocks below a story
LEFT = 0.6  # share of the text that stays a story's whatever is said at its end
LONGEST = 450  # characters of a note
LINE = 60  # characters of a line that is no sentence
ENDED = 0.8  # share of the paragraphs that end like sentences from which on one that does not is none
FEW = 4  # paragraphs by which that is told
_NETWORK = r"(?:twitter|facebook|instagram|bluesky|threads|mastodon|tiktok|telegram|whatsapp|linkedin|youtube|x\b|google news)"
# What a note says, below a word that stands in it: words are looked for in a twentieth of the time. A word alone says it all.
_NOTES = tuple(
    (word, re.compile(pattern, re.I) if pattern else None)
    for word, pattern in (
        ("follow", rf"\bfollow\b.{{1,80}}\b(?:on|at) {_NETWORK}"),
        ("http", r"^\W*(?:follow|find|read|see|visit)\b.{1,120}\bhttps?://"),
        ("reach", rf"\breach\b.{{1,80}}(?:@|https?://|{_NETWORK})"),
        ("contact", rf"\bcontact\b.{{1,80}}(?:@|https?://|{_NETWORK})"),
        ("mail", rf"\be-?mail\b.{{1,80}}(?:@|https?://|{_NETWORK})"),
        ("write to", rf"\bwrite to\b.{{1,80}}(?:@|https?://|{_NETWORK})"),
        ("sign up", r"\bsign up (?:for|to|here)\b"),
        ("subscribe ", r"\bsubscribe (?:now |today )?to (?:our|the|read|continue|get)\b"),
        ("newsletter", r"\bour (?:daily |weekly |free |email )*newsletters?\b"),
        ("bookmark", r"\bplease bookmark\b"),
        ("to the editor", r"\bletters? to the editor\b"),
        ("to hear", r"\bwe(?:['’]d| would)? (?:want|like|love) to hear (?:from|what)\b"),
        ("tell us", r"\btell us what you\b"),
        ("let us know", r"\blet us know what you\b"),
        ("do you have a", r"\bdo you have a (?:story|tip)\b"),
        ("share ", r"\bshare (?:it|this|the story) with\b"),
        ("contributed", r"\bcontributed (?:to this (?:report|story|article)|reporting)\b"),
        (" from", r"^\W*(?:with )?(?:additional |more )?(?:reporting|reports|files|writing) from\b"),
        (" by", r"^\W*(?:(?:with )?(?:additional |more )?(?:reporting|reports|files|writing)|edited|translated|compiled|written) by\b"),
        ("support", r"\bsupport our (?:journalism|work|reporting|mission)\b"),
        ("become a ", r"\bbecome a (?:member|supporter|subscriber) (?:of|today|now|and|to)\b"),
        ("unterstützen sie uns", None),
        ("standards:", r"^\W*our standards:"),
        ("subscribers", r"\bfor (?:our )?subscribers only\b|\b(?:only for|exclusive to|reserved for) (?:our )?subscribers\b"),
        ("a subscriber", r"\balready a subscriber\b"),
        (" reading", r"\b(?:to continue|keep) reading\b"),
        (" sie uns", r"\b(?:senden|schreiben|schicken|folgen) sie uns\b"),
        ("folge uns", None),
        ("material ", r"\bmit (?:agentur)?material (?:von|der)\b"),
        ("abonn", r"\babonnez-vous\b|\babonnieren? (?:sie|den|unseren?|hier|jetzt)\b|\bréservée?s? aux abonnés\b|\bnur für abonnent"),
        ("suivez-nous", None),
        ("guenos", r"\bs[ií]guenos\b"),
        ("suscr", r"\bsuscr[ií]b(?:ete|ase)\b|\bpara suscriptores\b"),
        ("seguici", None),
        ("iscriviti", None),
        ("per gli abbonati", None),
        ("informa", r"^\W*(?:con informaci[oó]n de|com informações d|con informazioni di|avec des informations)\b"),
        ("기자", r"^\S{2,5} (?:\S{2,6} ?)?(?:기자|특파원)\b.{0,40}@"),
        ("riproduzione riservata", None),
        ("siga-nos", None),
        ("inscreva-se", None),
        ("para assinantes", None),
        ("volg ons", None),
        ("følg oss", None),
        ("följ oss", None),
        ("подписывайтесь", None),
        ("читайте нас", None),
        ("takip edin", None),
    )
)
_TRADE = re.compile(
    r"\b(?:is|are|was) (?:an?|the) (?:[\w'’-]+ ){0,7}(?:reporter|correspondent|columnist|editor|writer|author|journalist|professor|"
    r"lecturer|fellow|analyst|historian|novelist|producer|founder|director)\b|"
    r"\bist (?:[\w-]+ ){0,5}(?:autor|redakteur|journalist|korrespondent|professor|gründer)(?:in)?\b|"
    r"\best (?:[\w'’-]+ ){0,5}(?:journaliste|professeure?|écrivaine?|chercheure?|auteure?)\b|"
    r"\bes (?:[\w-]+ ){0,4}(?:periodista|profesora?|escritora?|autora?)\b|\bbook\b.{1,120}\bis out\b",
    re.I,
)
_IN_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]{1,40}[)）\]】]\W?$")
_BY_AGENCY = re.compile(r"^\W*(?:mit|with|avec|con|met|med|quelle|source|fonte|fuente)\b[:\s]+(\S.{1,30}?)\W*$", re.I)
_ENDS = re.compile(r"[.!?。！？…؟।:;”\"»“'’)\]」』]\s*$")


def without(blocks: list[Block], authors: Sequence[str]) -> list[Block]:
    """The story without what stands below it. `authors` are those whose bare names at the end are a signature."""
    room = (1 - LEFT) * sum(len(block.text) for block in blocks)
    end = len(blocks)
    while end > 2 and len(blocks) - end < MOST and len(blocks[end - 1].text) <= room and _is_below(blocks, end - 1, authors):
        end -= 1
        room -= len(blocks[end].text)
    while 2 < end < len(blocks) and blocks[end - 1].kind == "heading":
        end -= 1
    return blocks[:end]


def _is_below(blocks: list[Block], place: int, authors: Sequence[str]) -> bool:
    block = blocks[place]
    text = block.text
    if block.kind not in ("p", "heading") or len(text) > LONGEST:
        return False
    if len(text) < 100 and (_IN_BRACKETS.match(text) or _is_signature(text, authors)):
        return True
    if len(text) < LINE and not _ENDS.search(text) and _is_loose(blocks, place):
        return True
    folded = text.casefold()
    if any(word in folded and (pattern is None or pattern.search(text) is not None) for word, pattern in _NOTES):
        return True
    names = tuple(name.casefold() for name in authors)
    return (folded.startswith(names) or block.is_set_in("em", "i")) and _TRADE.search(text) is not None


def _is_signature(text: str, authors: Sequence[str]) -> bool:
    words = trim.words_of(text)
    if authors and set(words) <= {word for name in authors for word in trim.words_of(name)}:
        return True
    credit = _BY_AGENCY.match(text)
    return credit is not None and agency(credit[1]) is not None


def _is_loose(blocks: list[Block], place: int) -> bool:
    """A short line without an end, in a story whose paragraphs have one: a source, a rubric, a button, a name."""
    block = blocks[place]
    if block.kind != "p" or any(map(str.isdigit, block.text)) or not any(map(str.isalpha, block.text)):
        return False
    told = [b.text for b in blocks[:place] if b.kind == "p"]
    return len(told) >= FEW and sum(1 for text in told if _ENDS.search(text)) >= ENDED * len(told)
