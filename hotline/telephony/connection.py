"""WebSocket connections that carry audio: what callers' and agents' have in common, without I/O.

    connected, start ---> Connection ---> started
    media                                 audio
    dtmf                                  key
    stop, bad message, gone, stalled      over, exactly once
    media, mark, clear, close <--- Connection (a `Transport`) <--- the media engine

Everything runs on the event loop's thread and nothing waits. What a `Connection` is told by its
driver never raises, whatever the client sent.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import Counter
from typing import Generic, Protocol, TypeVar

from hotline.switch.events import MediaQuality, Party
from hotline.switch.ports import Clock, TimerHandle
from hotline.telephony import twilio
from hotline.telephony.engine import log_error
from hotline.telephony.leg import Listener
from hotline.telephony.rtp.stream import Codec

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


class Client(Protocol):
    """What is told of one WebSocket, by whoever drives it. Neither method raises."""

    def message(self, message: str | bytes) -> None:
        """The client sent a message; bytes are a binary one."""
        ...

    def gone(self, code: int | None, clean: bool) -> None:
        """The connection is over. `clean`: the client closed it with the handshake."""
        ...


class Endpoint(Protocol):
    """What is behind one path of the web server."""

    def open(self, wire: Wire) -> Client:
        """A client connected; it may be closed at once."""
        ...


C = TypeVar("C", bound="Connection")


class Door(ABC, Generic[C]):
    """All audio connections of one path. `limit` caps them.

    `counted` holds totals by name: refused (bad messages), over_limit, stalled, failed, ended by
    the client (`gone`) or by the hotline (`released`).
    """

    def __init__(self, clock: Clock, limit: int, start_within: float) -> None:
        self.clock, self.limit, self.start_within = clock, limit, start_within
        self.counted: Counter[str] = Counter()
        self.connections: set[C] = set()
        self.draining = False

    @abstractmethod
    def admit(self, wire: Wire) -> C:
        """A connection of this kind."""

    def now(self) -> float:
        """The present instant on the call clock, seconds."""
        return self.clock.now()

    def drain(self) -> None:
        """Take no new connections; those that are there go on."""
        self.draining = True

    def open(self, wire: Wire) -> C:
        """A client connected. It may be closed at once: too many calls, or draining."""
        connection = self.admit(wire)
        if self.draining:
            connection.refuse(1012, "the hotline is closing down; call again later")
        elif len(self.connections) >= self.limit:
            self.counted["over_limit"] += 1
            connection.refuse(1013, f"all {self.limit} lines are in use; call again later")
        else:
            self.connections.add(connection)
            connection.expect_start(self.start_within)
        return connection

    def forget(self, connection: Connection) -> None:
        """It is over."""
        self.connections.discard(connection)

    def has(self, connection: Connection) -> bool:
        """Whether it has been let in and is not over."""
        return connection in self.connections


class Connection(ABC):
    """One client, from handshake to close; the `Transport` of its audio."""

    codec: Codec = "PCMU"
    """the law of the Media Streams format"""

    def __init__(self, door: Door[C], wire: Wire) -> None:
        self._door, self._wire = door, wire
        self._protocol = twilio.TwilioProtocol()
        self._closed = False
        self._deadline: TimerHandle | None = None
        self._sent = self._received = 0
        self.played = ""
        """name of the last mark that came back"""

    @property
    def stream(self) -> str:
        """The `streamSid` that the client gave; `""` before `start`."""
        return self._protocol.stream

    # --- what it means -----------------------------------------------------------------------

    @abstractmethod
    def started(self, start: twilio.Started) -> None:
        """The client has said who it is; frames may be sent from now on."""

    @abstractmethod
    def audio(self, ulaw: bytes) -> None:
        """Mu-law octets came."""

    @abstractmethod
    def key(self, digit: str) -> None:
        """A key was pressed."""

    @abstractmethod
    def over(self, by: Party, reason: str) -> None:
        """The client's side is over; not told when the hotline closed it."""

    # --- from the driver ---------------------------------------------------------------------

    def message(self, message: str | bytes) -> None:
        """The client sent a message."""
        if self._closed:
            return
        try:
            self._handle(self._protocol.receive(message))
        except Exception as error:
            log_error(log, "a message could not be handled; its call is ended", error)
            self._door.counted["failed"] += 1
            self._end(Party.SYSTEM, "internal error")
            self._wire.close(1011, "internal error")

    def gone(self, code: int | None, clean: bool) -> None:
        """The connection is over. `clean`: the client closed it with the handshake."""
        if not self._closed:
            self._door.counted["gone"] += 1
            by = Party.CALLER if clean and code in (None, 1000, 1001, 1005) else Party.NETWORK
            self._end(by, "hung up" if by is Party.CALLER else "connection lost")

    # --- for the door ------------------------------------------------------------------------

    def expect_start(self, seconds: float) -> None:
        """Refuse the client if its `start` does not come in time."""
        clock = self._door.clock
        self._deadline = clock.call_at(clock.now() + seconds, self._too_late)

    def refuse(self, code: int, reason: str) -> None:
        """End whatever there is, for this reason."""
        self._handle(self._protocol.refuse(code, reason))

    def _too_late(self) -> None:
        if not self._protocol.started and not self._closed:
            self.refuse(1008, f"no start message within {self._door.start_within:g} s")

    # --- the transport -----------------------------------------------------------------------

    def send_frame(self, frame: bytes) -> None:
        """One media message; a client that has stopped reading is dropped instead."""
        if self._wire.pending() > STALLED:
            self._door.counted["stalled"] += 1
            self._end(Party.NETWORK, "the client does not read")
            self._wire.abort()
        elif not self._closed:
            self._sent += 1
            self._wire.write_frame(frame)

    def listen(self, heard: Listener | None) -> None:
        """Nothing to do: all that comes is handed over as it comes."""
        return None

    def clear(self) -> None:
        """Barge-in: the client drops what it has buffered."""
        if not self._closed:
            self._wire.write_text(self._protocol.clear())

    def mark(self, name: str) -> None:
        """The prompt is complete; nobody waits for the echo."""
        if not self._closed:
            self._wire.write_text(self._protocol.mark(name))

    def count_anew(self) -> None:
        """Another call begins on the same connection."""
        self._sent = self._received = 0

    def quality(self) -> MediaQuality:
        """Frames out, messages in; TCP loses nothing."""
        return MediaQuality(self.codec, self._sent, self._received)

    def close(self, code: int, reason: str) -> None:
        """The hotline ends it."""
        if not self._closed:
            self._door.counted["released"] += 1
            self._forget()
            self._wire.close(code, reason)

    # --- inside ------------------------------------------------------------------------------

    def _handle(self, heard: twilio.Heard | None) -> None:
        match heard:
            case twilio.Audio(ulaw):
                self._received += 1
                self.audio(ulaw)
            case twilio.Key(digit):
                self.key(digit)
            case twilio.MarkEchoed(name):
                self.played = name
            case twilio.Started():
                self._start(heard)
            case twilio.Stopped():
                self._door.counted["gone"] += 1
                self._end(Party.CALLER, "stop")
                self._wire.close(1000, "stopped by the caller")
            case twilio.Refused(code, reason):
                self._door.counted["refused"] += self._door.has(self)
                self._end(Party.NETWORK, reason)
                self._wire.close(code, reason)

    def _start(self, started: twilio.Started) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._wire.start(self._protocol)
        self.started(started)

    def _end(self, by: Party, reason: str) -> None:
        if not self._closed:
            self._forget()
            self.over(by, reason)

    def _forget(self) -> None:
        self._closed = True
        self._door.forget(self)
        if self._deadline is not None:
            self._deadline.cancel()
