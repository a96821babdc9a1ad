"""Who follows whom, as it stands in the index: who follows is found by nobody, so that many reprints cost a search no more than one."""

from collections.abc import Mapping

from sqlmodel import Session

from services.link import queries
from shared.features import Features, copy_postings, index_keys, posting_day

MOST_LEADERS = 8  # those that lead are few; of the articles that are not linked yet the first by rank are asked for


def leaders(session: Session, article: int, own: Features) -> list[queries.Entry]:
    """The articles that this one may follow: they share one of its keys of copies, and stand before it in rank."""
    keys = queries.listed(copy_postings(own))
    found = queries.run(session, "leaders", ids=keys, article=article, mark=own.mark, most=MOST_LEADERS)
    return [(row[0], row[1], row[2]) for row in found]


def write(session: Session, before: Mapping[int, int], after: Mapping[int, int], features: Mapping[int, Features]) -> list[int]:
    """Note who follows whom in a component, and take out of the index, or put back, what that changes.

    The articles that lead from now on and did not before: while they stood outside, others were not compared with them.
    """
    for article, leader in sorted(after.items()):
        if before.get(article) != leader:
            queries.run(session, "follow", article=article, leader=leader)
        if article not in before:
            _take_out(session, article, features[article])
    leading = sorted(article for article in before.keys() - after.keys() if article in features)
    for article in leading:
        queries.run(session, "follow", article=article, leader=None)
        _put_back(session, article, features[article])
    return leading


def _take_out(session: Session, article: int, features: Features) -> None:
    """All but its addresses and those that it cites: a citation names one of several articles that say the same."""
    queries.run(session, "take_out", article=article, ids=queries.listed({*features.addresses, *features.cites}))



def _put_back(session: Session, article: int, features: Features) -> None:
    for key, weight in index_keys(features).items():
        queries.run(session, "put_back", article=article, key=key, day=posting_day(features.day), weight=weight)
