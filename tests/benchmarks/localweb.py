"""A small web of many hosts on loopback, in a process of its own, so that what serving costs is nobody's cost here.

    python tests/benchmarks/localweb.py < SITE      serves until its standard input ends; prints its port

SITE is one line of JSON, {host: {path: [content type, text]}}. It answers as real servers do: HTTP/1.1, connections kept, gzip.
"""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Site = Mapping[str, Mapping[str, tuple[str, str]]]


@contextmanager
def serving(site: Site) -> Iterator[int]:
    """A process that serves the site until the block ends; gives its port."""
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(site).encode() + b"\n")
        process.stdin.flush()
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: dict[str, dict[str, tuple[str, bytes]]]

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        content_type, body = self.site.get(host, {}).get(self.path, ("", b""))
        self.send_response(200 if content_type else 404)
        if content_type:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("ETag", f'"{hash(body) & 0xFFFFFFFF:08x}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Who measures wants no log."""


def main() -> int:
    """Serve what standard input says."""
    given = json.loads(sys.stdin.buffer.readline())
    _Handler.site = {
        host: {path: (kind, gzip.compress(text.encode("utf-8", "surrogateescape"), 6)) for path, (kind, text) in paths.items()}
        for host, paths in given.items()
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.buffer.read()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
