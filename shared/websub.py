"""WebSub (W3C Recommendation, 2018): what the poll asks a hub for, and what the site accepts from it."""

import hashlib
import hmac
from datetime import datetime, timedelta

PATH = "/websub/"  # of our callbacks: below it, each subscription's token
LEASE = timedelta(days=7)  # that we ask for; the hub decides
SOONEST_RENEWAL = timedelta(hours=12)  # before the end of a lease
APART = timedelta(minutes=1)  # between two requests to a hub, however short its leases

# Section 7: what a hub may sign with. `sha1` is what most hubs still use; an HMAC does not fall with its hash's collisions.
_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def callback(base_url: str, token: str) -> str:
    """The address that a hub is to talk to."""
    return f"{base_url.rstrip('/')}{PATH}{token}"


def renewal(asked_at: datetime, until: datetime) -> datetime:
    """When a lease is to be renewed: half a day or a quarter of it before its end, a short one at its half.

    A hub that was asked and did not call back is asked again at half of what is left.
    """
    lease = until - asked_at
    return max(until - min(max(SOONEST_RENEWAL, lease / 4), lease / 2), asked_at + APART)


def subscription_form(*, callback: str, topic: str, secret: str) -> dict[str, str]:
    """What a subscriber sends to a hub (section 5.1)."""
    return {
        "hub.callback": callback,
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.secret": secret,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }


def is_signed(body: bytes, signature: str | None, secret: str) -> bool:
    """Whether `X-Hub-Signature` (`method=hex`) is this body's under our secret (section 7.1)."""
    method, _, given = (signature or "").strip().partition("=")
    made = _METHODS.get(method.lower())
    if made is None:
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, made).hexdigest(), given.lower())
