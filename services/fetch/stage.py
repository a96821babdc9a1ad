"""The stages of this service: `poll` (a source) and `fetch` (a page)."""

from services.fetch.page import Fetch
from services.fetch.poll import Poll

__all__ = ["Fetch", "Poll"]
