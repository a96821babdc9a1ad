"""What `dateline worker clean` runs."""

from services.clean.stage import Clean
from shared.parts import PARSE_LIMIT, Parts
from shared.stage import AnyStage


def stages(parts: Parts) -> dict[str, AnyStage]:
    """This service's stages, by name."""
    return {"clean": Clean(parts.raw, parts.sandbox, PARSE_LIMIT)}
