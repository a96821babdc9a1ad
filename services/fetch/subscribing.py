"""Subscriptions at the hubs that feeds name (WebSub): when one is wanted, asked for and renewed.

The row stands before the hub is asked, since the hub may call back at once: a poll's save writes it and emits work to ask, and that work
asks. A hub that does not answer, or never calls back, is asked again at a later poll; the feed is polled all the while. The scheduler
renews what a poll would come too late for.
"""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, select

from services.fetch.reading import Due, Reading, Subscribed, Tools
from shared import urls, websub
from shared.messages import SourceDue
from shared.models import Source, Subscription
from shared.stage import Reject

PATIENCE = timedelta(hours=1)  # for the hub to call back, before it is asked again
LONGEST_PATIENCE = timedelta(days=1)  # after it failed


def follow_hub(session: Session, source: Source, done: Reading, callback_base: str | None) -> list[SourceDue]:
    """Write the subscription that a feed's answer asks for; the work that asks the hub, where it is time."""
    if callback_base is None or source.id is None or not _is_usable(done.hub) or not _is_usable(done.topic):
        return []
    hub, topic = done.hub or "", done.topic or ""
    known = session.exec(select(Subscription).where(Subscription.source_id == source.id)).first()
    if known is None:
        known = Subscription(source_id=source.id, hub=hub, topic=topic, token="", secret="", asked_at=done.at)
        _renew(known, hub, topic)
    elif (known.hub, known.topic) != (hub, topic):
        _renew(known, hub, topic)
    elif not _is_time(known, done.at):
        return []
    known.asked_at = done.at
    session.add(known)
    return [SourceDue(source_id=source.id, due_at=done.at, mode="subscribe")]


def is_subscribed(session: Session, source_id: int, at: datetime) -> bool:
    """Whether a hub tells us of what is new in this source."""
    known = session.exec(select(Subscription).where(Subscription.source_id == source_id)).first()
    return known is not None and known.state == "active" and known.until is not None and known.until > at


def asked_of(session: Session, source_id: int) -> Subscribed | None:
    """What the source's hub is to be asked for."""
    known = session.exec(select(Subscription).where(Subscription.source_id == source_id)).first()
    return Subscribed(hub=known.hub, topic=known.topic, token=known.token, secret=known.secret) if known else None


async def ask(due: Due, tools: Tools) -> Reading:
    """Send the request to the hub; it verifies by calling back. Raises what the hub's server does wrong."""
    wanted = due.subscription
    if wanted is None or tools.callback_base is None:  # ended meanwhile, or no longer configured
        return Reading(at=tools.clock())
    form = websub.subscription_form(
        callback=websub.callback(tools.callback_base, wanted.token), topic=wanted.topic, secret=wanted.secret
    )
    async with tools.hosts.turn(wanted.hub, feed=True):
        answer = await tools.fetcher.post(wanted.hub, form)
    return Reading(at=tools.clock(), status=answer.status)


def note_asked(session: Session, source_id: int, done: Reading) -> None:
    """Write how the request went. Only a hub that refused is a failure: an accepted request is verified by the hub's call."""
    known = session.exec(select(Subscription).where(Subscription.source_id == source_id)).first()
    if known is None:
        return
    known.error = done.error
    if done.error_class is not None and known.state != "active":
        known.state = "failed"
    session.add(known)


def _renew(known: Subscription, hub: str, topic: str) -> None:
    known.hub, known.topic, known.state, known.until = hub, topic, "asked", None
    known.token, known.secret = secrets.token_urlsafe(24), secrets.token_urlsafe(32)


def _is_time(known: Subscription, at: datetime) -> bool:
    """Whether the hub is to be asked (again): before a lease ends, or where the last request came to nothing."""
    since = at - known.asked_at
    if known.state == "active" and known.until is not None and at < known.until:
        return at >= websub.renewal(known.asked_at, known.until)
    return since >= (LONGEST_PATIENCE if known.state == "failed" else PATIENCE)


def _is_usable(address: str | None) -> bool:
    if not address:
        return False
    try:
        urls.sendable(address)
    except Reject:
        return False
    return True
