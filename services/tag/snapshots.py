"""What an article's features are made with, in one word: the snapshot of its entry in the index, written and read."""

import re
from typing import NamedTuple

from services.tag.core import SNAPSHOT
from shared import features

# Before the token of the rebuild that made it: what was read of the same article by the same rules before is not what stands now.
MARK = "~"
_MADE = re.compile(r"clean([0-9]{1,9})-(.+?)(?:~.*)?")


class MadeBy(NamedTuple):
    """The version of the cleaning rules, 0 where nobody knows, and the tagger's rules and tables with those of the features."""

    rules: int
    tables: str


def tables_of(gazetteer: str = "") -> str:
    """The present versions of all that tags and features are made with. `gazetteer`: the digest of a compiled one."""
    tables = f"{SNAPSHOT}.{gazetteer}" if gazetteer else SNAPSHOT
    return f"tag{tables}-features{features.SNAPSHOT}"


def snapshot_of(rules: int, gazetteer: str = "") -> str:
    """The versions of all rules and tables that an article's features are made with, its text by the cleaning `rules`."""
    return f"clean{rules}-{tables_of(gazetteer)}"


def made_by(snapshot: str) -> MadeBy:
    """What a snapshot says, whichever rebuild made it."""
    found = _MADE.fullmatch(snapshot)
    return MadeBy(int(found[1]), found[2]) if found else MadeBy(0, snapshot)
