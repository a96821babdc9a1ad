"""A client that talks to an ASGI application in this process: no port, no network."""

import asyncio
from typing import Any

import httpx
from starlette.applications import Starlette


class Client:
    """One request at a time; redirects are not followed, and a failing application answers as it would in a server."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def request(self, method: str, address: str, **more: Any) -> httpx.Response:
        """Send one request and read the whole answer."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
                client.headers.clear()
                return await client.request(method, f"http://site.test{address}", **more)

        return asyncio.run(send())

    def get(self, address: str, **more: Any) -> httpx.Response:
        return self.request("GET", address, **more)

    def head(self, address: str) -> httpx.Response:
        return self.request("HEAD", address)

    def post(self, address: str) -> httpx.Response:
        return self.request("POST", address)
