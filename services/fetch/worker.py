"""What `dateline worker poll` and `dateline worker fetch` run."""

from services.fetch import hosts
from services.fetch.reading import Tools
from services.fetch.reservations import Reservations
from services.fetch.stage import Fetch, Poll
from shared.parts import PARSE_LIMIT, Parts
from shared.stage import AnyStage


def stages(parts: Parts) -> dict[str, AnyStage]:
    """This service's stages, by name."""
    fetcher, raw, clock, limits = parts.fetcher, parts.raw, parts.clock, parts.settings
    asked = hosts.build(fetcher, clock, limits)
    tools = Tools(
        fetcher=fetcher,
        hosts=asked,
        sandbox=parts.sandbox,
        raw=raw,
        clock=clock,
        parse_limit=PARSE_LIMIT,
        max_bytes=limits.fetch_max_bytes,
        callback_base=limits.base_url,
        sitemap_budget=limits.sitemap_budget,
        sitemap_horizon=limits.sitemap_horizon,
    )
    poll = Poll(tools=tools, floor=limits.poll_floor, ceiling=limits.poll_ceiling)
    reserved = Reservations(fetcher, clock)
    fetch = Fetch(fetcher=fetcher, raw=parts.raw, hosts=asked, clock=clock, rechecks=limits.rechecks, reservations=reserved)
    return {"poll": poll, "fetch": fetch}
