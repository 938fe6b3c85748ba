"""uvicorn, set up for calls: no compression, small messages, frames straight to the socket.

`uvicorn.Config(app, **settings())` is all a composition root needs. `MediaProtocol` is uvicorn's
own WebSocket protocol with one addition, the ASGI extension `hotline.direct`: a connection that
takes it over gets its messages by a plain call and writes ready-made WebSocket frames. All other
WebSockets of the same server (the web pages') are untouched.

100 calls take 19 % of a core this way and 27 % the plain way (benchmarks/media.py, two slow cores):
no queue, no task switch, no pausing of the socket for each message, no frame object.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request

from hotline.telephony.leg import FRAME
from hotline.telephony.twilio import TwilioProtocol
from hotline.telephony.websocket import DIRECT, short

MESSAGE_BYTES = 1_048_576
"""Longest WebSocket message of any page; calls have a much lower limit of their own."""


def settings() -> dict[str, Any]:
    """Keyword arguments for `uvicorn.Config`."""
    return {
        "ws": MediaProtocol,
        "ws_per_message_deflate": False,
        "ws_max_size": MESSAGE_BYTES,
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
    }


class MediaProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which an endpoint can take over; it is then a `gateway.Wire`."""

    _taker: Callable[[str | bytes], None] | None = None
    _head = b""
    _tail = b""

    # --- taking over -------------------------------------------------------------------------

    def handle_connect(self, event: Request) -> None:
        """Offer the extension in the scope, which the application's task reads later."""
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][DIRECT] = self

    def take_over(self, taker: Callable[[str | bytes], None]) -> None:
        """From now on messages go to `taker`; only the disconnect still goes to the queue."""
        self._taker = taker
        waiting = []
        while not self.queue.empty():
            waiting.append(self.queue.get_nowait())
        for message in waiting:
            if message["type"] == "websocket.receive":
                text: Any = message.get("text")
                taker(message.get("bytes") or b"" if text is None else text)
            else:
                self.queue.put_nowait(message)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def send_receive_event_to_app(self) -> None:
        """A whole message has come."""
        if self._taker is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type != "text":
            self._taker(bytes(data))
            return
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError:
            self.conn.fail(1007, "message is not UTF-8")
            self.handle_parser_exception()
            return
        self._taker(text)

    # --- the wire of a call ------------------------------------------------------------------

    def start(self, protocol: TwilioProtocol) -> None:
        """Work out once what surrounds the base64 in every media message (RFC 6455 5.2)."""
        message = protocol.media(bytes(FRAME)).encode()
        frame = Frame(Opcode.TEXT, message).serialize(mask=False)
        self._head = frame[: len(frame) - len(message)] + protocol.head.encode()
        self._tail = protocol.tail.encode()

    def write_frame(self, frame: bytes) -> None:
        """One media message: all are equally long, so header and prefix are ready-made."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(self._head + b2a_base64(frame, newline=False) + self._tail)

    def write_text(self, message: str) -> None:
        """Any other message."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(Frame(Opcode.TEXT, message.encode()).serialize(mask=False))

    def pending(self) -> int:
        """Bytes that the socket has not taken."""
        return 0 if self.transport.is_closing() else self.transport.get_write_buffer_size()

    def close(self, code: int, reason: str) -> None:
        """Close with the handshake; a client that does not answer is dropped after a while."""
        if self.close_sent or self.transport.is_closing():
            return
        reason = short(reason)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        try:
            self.conn.send_close(code, reason)
        except InvalidState:
            self.transport.abort()
            return
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def abort(self) -> None:
        """The client does not read: what waits for it is thrown away."""
        self.transport.abort()
