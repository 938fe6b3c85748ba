"""The sockets of RTP: one pair a call (RTP even, RTCP the odd port above; RFC 3550 section 11).

    ports = RtpPorts(engine)                     one for all calls of a process
    port = ports.open(keyed=...)                 a call: its address goes into SDP
    port.connect(stream, peer="192.0.2.7")       the answer is known; again for every re-INVITE
    engine.attach(port)                          20 ms out and in at every tick, until
    port.close()

A `RtpPort` is a `Transport` of the media engine. Nothing wakes up for a single packet: the engine
looks after all sockets at once, every 5 ms, with one call to the kernel (`epoll` where there is
one), and reads only those on which something has come.
"""

from __future__ import annotations

import logging
import select
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from random import Random, SystemRandom
from typing import Any

from hotline.switch.events import MediaQuality
from hotline.telephony.engine import Engine, log_error
from hotline.telephony.leg import Listener
from hotline.telephony.rtp.packet import is_rtcp
from hotline.telephony.rtp.reports import Reports
from hotline.telephony.rtp.session import START, Address, Session
from hotline.telephony.rtp.stream import Codec, Stream

LARGEST = 2048
"""Bytes of a datagram that are read; RTP of speech has less than 700."""
ROOM = bytearray(LARGEST)
"""Where datagrams are read to, one at a time."""
TRIES = 64
"""Pairs of ports to try before giving up."""
ROUNDS = 4
"""Packets of one call that are read at one look: after a stall more than one waits."""
PENDING = 50
"""Packets that are still read when a call is over."""
INACTIVE = 60.0
"""Seconds without any packet, RTP or RTCP, after which a call that is not on hold counts as lost
(our choice, as most PBXs have it)."""

log = logging.getLogger(__name__)


class Poller:
    """All sockets of a process, looked after at once. `look` whenever time has passed."""

    def __init__(self) -> None:
        self._poll: Any = select.epoll() if hasattr(select, "epoll") else select.poll()
        self._readers: dict[int, Callable[[], object]] = {}

    def add(self, sock: socket.socket, reader: Callable[[], object]) -> None:
        """Call `reader` when something has come on `sock`."""
        self._readers[sock.fileno()] = reader
        self._poll.register(sock, select.POLLIN)  # EPOLLIN is the same bit

    def remove(self, sock: socket.socket) -> None:
        """`sock` will be closed."""
        if self._readers.pop(sock.fileno(), None) is not None:
            self._poll.unregister(sock)

    def close(self) -> None:
        """Look after nothing any more."""
        self._readers.clear()
        if hasattr(self._poll, "close"):
            self._poll.close()

    def look(self) -> None:
        """Read what has come; at most `ROUNDS` datagrams of each socket."""
        readers = self._readers
        for _ in range(ROUNDS):
            ready = self._poll.poll(0)
            if not ready:
                return
            for number, _events in ready:
                reader = readers.get(number)
                if reader is None:
                    continue  # closed by what was read just before
                try:
                    reader()
                except Exception as error:  # one call's fault must not silence the others
                    log_error(log, "what came for a call could not be handled", error)


def more_files() -> None:
    """Two sockets a call: raise the soft limit of open files to the hard one, where it may be."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class RtpPorts:
    """Opens the ports of calls at `host`. `first` and `last` bound their numbers (for firewalls);
    left out, the kernel chooses."""

    def __init__(
        self,
        engine: Engine,
        host: str = "127.0.0.1",
        *,
        first: int = 0,
        last: int = 0,
        chance: Random | None = None,
        inactive: float = INACTIVE,
    ) -> None:
        self.engine, self.host, self.inactive = engine, host, inactive
        self.counted: Counter[str] = Counter()
        """what was wrong with packets, by name"""
        self.chance = chance or SystemRandom()
        self._poller = Poller()
        self._first, self._last = first, last
        self._next = first
        more_files()
        engine.before_slot.append(self._poller.look)

    def open(
        self,
        *,
        keyed: Callable[[str], None] | None = None,
        lost: Callable[[], None] | None = None,
        released: Callable[[int, str], None] | None = None,
        hurry: bool = False,
    ) -> RtpPort:
        """The port of a new call. Raises OSError when no pair of ports is free.

        `keyed(key)` is called for each key that the peer presses, `lost()` once when nothing has
        come for `inactive` seconds, `released(code, reason)` when the media engine hangs up.
        `hurry`: see `jitter`. What the peer says: see `RtpPort.listen`.
        """
        session = Session(self.chance, self.counted, hurry=hurry)
        port = self._make(session)
        port.keyed, port.lost, port.released = keyed, lost, released
        return port

    def _make(self, session: Session) -> RtpPort:
        port = RtpPort(self, session, *self._pair())
        port.watch(self._poller)
        return port

    def close(self) -> None:
        """No more calls: the ports that are still open stay silent."""
        self.engine.before_slot.remove(self._poller.look)
        self._poller.close()

    def forget(self, port: RtpPort) -> None:
        """A call is over: its sockets are closed."""
        port.unwatch(self._poller)

    def _pair(self) -> tuple[socket.socket, socket.socket]:
        """An even port and the odd one above it."""
        for _ in range(TRIES):
            rtp = self._bound(self._candidate())
            if rtp is None:
                continue
            number = rtp.getsockname()[1]
            rtcp = self._bound(number + 1) if number % 2 == 0 else None
            if rtcp is not None:
                return rtp, rtcp
            rtp.close()
        raise OSError(f"no pair of RTP ports is free at {self.host}; see --rtp-ports")

    def _candidate(self) -> int:
        """The next even number of our range, or 0: whatever the kernel gives."""
        if not self._first:
            return 0
        number = self._next + self._next % 2
        self._next = number + 2 if number + 3 <= self._last else self._first
        return number

    def _bound(self, number: int) -> socket.socket | None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_DGRAM)
        except OSError as error:
            why = f"{error.strerror}: a call takes two sockets; raise `ulimit -n`"
            raise OSError(error.errno, why) from None
        sock.setblocking(False)
        try:
            sock.bind((self.host, number))
        except OSError:
            sock.close()
            return None
        return sock


class RtpPort:
    """The media of one call; made by `RtpPorts.open`."""

    __slots__ = (
        "_attend_at",
        "_engine",
        "_heard",
        "_lost_at",
        "_ports",
        "_rtcp",
        "_rtp",
        "address",
        "closed",
        "codec",
        "keyed",
        "lost",
        "released",
        "reports",
        "session",
    )

    def __init__(
        self, ports: RtpPorts, session: Session, rtp: socket.socket, rtcp: socket.socket
    ) -> None:
        self._ports, self.session, self._rtp, self._rtcp = ports, session, rtp, rtcp
        self._engine = ports.engine
        host, number = rtp.getsockname()[:2]
        self.address: Address = (host, number)
        """what our SDP says"""
        now = ports.engine.clock.now()
        self.reports = Reports(session, ports.chance, ports.counted, f"hotline@{host}", now)
        self.codec: Codec = session.codec
        """the law of frames in and out"""
        self.closed = False
        self.keyed: Callable[[str], None] | None = None
        self.lost: Callable[[], None] | None = None
        self.released: Callable[[int, str], None] | None = None
        self._heard: Listener | None = None
        self._lost_at = now + ports.inactive
        self._attend_at = min(self.reports.due, self._lost_at)

    # --- for signalling ----------------------------------------------------------------------

    def connect(self, stream: Stream, peer: str = "", *, trusted: bool = False) -> None:
        """What was agreed on, again for every re-INVITE; see `Session.connect`."""
        self.session.detects = self.keyed is not None
        self.session.connect(stream, peer, trusted=trusted)
        self.codec = stream.codec
        self._lost_at = self._engine.clock.now() + self._ports.inactive
        self._attend_at = min(self.reports.due, self._lost_at)

    def press(self, key: str, *, in_band: bool = False) -> None:
        """Send a key; see `Session.press`."""
        self.session.press(key, in_band=in_band)

    # --- the transport of its call -----------------------------------------------------------

    def send_frame(self, frame: bytes) -> None:
        """20 ms pass: our audio out, the peer's in."""
        if self.closed:
            return
        session = self.session
        if datagram := session.packet(frame):  # nearly always
            self._emit(datagram)
        else:
            for datagram in session.send(frame):
                self._emit(datagram)
        if self._heard is not None and (octets := session.take()):
            self._heard(octets)
        if self._engine.instant > self._attend_at:
            self._attend(self._engine.instant)

    def listen(self, heard: Listener | None) -> None:
        """Hand over what the peer says from now on, at every tick 20 ms or what is there, in the
        law of `codec`. The media engine does this itself for who listens to a leg."""
        self._heard = heard
        self.session.listen(heard is not None)

    def clear(self) -> None:
        """Nothing is buffered at the far end."""

    def mark(self, name: str) -> None:
        """RTP has no marks of this kind."""

    def quality(self) -> MediaQuality:
        """How the audio went so far, with its estimated opinion."""
        return self.reports.quality()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Let go of the sockets and of who listens; nothing if that was done. Tells `released`."""
        if self.closed:
            return
        self.closed = True
        released, self.keyed, self.lost, self.released = self.released, None, None, None
        self._heard = None
        if self.session.sent:
            self._send_report(self.reports.goodbye(self._engine.clock.now()))
        self._ports.forget(self)
        if released is not None:
            released(code, reason)

    # --- inside ------------------------------------------------------------------------------

    def read(self) -> bool:
        """A datagram may have come on the RTP port (called by the poller); whether one had."""
        try:
            size, address = self._rtp.recvfrom_into(ROOM)
        except OSError:
            return False  # taken back, closed, or an ICMP error for something we sent
        start, sequence, timestamp, ssrc = START.unpack_from(ROOM)
        address, now = address[:2], self._engine.instant
        if size < START.size or not self.session.follow(
            start, sequence, timestamp, ssrc, address, now
        ):
            self.take(bytes(ROOM[:size]), address)
        return True

    def take(self, data: bytes, address: Address) -> None:
        """A datagram came for this call."""
        now = self._engine.instant
        if is_rtcp(data):  # RFC 5761: on one port
            self.reports.receive(data, address, now)
            return
        keys = self.session.receive(data, address, now)
        if keys and self.keyed is not None:
            for key in keys:
                self.keyed(key)

    def read_report(self) -> None:
        """A datagram has come on the RTCP port (called by the poller)."""
        try:
            data, address = self._rtcp.recvfrom(LARGEST)
        except OSError:
            return
        self.reports.receive(data, address[:2], self._engine.instant)

    def rest(self) -> bytes:
        """What has come and was not handed over yet. To be asked when signalling ends the call,
        which may overtake the last packets; give it to who listens, then close."""
        for _ in range(PENDING):
            if not self.read():
                break
        jitter = self.session.jitter
        return b"" if jitter is None else jitter.rest()

    def watch(self, poller: Poller) -> None:
        """Read what comes."""
        poller.add(self._rtp, self.read)
        poller.add(self._rtcp, self.read_report)

    def unwatch(self, poller: Poller) -> None:
        """Close the sockets."""
        for sock in (self._rtp, self._rtcp):
            poller.remove(sock)
            sock.close()

    def _emit(self, datagram: bytes) -> None:
        try:
            self._rtp.sendto(datagram, self.session.target)  # type: ignore[arg-type]
        except OSError:
            self._ports.counted["not_sent"] += 1  # no route, or the kernel's buffer is full

    def _send_report(self, datagram: bytes) -> None:
        target = self.session.target
        if target is not None:
            with suppress(OSError):  # a report more or less does not matter
                self._rtcp.sendto(datagram, (target[0], target[1] + 1))

    def _attend(self, now: float) -> None:
        """What is due now and then: a report, a look for signs of life."""
        if now > self.reports.due:
            self._send_report(self.reports.report(now))
        if now > self._lost_at:
            self._miss(now)
        self._attend_at = min(self.reports.due, self._lost_at)

    def _miss(self, now: float) -> None:
        """The deadline for a sign of life is over: was there one?"""
        session, ports = self.session, self._ports
        stream = session.stream
        # on hold a telephone may say nothing, whatever it calls the direction (RFC 3264 8.4)
        held = stream is None or not (stream.receive and stream.send)
        if held or now - session.alive_at < ports.inactive:
            self._lost_at = (now if held else session.alive_at) + ports.inactive
            return
        self._lost_at = float("inf")
        if self.lost is not None:
            self.lost()
