"""Where strangers may not lead us: inner addresses at any hop, addresses that hide where they lead, redirects without an end."""

import asyncio

from hostileweb.case import ARTICLE, Case, answer, leading, saying, story

INNER = {
    "private-10": "10.0.0.8",
    "private-172": "172.16.3.4",
    "private-192": "192.168.1.1",
    "loopback": "127.0.0.1",
    "loopback-far": "127.255.255.254",
    "link-local": "169.254.1.1",
    "metadata": "169.254.169.254",
    "unspecified": "0.0.0.0",
    "this-network": "0.1.2.3",
    "shared-nat": "100.64.0.1",
    "benchmark": "198.18.0.1",
    "documentation-1": "192.0.2.1",
    "documentation-2": "198.51.100.7",
    "documentation-3": "203.0.113.9",
    "relay-6to4": "192.88.99.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "loopback-v6": "[::1]",
    "unspecified-v6": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped-hex": "[::ffff:a9fe:a9fe]",
    "compatible": "[::127.0.0.1]",
    "translated": "[::ffff:0:7f00:1]",
    "nat64": "[64:ff9b::7f00:1]",
    "nat64-local": "[64:ff9b:1::a00:8]",
    "teredo": "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "6to4": "[2002:7f00:1::]",
    "isatap": "[2606:4700::5efe:10.0.0.8]",
    "unique-local": "[fd00:ec2::254]",
    "link-local-v6": "[fe80::1]",
    "site-local": "[fec0::1]",
    "multicast-v6": "[ff02::1]",
    "documentation-v6": "[2001:db8::1]",
    "discard": "[100::1]",
    "localhost": "localhost",
    "full-width": "127\uff0e0\uff0e0\uff0e1",
}
HIDDEN = {
    "decimal": "http://2130706433/",
    "octal": "http://0177.0.0.1/",
    "hexadecimal": "http://0x7f.0.0.1/",
    "short": "http://127.1/",
    "userinfo": "http://news.test@127.0.0.1/",
    "password": "http://a:b@news.test/",
    "backslash": "http://news.test\\@127.0.0.1/",
    "tab": "http://127.0\t.0.1/",
    "zone": "http://[fe80::1%25lo]/",
    "port-0": "http://news.test:0/",
    "port-70000": "http://news.test:70000/",
    "no-host": "http:///a",
    "long-label": f"http://{'a' * 64}.test/",
    "escaped-slash": "http://127.0.0.1%2f@news.test/",
}
TARGETS = {
    "to-file": "file:///etc/passwd",
    "to-ftp": "ftp://news.test/a",
    "to-gopher": "gopher://127.0.0.1:6379/_INFO",
    "to-javascript": "javascript:alert(1)",
    "to-data": "data:text/html,<p>hi",
    "to-script-with-tab": "java\tscript:alert(1)",
    "to-three-slashes": "///127.0.0.1/",
    "to-scheme-and-three-slashes": "http:///127.0.0.1/",
    "to-scheme-without-slashes": "http:127.0.0.1/",
    "to-backslashes": "\\\\127.0.0.1\\",
    "to-slash-and-backslash": "/\\127.0.0.1/",
    "to-userinfo": "http://user:pw@news.test/",
    "to-decimal": "//2130706433/",
    "to-nothing": "",
    "to-itself": "/a",
    "to-ten-thousand-letters": "/" + "a" * 10_000,
}


async def more_and_more(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """Redirects that never come back to where they were."""
    writer.write(answer(b"", "301 Moved", Location=path + "x"))


async def without_location(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """A redirect to nowhere."""
    writer.write(answer(b"", "302 Found"))


async def two_locations(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """A redirect that leads to two places."""
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: /x\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n")


async def injected_location(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """A redirect whose target would be two lines of a request, if it were not encoded."""
    if path == "/a":
        writer.write(answer(b"", "302 Found", Location="/x%0d%0aHost:%2010.0.0.8 HTTP/1.1"))
    else:
        writer.write(answer(story(2).encode(), Content_Type="text/html"))


async def latin_location(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
    """A redirect in an encoding that nobody names; the server knows its own bytes only."""
    if path == "/a":
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\nContent-Length: 0\r\n\r\n")
    else:
        good = path == "/caf%E9"
        writer.write(answer(story(3).encode(), "200 OK" if good else "404 Not Found", Content_Type="text/html"))


def cases() -> list[Case]:
    """All of them."""
    return [
        *(Case(name=f"at-{name}", says=saying(b""), page="address_forbidden", url=f"http://{host}/a") for name, host in INNER.items()),
        *(
            Case(name=f"redirects-{name}", says=leading(f"http://{host}/"), feed="address_forbidden", page="address_forbidden")
            for name, host in INNER.items()
            if host.isascii()
        ),
        Case(name="redirects-far", says=leading("/1", "/2", "http://[::ffff:a00:8]/"), feed="address_forbidden", page="address_forbidden"),
        Case(name="redirects-port", says=leading("http://127.0.0.1:6379/"), feed="address_forbidden", page="address_forbidden"),
        *(
            Case(name=f"redirects-hidden-{name}", says=leading(url), feed="bad_redirect", page="bad_redirect")
            for name, url in HIDDEN.items()
        ),
        *(Case(name=name, says=leading(target), page="bad_redirect") for name, target in TARGETS.items()),
        Case(name="redirects-in-a-loop", says=leading("/1", "/2", "/1"), feed="bad_redirect", page="bad_redirect"),
        Case(name="redirects-for-ever", says=more_and_more, feed="bad_redirect", page="bad_redirect"),
        Case(name="redirects-nowhere", says=without_location, feed="bad_redirect", page="bad_redirect"),
        Case(name="redirects-twice", says=two_locations, feed="bad_redirect", page="bad_redirect"),
        Case(name="redirects-with-lines", says=injected_location, page=ARTICLE),
        Case(name="redirects-in-latin", says=latin_location, page=ARTICLE),
    ]
