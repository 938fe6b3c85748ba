"""WebSocket paths: a thin shell that moves messages between ASGI and what is behind the path.

Two ways to the same `Client` of an `Endpoint` (the gateway's callers, agents' desks):

    plain    any ASGI server: a queue, and one task that sends from it
    direct   our own uvicorn protocol (`hotline.telephony.server`): messages go straight to the
             client and frames straight to the socket, without a task switch for each

`mount(app, endpoint)` serves both; which one is used shows in the ASGI scope.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from hotline.telephony.connection import Client, Endpoint, Wire
from hotline.telephony.twilio import TwilioProtocol

DIRECT = "hotline.direct"
"""Name of the ASGI extension in the scope of a connection that can be driven directly."""
REASON_BYTES = 123
"""RFC 6455 section 5.5: a close frame holds 125 bytes, two of them the code."""

log = logging.getLogger(__name__)


def mount(app: Any, endpoint: Endpoint, path: str = "/media") -> None:
    """Serve `endpoint` at `path` of a Starlette or FastAPI app, before any catch-all route."""
    app.router.routes.insert(0, WebSocketRoute(path, WebSockets(endpoint), name=path[1:]))


def short(reason: str) -> str:
    """A close reason, cut to what a close frame can hold."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")


class WebSockets:
    """The ASGI application behind the route."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection, from handshake to close."""
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        direct = scope.get("extensions", {}).get(DIRECT)
        if direct is None:
            await self._plain(receive, send)
        else:
            await self._direct(direct, receive)

    async def _direct(self, wire: Any, receive: Receive) -> None:
        client = self._endpoint.open(wire)
        wire.take_over(client.message)
        await _until_gone(client, receive)

    async def _plain(self, receive: Receive, send: Send) -> None:
        wire = QueueWire()
        client = self._endpoint.open(wire)
        sender = asyncio.create_task(wire.run(send))
        reader = asyncio.create_task(_until_gone(client, receive))
        try:
            # after our own close the client's answer is awaited; after an abort nothing is
            await asyncio.wait({sender, reader}, return_when=asyncio.FIRST_COMPLETED)
            if wire.closing and not wire.aborted:
                await asyncio.wait({reader}, timeout=5.0)
        finally:
            client.gone(None, clean=False)
            for task in (sender, reader):
                task.cancel()
            await asyncio.gather(sender, reader, return_exceptions=True)


async def _until_gone(client: Client, receive: Receive) -> None:
    """Hand each message over until the client is gone."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            # uvicorn names a reason only when the client sent a close frame
            client.gone(message.get("code"), clean="reason" in message)
            return
        text = message.get("text")
        client.message(message.get("bytes") or b"" if text is None else text)


class QueueWire(Wire):
    """The plain way: at most `STALLED` bytes wait for the task that sends them."""

    def __init__(self) -> None:
        self._queue: deque[dict[str, Any]] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._protocol = TwilioProtocol()
        self.closing = False
        self.aborted = False

    def start(self, protocol: TwilioProtocol) -> None:
        """Frames will be addressed with the protocol's stream id."""
        self._protocol = protocol

    def write_frame(self, frame: bytes) -> None:
        """Queue a media message."""
        self.write_text(self._protocol.media(frame))

    def write_text(self, message: str) -> None:
        """Queue a message."""
        if not self.closing:
            self._put({"type": "websocket.send", "text": message}, len(message))

    def pending(self) -> int:
        """Bytes in the queue."""
        return self._bytes

    def close(self, code: int, reason: str) -> None:
        """Close after what is queued."""
        if not self.closing:
            self.closing = True
            self._put({"type": "websocket.close", "code": code, "reason": short(reason)}, 0)

    def abort(self) -> None:
        """Send nothing more."""
        self.closing = self.aborted = True
        self._queue.clear()
        self._wake.set()

    def _put(self, message: dict[str, Any], size: int) -> None:
        self._queue.append(message)
        self._bytes += size
        self._wake.set()

    async def run(self, send: Send) -> None:
        """Send what is queued until the connection is closed or aborted."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                message = self._queue[0]
                try:
                    await send(message)
                except (OSError, RuntimeError):
                    return  # the client is gone; its reader says so
                if self.aborted:
                    return
                self._queue.popleft()
                self._bytes -= len(message.get("text", ""))
                if message["type"] == "websocket.close":
                    return
            if self.aborted:
                return
