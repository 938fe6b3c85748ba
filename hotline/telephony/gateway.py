"""The gateway: WebSocket connections on one side, calls of the exchange on the other.

    connected, start ---> Connection ---> CallArrived                    (one call id each)
    dtmf                                  KeyPressed
    media                                 EngineMedia.heard
    stop, bad message, gone, stalled      HungUp, exactly once
    media, mark, clear, close <--- Connection (a `Transport`) <--- EngineMedia

Everything runs on the event loop's thread and nothing waits. What a `Connection` is told by its
driver never raises, whatever the client sent.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from hotline.switch import events as ev
from hotline.switch.events import MediaQuality, Party
from hotline.switch.ports import TimerHandle
from hotline.telephony import twilio
from hotline.telephony.engine import log_error
from hotline.telephony.leg import Listener
from hotline.telephony.media import EngineMedia, Exchange
from hotline.telephony.rtp.stream import Codec

CALLS = 1000
"""Connections at once by default; one more is closed with 1013."""
START_WITHIN = 10.0
"""Seconds a connection may take until its `start` message."""
STALLED = 131_072
"""Bytes of unsent audio (9 s) after which a client counts as not reading."""

log = logging.getLogger(__name__)


class Wire(Protocol):
    """One WebSocket connection, as its driver sees it. Nothing waits, nothing raises."""

    def start(self, protocol: twilio.TwilioProtocol) -> None:
        """The call has begun; frames will follow."""
        ...

    def write_frame(self, frame: bytes) -> None:
        """Send a media message with 160 bytes of audio."""
        ...

    def write_text(self, message: str) -> None:
        """Send any other message."""
        ...

    def pending(self) -> int:
        """Bytes accepted but not yet taken by the network."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Close with the WebSocket handshake; nothing if it is closed."""
        ...

    def abort(self) -> None:
        """Drop the connection without it: the client does not read."""
        ...


class Gateway:
    """Takes calls for `exchange` and plays through `media`. `limit` caps the connections.

    `counted` holds totals by name: calls, refused (bad messages), over_limit, stalled, ended by
    the client (`gone`) or by the hotline (`released`).
    """

    def __init__(
        self,
        exchange: Exchange,
        media: EngineMedia,
        *,
        limit: int = CALLS,
        centre: str = "",
        start_within: float = START_WITHIN,
        make_id: Callable[[], str] = lambda: f"ws-{secrets.token_hex(8)}",
    ) -> None:
        self.exchange, self.media = exchange, media
        self.limit, self.centre, self.start_within = limit, centre, start_within
        self.make_id = make_id
        self.counted: Counter[str] = Counter()
        self.connections: set[Connection] = set()
        self.draining = False
        media.connect(exchange)

    @property
    def calls(self) -> int:
        """Calls in progress."""
        return sum(connection.in_call for connection in self.connections)

    def call_of(self, stream: str) -> str:
        """The call of the connected client that named its stream `stream`, or `""`.

        A page that chose an unguessable `streamSid` finds its own call with it, and nobody's else.
        """
        found = (c.call for c in self.connections if stream and c.stream == stream)
        return next(found, "")

    def drain(self) -> None:
        """Take no new calls; those in progress go on."""
        self.draining = True

    def open(self, wire: Wire) -> Connection:
        """A client connected. It may be closed at once: too many calls, or draining."""
        connection = Connection(self, wire)
        if self.draining:
            connection.refuse(1012, "the hotline is closing down; call again later")
        elif len(self.connections) >= self.limit:
            self.counted["over_limit"] += 1
            connection.refuse(1013, f"all {self.limit} lines are in use; call again later")
        else:
            self.connections.add(connection)
            connection.expect_start(self.start_within)
        return connection

    def now(self) -> float:
        """The present instant on the call clock, seconds."""
        return self.media.engine.clock.now()


class Connection:
    """One client, from handshake to close; the `Transport` of its call."""

    codec: Codec = "PCMU"
    """the law of the Media Streams format"""

    def __init__(self, gateway: Gateway, wire: Wire) -> None:
        self._gateway, self._wire = gateway, wire
        self._protocol = twilio.TwilioProtocol()
        self._call = ""
        self._closed = False
        self._deadline: TimerHandle | None = None
        self._sent = self._received = 0
        self.played = ""
        """name of the last mark that came back"""

    @property
    def call(self) -> str:
        """Its call's id; `""` before `start`."""
        return self._call

    @property
    def stream(self) -> str:
        """The `streamSid` that the client gave; `""` before `start`."""
        return self._protocol.stream

    @property
    def in_call(self) -> bool:
        """Whether a call is in progress on it."""
        return bool(self._call) and not self._closed

    # --- from the driver ---------------------------------------------------------------------

    def message(self, message: str | bytes) -> None:
        """The client sent a message."""
        if self._closed:
            return
        try:
            self._handle(self._protocol.receive(message))
        except Exception as error:
            log_error(log, "a message could not be handled; its call is ended", error)
            self._gateway.counted["failed"] += 1
            self._end(Party.SYSTEM, "internal error")
            self._wire.close(1011, "internal error")

    def gone(self, code: int | None, clean: bool) -> None:
        """The connection is over. `clean`: the client closed it with the handshake."""
        if not self._closed:
            self._gateway.counted["gone"] += 1
            by = Party.CALLER if clean and code in (None, 1000, 1001, 1005) else Party.NETWORK
            self._end(by, "hung up" if by is Party.CALLER else "connection lost")

    # --- for the gateway ---------------------------------------------------------------------

    def expect_start(self, seconds: float) -> None:
        """Refuse the client if its `start` does not come in time."""
        clock = self._gateway.media.engine.clock
        self._deadline = clock.call_at(clock.now() + seconds, self._too_late)

    def refuse(self, code: int, reason: str) -> None:
        """End whatever there is, for this reason."""
        self._handle(self._protocol.refuse(code, reason))

    def _too_late(self) -> None:
        if not self._protocol.started and not self._closed:
            self.refuse(1008, f"no start message within {self._gateway.start_within:g} s")

    # --- the transport of its call -----------------------------------------------------------

    def send_frame(self, frame: bytes) -> None:
        """One media message; a client that has stopped reading is dropped instead."""
        if self._wire.pending() > STALLED:
            self._gateway.counted["stalled"] += 1
            self._end(Party.NETWORK, "the client does not read")
            self._wire.abort()
        elif not self._closed:
            self._sent += 1
            self._wire.write_frame(frame)

    def listen(self, heard: Listener | None) -> None:
        """All that comes is handed over as it comes."""

    def clear(self) -> None:
        """Barge-in: the client drops what it has buffered."""
        if not self._closed:
            self._wire.write_text(self._protocol.clear())

    def mark(self, name: str) -> None:
        """The prompt is complete; nobody waits for the echo."""
        if not self._closed:
            self._wire.write_text(self._protocol.mark(name))

    def quality(self) -> MediaQuality:
        """Frames out, messages in; TCP loses nothing."""
        return MediaQuality(self.codec, self._sent, self._received)

    def close(self, code: int, reason: str) -> None:
        """The hotline hangs up."""
        if not self._closed:
            self._gateway.counted["released"] += 1
            self._forget()
            self._wire.close(code, reason)

    # --- inside ------------------------------------------------------------------------------

    def _handle(self, heard: twilio.Heard | None) -> None:
        gateway = self._gateway
        match heard:
            case twilio.Audio(ulaw):
                self._received += 1
                gateway.media.heard(self._call, ulaw)
            case twilio.Key(digit):
                gateway.exchange.post(ev.KeyPressed(gateway.now(), self._call, digit))
            case twilio.MarkEchoed(name):
                self.played = name
            case twilio.Started():
                self._arrive(heard)
            case twilio.Stopped():
                self._gateway.counted["gone"] += 1
                self._end(Party.CALLER, "stop")
                self._wire.close(1000, "stopped by the caller")
            case twilio.Refused(code, reason):
                gateway.counted["refused"] += self in gateway.connections
                self._end(Party.NETWORK, reason)
                self._wire.close(code, reason)

    def _arrive(self, started: twilio.Started) -> None:
        gateway = self._gateway
        if self._deadline is not None:
            self._deadline.cancel()
        self._call = gateway.make_id()
        gateway.counted["calls"] += 1
        self._wire.start(self._protocol)
        gateway.media.add_line(self._call, self)
        gateway.exchange.post(
            ev.CallArrived(
                gateway.now(),
                self._call,
                started.number,
                started.dialled,
                started.area,
                "websocket",
                gateway.centre,
            )
        )

    def _end(self, by: Party, reason: str) -> None:
        """The client's side is over: free the line first, so that no action reaches it."""
        if self._closed:
            return
        self._forget()
        if self._call:
            gateway = self._gateway
            gateway.media.remove_line(self._call)
            gateway.exchange.post(ev.HungUp(gateway.now(), self._call, by, reason))

    def _forget(self) -> None:
        self._closed = True
        self._gateway.connections.discard(self)
        if self._deadline is not None:
            self._deadline.cancel()
