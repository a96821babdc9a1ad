"""What `dateline worker link` and `dateline worker edit` run."""

from services.link.edit import Edit
from services.link.stage import Link
from shared.parts import Parts
from shared.stage import AnyStage


def stages(parts: Parts) -> dict[str, AnyStage]:
    """This service's stages, by name."""
    return {"link": Link(clock=parts.clock), "edit": Edit(clock=parts.clock)}
