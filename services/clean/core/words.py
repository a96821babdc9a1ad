"""Tables of words as sets."""


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
