"""The sample outlets behind a loopback socket."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from types import FrameType

from services.cli.sample.content import Sample
from services.cli.sample.web import respond
from shared.clock import Clock

MAX_THREADS = 16
CLIENT_TIMEOUT = 5.0
"""Seconds a silent client may hold one of the threads."""


class SampleServer(ThreadingHTTPServer):
    """A server for all hosts of the sample, with a bounded number of threads; more connections wait in the backlog."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, sample: Sample, port: int, epoch: datetime, *, last_moment: bool, clock: Clock) -> None:
        self.sample, self.epoch, self.last_moment, self.clock = sample, epoch, last_moment, clock
        self._slots = threading.BoundedSemaphore(MAX_THREADS)
        super().__init__(("127.0.0.1", port), _Handler)

    def moment(self) -> datetime:
        """The moment the outlets stand at: now, or at least their last one."""
        now = self.clock()
        return max(now, self.epoch + self.sample.last_moment()) if self.last_moment else now

    def process_request(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Wait for a free thread, then answer in it."""
        self._slots.acquire()
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Answer one connection and free the thread."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._slots.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """A client that went away is no news; anything else is, on standard error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    # HTTP/1.0: one request a connection, so that no idle client holds a thread.
    protocol_version = "HTTP/1.0"
    server_version = "sample"
    sys_version = ""
    timeout = CLIENT_TIMEOUT
    server: SampleServer

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        server = self.server
        asked = {name.lower(): value for name, value in self.headers.items()}
        response = respond(server.sample, asked.get("host", ""), self.path, asked, server.moment(), server.epoch)
        time.sleep(response.delay.total_seconds())
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if with_body:
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """The readers of the sample log what they fetch; its server keeps quiet."""


def serve(sample: Sample, port: int, epoch: datetime, *, last_moment: bool, clock: Clock, ready: Callable[[int], None]) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT (main thread only); `ready` is called once with the port (0 asks for a free one)."""
    with SampleServer(sample, port, epoch, last_moment=last_moment, clock=clock) as server:

        def stop(_signal: int, _frame: FrameType | None) -> None:
            threading.Thread(target=server.shutdown, daemon=True).start()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        ready(server.server_address[1])
        server.serve_forever(poll_interval=0.2)
