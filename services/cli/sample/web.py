"""What the sample outlets answer: a pure function of the request, the moment and the epoch."""

import gzip
import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.cli.sample.content import Article, Outlet, Sample
from services.cli.sample.moments import fill_dates, long_date, weekday
from services.cli.sample.wiki import answer_wiki, standing


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer, and how long a slow host takes before it gives it."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph or a heading between paragraphs."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An article as it stands at one moment; dates on the outlet's clock."""

    slug: str
    title: str
    summary: str
    section: str
    authors: tuple[str, ...]
    blocks: tuple[Block, ...]
    published: datetime
    modified: datetime
    corrected: bool
    agency: bool
    path: str
    url: str
    amp_url: str
    link: str
    image: str


def respond(sample: Sample, host: str, path_with_query: str, headers: Mapping[str, str], at: datetime, epoch: datetime) -> Response:
    """Answer a GET for `host` (a port is ignored) at the moment `at`; `headers` by lower-case name."""
    outlet = sample.by_host.get(host.partition(":")[0].rstrip(".").lower())
    if outlet is None:
        return Response(status=404, headers={"Content-Type": "text/plain; charset=utf-8"}, body=b"no such host in the sample\n")
    path = urlsplit(path_with_query).path or "/"
    if outlet.feed.kind == "portal":
        answer = _wiki(sample, outlet, path_with_query, at, epoch)
    else:
        answer = _answer(sample, outlet, path, at, epoch)
    if answer.status == 200:
        answer = _negotiate(outlet, answer, headers)
    return Response(status=answer.status, headers=answer.headers, body=answer.body, delay=outlet.delay)


def _answer(sample: Sample, outlet: Outlet, path: str, at: datetime, epoch: datetime) -> Response:
    if path == "/robots.txt" and outlet.robots is not None:
        return Response(status=200, headers={"Content-Type": "text/plain"}, body=outlet.robots.encode())
    if path == outlet.feed.path:
        return _feed(sample, outlet, at, epoch)
    visible = [article for article in outlet.articles if epoch + article.appears <= at]
    shown = sorted((_show(outlet, article, at, epoch) for article in visible), key=lambda one: one.published, reverse=True)
    if path == "/":
        return _page(sample, outlet, "home.html", {"outlet": outlet, "articles": _readable(outlet, shown)}, at)
    for article in visible:
        if path == article.via:
            return Response(status=301, headers={"Location": outlet.path(article, epoch)})
    for one in shown:
        context = {"outlet": outlet, "article": one, "others": [other for other in _readable(outlet, shown) if other.slug != one.slug]}
        if path == one.path:
            return _page(sample, outlet, f"{outlet.host}/page.html", context, one.modified)
        if outlet.amp and path == "/amp" + one.path:
            return _page(sample, outlet, f"{outlet.host}/amp.html", context, one.modified)
        if outlet.images and path == one.image:
            headers = {"Content-Type": "image/png", "Last-Modified": _http_date(one.published)}
            return Response(status=200, headers=headers, body=_picture(one.slug))
    return Response(status=404, headers={"Content-Type": "text/html"}, body=b"<!doctype html><title>404</title><p>Not found</p>")


def _wiki(sample: Sample, outlet: Outlet, path_with_query: str, at: datetime, epoch: datetime) -> Response:
    days = standing(outlet.days, at, epoch)
    found = answer_wiki(path_with_query, days, outlet.feed.path, lambda name: sample.url(name, epoch))
    status, content_type, text = found or (404, "text/html", "<!doctype html><title>404</title><p>Not found</p>")
    return Response(status=status, headers={"Content-Type": content_type}, body=text.encode())


def _readable(outlet: Outlet, shown: list[Shown]) -> list[Shown]:
    closed = {article.slug for article in outlet.articles if article.refused}
    return [one for one in shown if one.slug not in closed]


def _show(outlet: Outlet, article: Article, at: datetime, epoch: datetime) -> Shown:
    published = modified = article.published.at(epoch)
    title, body, corrected = article.title, article.body, False
    if article.correction and at >= epoch + article.correction.at:
        modified, title, corrected = article.correction.modified.at(epoch), article.correction.title, True
        for old, new in article.correction.replace:
            body = body.replace(old, new)
        if article.correction.append:
            body = f"{body}\n\n{article.correction.append}"
    path = outlet.path(article, epoch)
    blocks = tuple(
        Block(kind="heading", text=part[3:]) if part.startswith("## ") else Block(kind="paragraph", text=" ".join(part.split()))
        for part in fill_dates(body, epoch, outlet.language).split("\n\n")
    )
    root = "" if outlet.feed.relative_links else f"http://{outlet.host}"
    links = {"page": path, "via": article.via, "amp": f"/amp{path}"}
    return Shown(
        slug=article.slug,
        title=title,
        summary=article.summary,
        section=article.section,
        authors=article.authors,
        blocks=blocks,
        published=outlet.local(published),
        modified=outlet.local(modified),
        corrected=corrected,
        agency=bool(article.copy_of),
        path=path,
        url=f"http://{outlet.host}{path}",
        amp_url=f"http://{outlet.host}/amp{path}",
        link=f"{root}{links[article.feed_link]}{outlet.feed.link_suffix}",
        image=f"/img/{article.slug}.png",
    )


def _feed(sample: Sample, outlet: Outlet, at: datetime, epoch: datetime) -> Response:
    feed = outlet.feed
    if feed.kind == "dead":
        return Response(status=feed.status, headers={"Content-Type": feed.content_type}, body=feed.body.encode())
    visible = [article for article in outlet.articles if epoch + article.appears <= at]
    shown = sorted((_show(outlet, article, at, epoch) for article in visible), key=lambda one: one.modified, reverse=True)
    stray = [(link, outlet.local(link.published.at(epoch))) for link in outlet.stray]
    changes = [epoch + article.appears for article in visible]
    changes += [epoch + a.correction.at for a in visible if a.correction and epoch + a.correction.at <= at]
    changed = max(changes, default=epoch)
    text = _environment(sample.folder).get_template(f"feeds/{feed.kind}.xml").render(outlet=outlet, feed=feed, articles=shown, stray=stray)
    return Response(
        status=200,
        headers={"Content-Type": feed.content_type, "Last-Modified": _http_date(changed)},
        body=text.encode(feed.encoding, "xmlcharrefreplace"),
    )


def _page(sample: Sample, outlet: Outlet, template: str, context: dict[str, object], modified: datetime) -> Response:
    text = _environment(sample.folder).get_template(template).render(context)
    # Browsers read iso-8859-1 as windows-1252 (WHATWG Encoding, 4.2), and outlets that declare it rely on that for their quotation marks.
    codec = "windows-1252" if outlet.charset == "iso-8859-1" else outlet.charset
    content_type = "text/html" if outlet.charset_in == "meta" else f"text/html; charset={outlet.charset}"
    return Response(
        status=200,
        headers={"Content-Type": content_type, "Last-Modified": _http_date(modified)},
        body=text.encode(codec, "xmlcharrefreplace"),
    )


def _negotiate(outlet: Outlet, answer: Response, asked: Mapping[str, str]) -> Response:
    """Validators, 304 (RFC 9110, 13.2.2: If-None-Match alone decides where it is present) and gzip."""
    headers = dict(answer.headers)
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:20]}"'
    modified = headers.get("Last-Modified")
    if outlet.validators in ("both", "etag"):
        headers["ETag"] = tag
    if outlet.validators not in ("both", "last-modified"):
        headers.pop("Last-Modified", None)
    if "ETag" in headers and "if-none-match" in asked:
        known = {each.strip().removeprefix("W/") for each in asked["if-none-match"].split(",")}
        unchanged = tag in known or "*" in known
    else:
        unchanged = "Last-Modified" in headers and modified is not None and _not_newer(modified, asked.get("if-modified-since"))
    if unchanged:
        return Response(status=304, headers={name: value for name, value in headers.items() if name in ("ETag", "Last-Modified")})
    body = answer.body
    if outlet.gzip and "gzip" in asked.get("accept-encoding", ""):
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        body = gzip.compress(body, mtime=0)
    return Response(status=200, headers=headers, body=body)


def _not_newer(modified: str, since: str | None) -> bool:
    if since is None:
        return False
    try:
        known = parsedate_to_datetime(since)
    except ValueError:
        return False  # RFC 9110, 13.1.3: a date that cannot be read is ignored
    return known.tzinfo is not None and parsedate_to_datetime(modified) <= known


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _picture(slug: str) -> bytes:
    """A plain PNG of 320 × 180 pixels in a colour of the article's own."""
    red, green, blue = hashlib.sha256(slug.encode()).digest()[:3]
    row = b"\0" + bytes((red // 2 + 64, green // 2 + 64, blue // 2 + 64)) * 320

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 320, 180, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(row * 180)) + chunk(b"IEND", b"")


@lru_cache(maxsize=4)
def _environment(folder: Path) -> Environment:
    loader = FileSystemLoader(folder)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "iso": lambda moment: moment.isoformat(timespec="seconds"),
        "rfc822": format_datetime,
        "long_date": long_date,
        "weekday": weekday,
        "clock": lambda moment, form: moment.strftime(form),
        "paragraph": lambda text: f"<p>{escape(text)}</p>",
        "day_of_month": lambda moment: str(moment.day),
    }
    environment.globals["people"] = lambda names: [{"@type": "Person", "name": name} for name in names]
    return environment
