"""Tables of words as sets, and the characters that no word shows."""

# Soft hyphens, zero-width blanks, marks of direction: a name or a headline that holds one is found by no search. The joiners of Persian and
# of Indian scripts (U+200C, U+200D) are letters' parts and stay.
UNSEEN = dict.fromkeys((0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070)))


def words(text: str) -> frozenset[str]:
    """The words of a text that are parted by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of a text that are parted by bars or line ends."""
    return frozenset(p for part in text.split("\n") for item in part.split("|") if (p := item.strip()))


def pairs(text: str) -> dict[str, frozenset[str]]:
    """The words that follow upon a word, out of lines `first other: second another`."""
    found: dict[str, frozenset[str]] = {}
    for line in text.strip().split("\n"):
        firsts, _, seconds = line.partition(":")
        for first in firsts.split():
            found[first] = found.get(first, frozenset()) | words(seconds)
    return found
