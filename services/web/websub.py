"""The callbacks that WebSub hubs talk to (W3C Recommendation, 2018, sections 5.3 and 7): a request is confirmed, content is taken in.

What a hub brings becomes work of the stage `poll`, like everything else: the bytes go to the raw store, the row names them. Who does not
know a callback's token learns nothing; who knows it but not the secret is answered politely and ignored, as section 7.1 asks.
"""

from collections.abc import Mapping
from datetime import timedelta
from hmac import compare_digest

import structlog
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared import ledger, websub
from shared.clock import Clock, now
from shared.db import reading, writing
from shared.messages import SourceDue
from shared.models import Subscription
from shared.pipeline import PIPELINE
from shared.raw import RawStore

MAX_CHALLENGE = 2000  # characters
LONGEST_LEASE = timedelta(days=60)

log = structlog.get_logger()


class Callbacks:
    """Where hubs' calls end up."""

    def __init__(self, engine: Engine, raw: RawStore, *, max_bytes: int, clock: Clock = now) -> None:
        self._engine = engine
        self._raw = raw
        self._clock = clock
        self.max_bytes = max_bytes

    def verify(self, token: str, asked: Mapping[str, str]) -> str | None:
        """The challenge to send back where we did ask for this; None where we did not. A denial is noted."""
        mode, topic, challenge = asked.get("hub.mode"), asked.get("hub.topic", ""), asked.get("hub.challenge", "")
        with writing(self._engine) as session:
            known = _find(session, token)
            if known is None or not compare_digest(known.topic.encode(), topic.encode("utf-8", "replace")):
                return None
            if mode == "denied":
                known.state, known.error = "failed", f"denied: {asked.get('hub.reason', 'no reason given')[:300]}"
                session.add(known)
                log.warning("subscription_denied", source_id=known.source_id, reason=known.error)
                return ""
            if mode != "subscribe" or not challenge or len(challenge) > MAX_CHALLENGE:
                return None  # we never ask to be unsubscribed: a source that is removed answers its hub with 410
            known.state, known.error = "active", None
            known.until = self._clock() + _lease(asked.get("hub.lease_seconds"))
            session.add(known)
            log.info("subscription_active", source_id=known.source_id, until=known.until.isoformat())
        return challenge

    def knows(self, token: str) -> bool:
        """Whether a subscription has this token."""
        with reading(self._engine) as session:
            return _find(session, token) is not None

    def take(self, token: str, body: bytes, content_type: str | None, signature: str | None) -> bool:
        """Make work of what a hub brought. False where its signature is not ours: the message is ignored then."""
        at = self._clock()
        with reading(self._engine) as session:
            known = _find(session, token)
        if known is None or not websub.is_signed(body, signature, known.secret):
            log.warning("push_ignored", reason="no subscription" if known is None else "signature", bytes=len(body))
            return False
        sha256 = self._raw.put(body)  # on disk before the row that names it
        fact = SourceDue(source_id=known.source_id, due_at=at, mode="pushed", pushed=sha256, pushed_type=(content_type or "")[:200] or None)
        with writing(self._engine) as session:
            held = _find(session, token)
            if held is None:
                return False
            held.pushed_at = at
            session.add(held)
            ledger.emit(session.connection(), PIPELINE, [(fact, None, 0)], at)
        log.info("push_taken", source_id=known.source_id, bytes=len(body))
        return True


def routes(callbacks: Callbacks) -> list[Route]:
    """The route of all callbacks."""

    def called_back(request: Request) -> Response:
        found = callbacks.verify(request.path_params["token"], request.query_params)
        if found is None:
            return PlainTextResponse("This is no subscription of ours.\n", 404)
        return PlainTextResponse(found, headers={"cache-control": "no-store"})

    async def pushed(request: Request) -> Response:
        token = request.path_params["token"]
        if not await run_in_threadpool(callbacks.knows, token):
            return PlainTextResponse("This subscription has ended.\n", 410)
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > callbacks.max_bytes:
                return PlainTextResponse("More than is read here.\n", 413, headers={"connection": "close"})
        given = (request.headers.get("content-type"), request.headers.get("x-hub-signature"))
        await run_in_threadpool(callbacks.take, token, bytes(body), *given)
        return Response(status_code=202)

    path = websub.PATH + "{token}"
    return [Route(path, called_back, methods=["GET"]), Route(path, pushed, methods=["POST"])]


def _find(session: Session, token: str) -> Subscription | None:
    return session.exec(select(Subscription).where(Subscription.token == token)).first()


def _lease(seconds: str | None) -> timedelta:
    """What the hub grants; a hub that does not say grants what we asked for."""
    given = (seconds or "").strip()
    if not given.isascii() or not given.isdigit():
        return websub.LEASE
    return min(timedelta(seconds=int(given[:9])), LONGEST_LEASE)
