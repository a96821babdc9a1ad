"""Tagging, pure: an article's title and text in, its concepts out."""

from services.tag.core.gazetteer import Concept, Gazetteer, Tables, built_in
from services.tag.core.tagger import MAX_TAGS, SNAPSHOT, Tag, tag_article, tag_line

__all__ = ["MAX_TAGS", "SNAPSHOT", "Concept", "Gazetteer", "Tables", "Tag", "built_in", "tag_article", "tag_line"]
