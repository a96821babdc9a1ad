"""The hosts that are spared at the moment, as Redis knows them."""

from redis import Redis, RedisError

from services.cli.place import Place
from shared.hosts import HostView, host_states

PATIENCE_S = 2.0  # a page that somebody waits for is made of this


def spared_hosts(place: Place) -> list[HostView]:
    """Hosts that rest after failures or asked for patience; none where no Redis answers, since nothing is known of them then."""
    broker = place.settings.broker or (place.stack() or {}).get("broker")
    if not broker:
        return []
    try:
        with Redis.from_url(str(broker), socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S) as redis:
            return [one for one in host_states(redis) if one.state != "closed" or one.held_until]
    except RedisError:
        return []
