"""Tables of words as sets."""


def words(text: str) -> frozenset[str]:
    """The words of a text that are parted by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of a text that are parted by bars or line ends."""
    return frozenset(p for part in text.split("\n") for item in part.split("|") if (p := item.strip()))
