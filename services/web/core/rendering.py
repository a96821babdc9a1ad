"""One record, one format, one text: what the live site, the saved files and `dateline stage` all call."""

import hashlib
from functools import cache

from services.web.core.html import look, render_html
from services.web.core.markdown import render_markdown
from services.web.core.site import Format, Site
from shared.records import Page


def render(page: Page, fmt: Format, site: Site) -> str:
    """The page in one format. JSON is the record itself, so that `PAGE.validate_json` gives the same page again."""
    if fmt == "html":
        return render_html(page, site)
    if fmt == "md":
        return render_markdown(page, site)
    return page.model_dump_json()


def entity_tag(etag: str, fmt: Format, site: Site) -> str:
    """The strong ETag of one format of a page: another one where the record, the format, our look or the site's settings differ."""
    return f'"{etag}-{fmt}-{_look_of(site)}"'


@cache
def _look_of(site: Site) -> str:
    return hashlib.sha256(f"{look()}{site!r}".encode()).hexdigest()[:8]
