"""What every answer of the site has in common: its headers, its errors, and how often figures are counted anew."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.core.html import render_notice
from services.web.core.requests import preferred
from services.web.core.site import FORMATS, MEDIA_TYPES, Format, Site
from shared.clock import Clock

T = TypeVar("T")

# Nothing but our own style sheet and icon is ever loaded, no script runs, nobody frames us, and no outlet learns who reads.
SECURITY = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
HEADINGS = {
    404: "There is no such page",
    405: "This page can only be read",
    500: "Something went wrong here",
    503: "Not now",
}


class Headers:
    """Puts the headers of `SECURITY` on every answer, and leaves out the body where only the head was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY)
            elif message["type"] == "http.response.body" and scope["method"] == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        await self._app(scope, receive, send_on)


def asked_format(request: Request) -> Format:
    """The format of an answer: from the address's ending, else from the Accept header."""
    path = request.scope["path"]
    return next((fmt for fmt in FORMATS if path.endswith(f".{fmt}")), None) or preferred(request.headers.get("accept"))


def json_answer(content: Mapping[str, Any], code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A mapping as JSON; dates in ISO 8601."""
    body = json.dumps(content, default=_in_json, ensure_ascii=False)
    return Response(body, code, media_type=MEDIA_TYPES["json"], headers={"cache-control": "no-store", **(headers or {})})


def _in_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def notice(request: Request, site: Site, code: int, explanation: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer without a page: what is wrong and where to go on, in the format that was asked for."""
    fmt = asked_format(request)
    heading = HEADINGS.get(code, HEADINGS[404] if code < 500 else HEADINGS[500])
    if fmt == "json":
        return json_answer({"status": code, "error": heading, "detail": explanation}, code, headers)
    body = render_notice(heading, explanation, site) if fmt == "html" else f"# {heading}\n\n{explanation}\n\n[The last days](/index.md)\n"
    return Response(body, code, media_type=MEDIA_TYPES[fmt], headers={"cache-control": "no-store", "vary": "Accept", **(headers or {})})


def secure(response: Response) -> Response:
    """The headers of `SECURITY` on an answer that does not pass through `Headers`: Starlette's own last resort."""
    response.headers.update(SECURITY)
    return response


def recently(compute: Callable[[], T], clock: Clock, age: timedelta = timedelta(seconds=1)) -> Callable[[], T]:
    """`compute`, called at most once per `age` however many threads ask; the others get what it gave last."""
    lock = Lock()
    last: list[tuple[datetime, T]] = []

    def given() -> T:
        with lock:
            if not last or not timedelta(0) <= clock() - last[0][0] < age:
                value = compute()
                last[:] = [(clock(), value)]
            return last[0][1]

    return given
