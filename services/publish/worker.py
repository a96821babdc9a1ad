"""What `dateline worker publish` runs."""

from services.publish.stage import Publish
from shared.parts import Parts
from shared.stage import AnyStage


def stages(parts: Parts) -> dict[str, AnyStage]:
    """This service's stages, by name."""
    return {"publish": Publish(clock=parts.clock)}
