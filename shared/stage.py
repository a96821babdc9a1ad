"""What a stage is, and the ways in which one of its runs can end other than well.

A stage is a sandwich. `load` reads what it needs, `run` works with no session and no transaction open, `save` writes and says what
happened. The runner (`shared/runner.py`) owns the transactions; a stage never commits.
"""

from collections.abc import Awaitable, Hashable, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, runtime_checkable

from shared.errors import CLASSES

if TYPE_CHECKING:
    from sqlmodel import Session

    from shared.messages import Message

M = TypeVar("M", bound="Message", contravariant=True)
I = TypeVar("I")  # noqa: E741 - the field's own letters: message, input, output
O = TypeVar("O")  # noqa: E741
T = TypeVar("T", contravariant=True)


class Stage(Protocol, Generic[M, I, O]):
    """One step of the pipeline. It consumes one type of message and names no other stage."""

    def load(self, session: "Session", message: M) -> I:
        """Read what `run` needs. No writes."""

    def run(self, given: I) -> O | Awaitable[O]:
        """Work it out. A coroutine function is run concurrently for all rows of a batch."""

    def save(self, session: "Session", message: M, done: O) -> "Sequence[Message] | Again":
        """Write the result with idempotent upserts on natural keys; return the facts to emit.

        Whatever it raises undoes what it wrote: Reject, Retry, Conflict and Superseded are told apart from bugs.
        """


AnyStage = Stage[Any, Any, Any]


@runtime_checkable
class Touching(Protocol[T]):
    """A stage whose rows may touch one another (`serial` in the pipeline), and which can say what a row touches."""

    def touches(self, given: T) -> Set[Hashable]:
        """What the save of this row may change and what its load has read of that: rows that share none of it may be saved together."""


@dataclass(frozen=True)
class Again:
    """Returned by a save whose result stands but is behind already: written, and the same work is ready again a moment later."""

    messages: "Sequence[Message]" = ()


class Reject(Exception):
    """Never: the input is wrong for good. The work ends dead with this class at the first attempt."""

    def __init__(self, error_class: str, detail: str = "", *, status: int | None = None) -> None:
        if error_class not in CLASSES:
            raise ValueError(f"unknown error class {error_class!r}: add it to shared/errors.py")
        super().__init__(f"{error_class}: {detail}" if detail else error_class)
        self.error_class = error_class
        self.detail = detail
        self.status = status  # of HTTP, where a server's answer is the reason


class Retry(Exception):
    """Later: the same work again after a while. `counted=False` where the delay is no failure of the work (429, an open breaker)."""

    def __init__(
        self, error_class: str, detail: str = "", *, after: timedelta | None = None, counted: bool = True, status: int | None = None
    ) -> None:
        if error_class not in CLASSES:
            raise ValueError(f"unknown error class {error_class!r}: add it to shared/errors.py")
        super().__init__(f"{error_class}: {detail}" if detail else error_class)
        self.error_class = error_class
        self.detail = detail
        self.status = status  # of HTTP, where a server's answer is the reason
        self.after = after
        self.counted = counted


class Conflict(Exception):
    """What was loaded has changed since: load, run and save again at once, not counted as an attempt."""


class Superseded(Exception):
    """A newer revision stands already: nothing to write, the row ends as superseded."""
