"""How sure a value that was chosen among candidates is: six levels, and how they are said to readers.

The numbers are shares of values that are right. How a value gets its level: services/clean/core/confidence.py.
"""

CONFIRMED = 0.99  # independent statements agree
STATED = 0.95  # said by the page to machines, and nothing speaks against it
LIKELY = 0.85  # more speaks for it than against it, or readers see it where such values stand
OPEN = 0.7  # one weak place alone (an address, a feed), or as much against it as for it
DOUBTFUL = 0.5  # found where such values are often others
GUESSED = 0.3  # made up from the text: a title out of its first sentence


def in_words(confidence: float | None) -> str | None:
    """`confirmed`, `not confirmed`, `doubtful`, `a guess`; None where nothing needs saying or nothing is known."""
    if confidence is None:
        return None
    for least, words in ((CONFIRMED, "confirmed"), (STATED, None), (OPEN, "not confirmed"), (DOUBTFUL, "doubtful")):
        if confidence >= least:
            return words
    return "a guess"
