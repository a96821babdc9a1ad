"""Who follows whom, as it stands in the index: who follows is found by nobody, so that many reprints cost a search no more than one."""

from collections.abc import Mapping

from sqlmodel import Session

from services.link import queries
from shared.features import Features, copy_postings, index_keys, posting_day

MOST_LEADERS = 8  # those that lead are few; of the articles that are not linked yet the first by rank are asked for


def leaders(session: Session, article: int, own: Features) -> list[queries.Entry]:
    """The articles of its day that this one may follow: they share one of its keys of copies, and stand before it in rank."""
    keys = queries.listed(copy_postings(own))
    found = queries.run(session, "leaders", ids=keys, day=posting_day(own.day), article=article, mark=own.mark, most=MOST_LEADERS)
    return [(row[0], row[1], row[2]) for row in found]


def write(
    session: Session, article: int, before: Mapping[int, int], after: Mapping[int, int], features: Mapping[int, Features]
) -> list[int]:
    """Note who follows whom around an article that is linked, and take out of the index, or put back, what that changes.

    The articles that lead from now on and did not before: while they stood outside, others were not compared with them.
    """
    for name, leader in sorted(after.items()):
        if before.get(name) != leader:
            queries.run(session, "follow", article=name, leader=leader)
        if name not in before or name == article:  # `tag` leaves one that it takes for a reprint under its keys of copies
            _take_out(session, name, features[name])
    leading = sorted(name for name in before.keys() - after.keys() if name in features)
    for name in leading:
        queries.run(session, "follow", article=name, leader=None)
        _put_back(session, name, features[name])
    return leading


def _take_out(session: Session, article: int, features: Features) -> None:
    """All but its addresses and those that it cites: a citation names one of several articles that say the same."""
    queries.run(session, "take_out", article=article, ids=queries.listed({*features.addresses, *features.cites}))


def _put_back(session: Session, article: int, features: Features) -> None:
    for key, weight in index_keys(features).items():
        queries.run(session, "put_back", article=article, key=key, day=posting_day(features.day), weight=weight)
