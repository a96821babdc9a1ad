"""What `dateline worker tag` runs."""

from services.tag.shelf import Shelf
from services.tag.stage import TagArticle
from shared.parts import Parts
from shared.stage import AnyStage


def stages(parts: Parts) -> dict[str, AnyStage]:
    """This service's stages, by name."""
    return {"tag": TagArticle(Shelf(parts.settings.concepts_folder))}
