"""The whole topology on one screen: which fact each stage consumes, which facts it may produce, and its limits.

A stage knows its own messages only; the order of the stages stands here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.messages import (
    ArticleAnnounced,
    ArticleCleaned,
    ArticleTagged,
    DocumentFetched,
    EventCorrected,
    Message,
    PageOutdated,
    SourceDue,
)


@dataclass(frozen=True, kw_only=True)
class StageSpec:
    """One stage as the pipeline sees it. Its queue and its Celery task bear its name."""

    name: str
    consumes: type[Message]
    produces: tuple[type[Message], ...] = ()
    batch: int | None = None  # most rows in a message; None for the setting
    serial: bool = False  # each row is loaded after the one before it was saved, since rows of a batch touch one another


@dataclass(frozen=True)
class Pipeline:
    """The stages in order."""

    stages: tuple[StageSpec, ...]
    _by_name: dict[str, StageSpec] = field(init=False, repr=False)
    _by_message: dict[type[Message], StageSpec] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {spec.name: spec for spec in self.stages})
        object.__setattr__(self, "_by_message", {spec.consumes: spec for spec in self.stages})

    def __getitem__(self, name: str) -> StageSpec:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    @property
    def names(self) -> tuple[str, ...]:
        """The stages' names, in order."""
        return tuple(self._by_name)

    def consumer(self, message: Message) -> StageSpec:
        """The stage that consumes this message."""
        return self._by_message[type(message)]

    def about(self, subject: str) -> tuple[str, ...]:
        """The stages whose work is about an `article_id`, a `source_id` or a `page_id`."""
        return tuple(spec.name for spec in self.stages if spec.consumes.subject == subject)

    def consumers(self, kinds: Iterable[type[Message]]) -> tuple[StageSpec, ...]:
        """The stages that consume these kinds of message."""
        return tuple(self._by_message[kind] for kind in kinds)

    def after(self, name: str) -> tuple[str, ...]:
        """The stages that what `name` produces goes to, near and far."""
        found: list[str] = []
        todo: list[Iterable[type[Message]]] = [self[name].produces]
        while todo:
            for kind in todo.pop():
                spec = self._by_message[kind]
                if spec.name not in found and spec.name != name:
                    found.append(spec.name)
                    todo.append(spec.produces)
        return tuple(found)


PIPELINE = Pipeline(
    (
        StageSpec(name="poll", consumes=SourceDue, produces=(ArticleAnnounced, DocumentFetched, PageOutdated, SourceDue), batch=16),
        StageSpec(name="fetch", consumes=ArticleAnnounced, produces=(DocumentFetched, ArticleAnnounced, PageOutdated)),
        StageSpec(name="clean", consumes=DocumentFetched, produces=(ArticleCleaned,)),
        StageSpec(name="tag", consumes=ArticleCleaned, produces=(ArticleTagged,)),
        StageSpec(name="link", consumes=ArticleTagged, produces=(PageOutdated, ArticleTagged), serial=True),
        StageSpec(name="publish", consumes=PageOutdated, produces=(PageOutdated,)),
        StageSpec(name="edit", consumes=EventCorrected, produces=(ArticleTagged,), serial=True),
    )
)
