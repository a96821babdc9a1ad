"""WARC files as warcio writes them, of records in a line each."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

AT = "2020-01-02T03:04:05Z"
HTML = {"Content-Type": "text/html; charset=utf-8"}


def response(url: str, body: bytes, headers: dict[str, str] | None = None, *, status: str = "200 OK", at: str = AT) -> dict[str, Any]:
    """An answer of HTTP; its body as it was sent."""
    head = StatusAndHeaders(status, list((HTML if headers is None else headers).items()), protocol="HTTP/1.1")
    told = {"uri": url, "record_type": "response", "http_headers": head, "warc_headers_dict": {"WARC-Date": at}}
    return told | {"payload": BytesIO(body), "length": len(body)}


def record(kind: str, url: str, body: bytes = b"", media: str = "text/html", **fields: str) -> dict[str, Any]:
    """Any other record."""
    told = {"WARC-Date": AT} | {name.replace("_", "-"): value for name, value in fields.items()}
    payload = BytesIO(body)
    return {"uri": url, "record_type": kind, "payload": payload, "warc_content_type": media, "warc_headers_dict": told, "length": len(body)}


def warc(records: Iterable[dict[str, Any]], *, gzip: bool = True) -> bytes:
    """The file, which begins with a warcinfo record."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=gzip)
    writer.write_record(writer.create_warcinfo_record("sample.warc", {"software": "a test"}))
    for one in records:
        writer.write_record(writer.create_warc_record(**one))
    return out.getvalue()
