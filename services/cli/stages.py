"""The composition of the pipeline: which service makes which stage. A new stage is one line here and one in `shared/pipeline.py`."""

from collections.abc import Iterable, Mapping
from importlib import import_module

from shared.parts import Parts
from shared.pipeline import PIPELINE
from shared.stage import AnyStage

# Named, not imported: a worker loads only the service that it runs.
SERVICES: Mapping[str, str] = {
    "poll": "services.fetch.worker",
    "fetch": "services.fetch.worker",
    "clean": "services.clean.worker",
    "tag": "services.tag.worker",
    "link": "services.link.worker",
    "publish": "services.publish.worker",
    "edit": "services.link.worker",
}


def build(parts: Parts, names: Iterable[str] = PIPELINE.names) -> dict[str, AnyStage]:
    """The stages of these names, each made by its service's `worker.stages`."""
    wanted = list(names)
    made: dict[str, AnyStage] = {}
    for module in dict.fromkeys(SERVICES[name] for name in wanted):
        made.update(import_module(module).stages(parts))
    return {name: made[name] for name in wanted}
