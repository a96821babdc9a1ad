"""When a host that fails is left in peace, and how soon it is looked at again.

A circuit breaker (Nygard, "Release It!"; Finagle's failure accrual): failures in a row open it, a growing rest follows, then one single
request shows whether the host is back. Failures count in fractions by kind, after what they say about the host and what they cost us.
"""

from collections.abc import Mapping

# A refused connection costs nothing and is often a restart; a name that is gone is the whole host's; a timeout holds one of our slots
# for the whole deadline; a 5xx may be one page's own.
WEIGHTS: Mapping[str, float] = {"unreachable": 1.0, "host_unknown": 1.5, "too_slow": 2.0, "http_failed": 0.5, "http_busy": 0.5}
OPENS_AT = 5.0  # so three timeouts, five refused connections or ten 5xx, with no answer between them
FIRST_REST_S = 30.0
LONGEST_REST_S = 3600.0
# A host that never answered for so long is no outage: its work is counted again, and ends.
LONGEST_OUTAGE_S = 7 * 86_400.0


def rest_s(rests: int) -> float:
    """How long a host rests that was found failing for the `rests`-th time in a row (from 1): twice as long each time, up to an hour."""
    return float(min(FIRST_REST_S * 2.0 ** min(rests - 1, 20), LONGEST_REST_S))
