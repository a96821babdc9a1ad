"""The live site: finds a page's record, renders it, and says with the right headers whether the reader has it already."""

from collections.abc import Sequence
from datetime import date
from email.utils import format_datetime
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.web.answers import Headers, notice, secure
from services.web.core.html import STATIC_TYPES, static_file, static_path
from services.web.core.rendering import entity_tag, render
from services.web.core.requests import Wanted, preferred, unchanged, wanted
from services.web.core.site import MEDIA_TYPES, Site, address
from services.web.core.words import day_in_words, utc
from services.web.live import AWAY, Figures
from services.web.live import routes as live_routes
from services.web.store import PageStore, Stored
from shared.clock import Clock, now
from shared.records import FrontPage, MovedPage

# A page may change any second: caches may keep it, but have to ask. A redirect may turn back some day and is not kept for ever either.
REVALIDATE = "public, max-age=0, must-revalidate"
FOR_EVER = "public, max-age=31536000, immutable"
ROBOTS = "User-agent: *\nDisallow: /status\nDisallow: /sources\nDisallow: /metrics\nDisallow: /healthz\nDisallow: /websub/\n"


def make_app(store: PageStore, site: Site, figures: Figures, *, more: Sequence[Route] = (), clock: Clock = now) -> Starlette:
    """The site as an ASGI application; `more` are routes that go before the pages'.

    Handlers are plain functions, which Starlette runs in its threads.
    """

    def page(request: Request) -> Response:
        asked = wanted(request.scope["path"])
        if asked is None:
            raise HTTPException(404, "No page of ours has an address like this one.")
        stored = _find(store, asked, clock)
        if stored is None:
            raise HTTPException(404, _unknown(asked))
        return _redirect(request, stored, asked) or _answer(request, stored, asked, site)

    def failed(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return notice(request, site, error.status_code, error.detail, error.headers)
        if isinstance(error, AWAY):
            return notice(request, site, 503, "The database does not answer at the moment.", {"retry-after": "10"})
        return secure(notice(request, site, 500, "This page could not be made. The reason stands in the site's log."))

    return Starlette(
        routes=[
            *live_routes(figures, site, clock),
            Route("/robots.txt", lambda request: PlainTextResponse(ROBOTS, headers={"cache-control": "public, max-age=86400"})),
            Route("/static/{name}", _static),
            *more,
            Route("/{path:path}", page),
        ],
        middleware=[Middleware(Headers)],
        exception_handlers=dict.fromkeys((HTTPException, *AWAY, Exception), failed),
    )


def _find(store: PageStore, asked: Wanted, clock: Clock) -> Stored | None:
    if isinstance(asked.key, int):
        return store.event(asked.key)
    if isinstance(asked.key, date):
        return store.day(asked.key)
    # Before anything was published the front page says so, instead of being missing.
    return store.front() or Stored(FrontPage(days=(), issued_at=clock()), "none", clock())


def _unknown(asked: Wanted) -> str:
    if isinstance(asked.key, date):
        return f"No events are known of {day_in_words(asked.key)}."
    return f"No event has the number {asked.key}, or its page is still being made."


def _redirect(request: Request, stored: Stored, asked: Wanted) -> Response | None:
    """To where the page stands, keeping the ending: an event's present date and slug, the one it went into, a padded day."""
    record = stored.record
    path = record.path
    if isinstance(record, MovedPage):
        if len(record.to) != 1:
            return None
        path = record.to[0].path
    there = address(path, Site(ending=".html" if asked.ending == "html" else ""), asked.ending or "html")
    if quote(request.scope["path"]) == there:
        return None
    return Response(status_code=308, headers={"location": there, "cache-control": REVALIDATE})


def _answer(request: Request, stored: Stored, asked: Wanted, site: Site) -> Response:
    fmt = asked.ending or preferred(request.headers.get("accept"))
    etag = entity_tag(stored.etag, fmt, site)
    headers = {"etag": etag, "cache-control": REVALIDATE, "last-modified": format_datetime(utc(stored.issued_at), usegmt=True)}
    if asked.ending is None:
        headers["vary"] = "Accept"
    code = 200
    if isinstance(stored.record, MovedPage):
        code = 300 if stored.record.to else 410
    elif unchanged(etag, stored.issued_at, request.headers.get("if-none-match"), request.headers.get("if-modified-since")):
        return Response(status_code=304, headers=headers)
    return Response(render(stored.record, fmt, site), code, media_type=MEDIA_TYPES[fmt], headers=headers)


def _static(request: Request) -> Response:
    """Our style sheet and icon. Under an older hash, as a cached page may ask for it, the present file stands, but not for ever."""
    asked = request.path_params["name"]
    for name, media_type in STATIC_TYPES.items():
        stem, _, suffix = name.rpartition(".")
        if asked.startswith(f"{stem}-") and asked.endswith(f".{suffix}"):
            caching = FOR_EVER if request.scope["path"] == static_path(name) else REVALIDATE
            return Response(static_file(name), media_type=media_type, headers={"cache-control": caching})
    raise HTTPException(404, "No file of ours has this name.")
