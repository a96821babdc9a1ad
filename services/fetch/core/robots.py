"""What a host's robots.txt allows (RFC 9309), by Protego."""

from protego import Protego

MAX_BYTES = 512_000  # RFC 9309 asks for 500 KiB at least; the rest is not read


def agent_name(user_agent: str) -> str:
    """The product token of a User-Agent header, which is what robots.txt names."""
    return user_agent.partition("/")[0].strip() or "*"


class Rules:
    """A host's rules as read, for many questions."""

    def __init__(self, body: bytes | str, status: int = 200) -> None:
        """`status` is the answer's: a client error means that all is allowed, a server error or none (0) that nothing is, for now."""
        self._status = status
        text = body[:MAX_BYTES].decode("utf-8", "replace") if isinstance(body, bytes) else body[:MAX_BYTES]
        self._rules = Protego.parse(text.removeprefix("\ufeff")) if 200 <= status < 300 else None

    def allows(self, url: str, agent: str) -> bool:
        """Whether this agent may fetch this address."""
        if self._rules is None:
            return 400 <= self._status < 500
        return bool(self._rules.can_fetch(url, agent))

    def delay_s(self, agent: str) -> float | None:
        """`Crawl-delay` in seconds, where the host asks for one."""
        delay = self._rules.crawl_delay(agent) if self._rules is not None else None
        return float(delay) if delay is not None else None


def robots_allow(robots: str, status: int, agent: str, url: str) -> bool:
    """Whether a robots.txt, answered with this status, allows `url` to `agent`."""
    return Rules(robots, status).allows(url, agent)
