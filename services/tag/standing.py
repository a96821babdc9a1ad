"""What stands of an article's tags and of its entry in the index, for a rebuild that may have made the same."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from shared.features import Features
from shared.models import ArticleTag, IndexEntry, Posting


def is_as_it_stands(
    session: Session, article_id: int, revision: int, features: Features, tags: Sequence[Mapping[str, Any]], keys: Mapping[int, int]
) -> bool:
    """Whether these tags (rows of `article_tag`), features and keys of the index stand there, of this revision."""
    wanted = select(IndexEntry.revision, IndexEntry.features, IndexEntry.follows)
    entry = session.execute(wanted.where(col(IndexEntry.article_id) == article_id)).first()
    if entry is None or entry.revision != revision or not _is_same(entry.features, features.to_json()):
        return False
    standing = session.exec(select(Posting.key, Posting.weight).where(col(Posting.article_id) == article_id))
    held = dict(standing.all())
    # Of one that follows another article some are taken out.
    if held != ({key: keys.get(key, 0) for key in held} if entry.follows is not None else keys):
        return False
    # Columns, not rows: the session may remember rows as they were.
    columns = [col(getattr(ArticleTag, name)) for name in ArticleTag.model_fields]
    rows = session.execute(select_columns(*columns).where(col(ArticleTag.article_id) == article_id)).mappings().all()
    return {row["tag_id"]: dict(row) for row in rows} == {tag["tag_id"]: tag for tag in tags}


def _is_same(stands: str, made: str) -> bool:
    """Whether two lines of JSON say the same; what is damaged says nothing."""
    try:
        return bool(json.loads(stands) == json.loads(made))
    except (ValueError, RecursionError):
        return False
