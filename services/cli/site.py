"""The site as a process: uvicorn around the application, on the database of the place."""

import socket
from typing import Any

import click
import structlog
import uvicorn
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.cli.hosts import spared_hosts
from services.cli.place import Place, first_line
from services.web import websub
from services.web.app import make_app
from services.web.core.site import Site
from services.web.live import Figures
from services.web.sources import source_view
from services.web.store import DatabaseStore
from shared.clock import now
from shared.db import reading
from shared.hosts import HostView
from shared.overview import overview
from shared.raw import RawStore

log = structlog.get_logger()


def serve(place: Place, port: int) -> None:
    """Serve until told to stop."""
    s = place.settings
    site = Site(name=s.site_name, base_url=s.base_url, contact=s.contact)
    engine = place.engine

    def health() -> dict[str, Any]:
        try:
            with reading(engine) as session:
                session.connection().execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return {"ok": False, "database": first_line(error)}
        return {"ok": True, "database": "ok"}

    def status() -> dict[str, Any]:
        with reading(engine) as session:
            return overview(session, now(), totals=True).model_dump(mode="json")

    def source(number: int) -> dict[str, Any] | None:
        with reading(engine) as session:
            return source_view(session, number, now())

    def hosts() -> list[HostView]:
        return spared_hosts(place)

    callbacks = websub.Callbacks(engine, RawStore(s.raw_folder), max_bytes=s.fetch_max_bytes)
    figures = Figures(health=health, status=status, source=source, hosts=hosts)
    app = make_app(DatabaseStore(engine), site, figures, more=websub.routes(callbacks))
    try:
        listening = socket.create_server((s.host, port), backlog=256, reuse_port=False)
    except OSError as error:
        raise click.ClickException(
            f"port {port} on {s.host} cannot be used: {error.strerror}. Choose another with --port (PORT=… for make), or 0 for a free one."
        ) from error
    log.info("site_started", address=f"http://{s.host}:{listening.getsockname()[1]}/")
    quiet = {"log_config": None, "access_log": False, "server_header": False}
    config = uvicorn.Config(app, **quiet, lifespan="off", timeout_graceful_shutdown=3, proxy_headers=True)  # type: ignore[arg-type]
    uvicorn.Server(config).run(sockets=[listening])
