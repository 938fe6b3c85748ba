"""Who may talk to the web side: a foreign page in the user's browser must not drive the hotline.

    Host     loopback, the configured names, or the very address the connection came in on;
             any other name means DNS rebinding                                        -> 400
    Origin   absent (not a browser) or the same host and port as `Host`                -> 403
             (asked of WebSockets and of every request that is not a plain read)

One pure ASGI middleware in front of everything: API, pages, their socket and the media endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
READS = frozenset({"GET", "HEAD", "OPTIONS"})


def host_name(authority: str) -> str:
    """The name or address in `host[:port]`, lower case and without brackets."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").lower()
    except ValueError:
        return ""


class Guard:
    """Checks Host and Origin. `hosts`: names that people use for this hotline, besides loopback."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.hosts = LOOPBACK | {host_name(host) for host in hosts if host_name(host)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        problem = self.problem(scope)
        if problem is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            # before the handshake is accepted this is answered with 403
            await send({"type": "websocket.close", "code": 1008, "reason": problem[1]})
        else:
            await PlainTextResponse(problem[1], problem[0])(scope, receive, send)

    def problem(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason to refuse this connection with, or None."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        if not self.known(host_name(host), scope.get("server")):
            return 400, "unknown Host; start the hotline with the name you call it by (--host)"
        origin = headers.get(b"origin")
        if origin is None or (scope["type"] == "http" and scope["method"] in READS):
            return None
        if not same_place(origin, host, secure=scope["scheme"] in ("https", "wss")):
            return 403, "a page of another origin may not use this hotline"
        return None

    def known(self, name: str, server: tuple[str, int | None] | None) -> bool:
        """Whether `name` is one of ours. An address is, if the connection came in on it: it is
        names, not addresses, that an attacker can point at us."""
        if name in self.hosts:
            return True
        try:
            address = ip_address(name)
            return server is not None and address == ip_address(server[0])
        except ValueError:
            return False


def same_place(origin: str, host: str, *, secure: bool) -> bool:
    """Whether `origin` (`scheme://host[:port]`) is the page served under `host`."""
    try:
        ours, theirs = urlsplit(f"//{host}"), urlsplit(origin)
        if theirs.scheme not in ("http", "https"):
            return False
        # behind a proxy that ends TLS our scheme may be http where the page's is https
        default = 443 if theirs.scheme == "https" else 80
        our_port = ours.port or (443 if secure else default)
        return ours.hostname == theirs.hostname and our_port == (theirs.port or default)
    except ValueError:
        return False
