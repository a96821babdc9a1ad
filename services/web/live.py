"""The pages that say how things are at this moment: `/status`, `/sources` and each source's own, `/metrics`, `/healthz`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.web.answers import asked_format, json_answer, recently
from services.web.core.html import render_source_html, render_sources_html, render_status_html
from services.web.core.metrics import CONTENT_TYPE as METRICS_TYPE
from services.web.core.metrics import render_metrics
from services.web.core.site import MEDIA_TYPES, Site
from services.web.store import Away
from shared.clock import Clock
from shared.figures import Overview
from shared.hosts import HostView

AWAY = (Away, OperationalError, InterfaceError)
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Where the figures come from: each is called in a thread, `status` at most once a second.

    `health` answers {"ok": bool, …}; `status` the fields of shared/figures.py's Overview, counted with totals; `source` what
    `services/web/sources.py` tells of one source, None where there is none; `hosts` those that rest or asked for patience.
    """

    health: Callable[[], Mapping[str, Any]]
    status: Callable[[], Mapping[str, Any]]
    source: Callable[[int], Mapping[str, Any] | None] = lambda number: None
    hosts: Callable[[], Sequence[HostView]] = tuple


def routes(figures: Figures, site: Site, clock: Clock) -> list[Route]:
    """Their routes."""
    seen = recently(lambda: Overview.model_validate(dict(figures.status())), clock)

    def status_page(request: Request) -> Response:
        health, hosts = dict(figures.health()), [asdict(one) for one in figures.hosts()]
        if asked_format(request) == "json":
            return json_answer({"health": health, "hosts": hosts, **seen().model_dump()}, headers={"vary": "Accept"})
        return _live(render_status_html(seen().model_dump(), health, hosts, site))

    def sources_page(request: Request) -> Response:
        if asked_format(request) == "json":
            return json_answer({"at": seen().at, "sources": [one.model_dump() for one in seen().sources]}, headers={"vary": "Accept"})
        return _live(render_sources_html(seen().model_dump(), site))

    def source_page(request: Request) -> Response:
        number = request.path_params["id"]
        told = figures.source(number) if number <= LARGEST_ID else None
        if told is None:
            raise HTTPException(404, f"No source has the number {number}.")
        if asked_format(request) == "json":
            return json_answer(told, headers={"vary": "Accept"})
        return _live(render_source_html(told, site))

    def metrics(request: Request) -> Response:
        return Response(render_metrics(seen()), headers={"content-type": METRICS_TYPE, "cache-control": "no-store"})

    def healthz(request: Request) -> Response:
        try:
            found = dict(figures.health())
        except AWAY:
            found = {"ok": False, "database": "away"}
        return json_answer(found, 200 if found.get("ok") else 503)

    return [
        Route("/status", status_page),
        Route("/status.json", status_page),
        Route("/sources", sources_page),
        Route("/sources.json", sources_page),
        Route("/sources/{id:int}", source_page),
        Route("/sources/{id:int}.json", source_page),
        Route("/metrics", metrics),
        Route("/healthz", healthz),
    ]


def _live(body: str) -> Response:
    return Response(body, media_type=MEDIA_TYPES["html"], headers={"cache-control": "no-store", "vary": "Accept"})
