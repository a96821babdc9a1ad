"""Records as HTML, through Jinja2 templates that escape whatever they show.

Each text that goes into a template passes `words.plain` first, so no foreign text can reorder or blank out what stands around it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from services.web.core import views, words
from services.web.core.rhythm import DAYS
from services.web.core.site import FORMAT_NAMES, FORMATS, Site, address, day_path
from shared.errors import CLASSES
from shared.records import DayPage, EventPage, FrontPage, MovedPage, Page

STATIC_TYPES = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


def render_html(page: Page, site: Site) -> str:
    """The page as a whole HTML document."""
    template = {EventPage: "event.html", DayPage: "day.html", FrontPage: "front.html", MovedPage: "moved.html"}[type(page)]
    return _environment().get_template(template).render(page=page, site=site)


def render_status_html(status: Mapping[str, Any], health: Mapping[str, Any], hosts: Sequence[Mapping[str, Any]], site: Site) -> str:
    """What flows, waits and fell out, as a page. `status` has the fields of shared/figures.py's Overview, `hosts` of shared/hosts.py's
    HostView."""
    return _environment().get_template("status.html").render(status=status, health=health, hosts=hosts, site=site, classes=CLASSES)


def render_sources_html(status: Mapping[str, Any], site: Site) -> str:
    """Every source and how it fares, as a page; `status` as above."""
    return _environment().get_template("sources.html").render(status=status, site=site, classes=CLASSES)


def render_source_html(told: Mapping[str, Any], site: Site) -> str:
    """One source whole, as a page. `told` is as `services/web/sources.py` makes it."""
    return _environment().get_template("source.html").render(**told, days_of_week=DAYS, site=site, classes=CLASSES)


def render_notice(heading: str, explanation: str, site: Site) -> str:
    """A page that says why there is no other page, with ways on."""
    return _environment().get_template("notice.html").render(heading=heading, explanation=explanation, site=site)


@cache
def static_file(name: str) -> bytes:
    """The bytes of one file of our own look: a key of `STATIC_TYPES`."""
    return files("services.web").joinpath("static", name).read_bytes()


@cache
def static_path(name: str) -> str:
    """Its address, with a hash of its content in it: `/static/style-0123456789ab.css`."""
    stem, _, suffix = name.rpartition(".")
    return f"/static/{stem}-{hashlib.sha256(static_file(name)).hexdigest()[:12]}.{suffix}"


@cache
def look() -> str:
    """A hash over the templates, the static files and the code that renders: the same record may look different where this differs."""
    digest = hashlib.sha256()
    for folder in ("templates", "static", "core"):
        for entry in sorted(files("services.web").joinpath(folder).iterdir(), key=lambda entry: entry.name):
            if entry.is_file():
                digest.update(entry.read_bytes())
    return digest.hexdigest()


def _source(name: str) -> str:
    return files("services.web").joinpath("templates", name).read_text(encoding="utf-8")


def _shown(value: Any) -> Any:
    """Jinja2's last step before escaping."""
    return words.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        words=words,
        views=views,
        address=address,
        day_path=day_path,
        static_path=static_path,
        formats=FORMATS,
        format_names=FORMAT_NAMES,
    )
    return environment
