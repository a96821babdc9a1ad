"""What stages are built from: made when first asked for, one of each per process, passed as an argument."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

from shared.clock import Clock, now
from shared.settings import Settings

if TYPE_CHECKING:
    from shared.http import Fetcher
    from shared.raw import RawStore
    from shared.sandbox import Sandbox

PARSE_LIMIT = timedelta(seconds=10)  # for one document: a hundred times what an honest one takes


@dataclass(frozen=True)
class Parts:
    """The settings, the clock, and what is made from them."""

    settings: Settings
    clock: Clock = now

    @cached_property
    def raw(self) -> "RawStore":
        """The store of raw documents."""
        from shared.raw import RawStore

        return RawStore(self.settings.raw_folder)

    @cached_property
    def sandbox(self) -> "Sandbox":
        """The process in which foreign bytes are parsed."""
        from shared.sandbox import Sandbox

        return Sandbox()

    @cached_property
    def fetcher(self) -> "Fetcher":
        """The bounded client."""
        from shared.http import Fetcher

        return Fetcher(
            user_agent=user_agent(self.settings.contact),
            max_bytes=self.settings.fetch_max_bytes,
            deadline=self.settings.fetch_deadline,
            allowed=self.settings.allowed_hosts,
            routes=self.settings.routes,
            clock=self.clock,
        )


def user_agent(contact: str | None) -> str:
    """`Dateline/0.1.0 (+contact) httpcore/1.0.9`: who we are, where to complain, and with what, as Wikimedia asks for it."""
    return f"Dateline/{version('dateline')}" + (f" (+{contact})" if contact else "") + f" httpcore/{version('httpcore')}"
