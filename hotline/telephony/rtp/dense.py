"""One pair of ports for all calls, for loads and trunks: opt in (`RtpPorts` is the default).

    calls --datagrams--> [ burst ] --one sendmmsg a slot--> network
    calls <--whose?----- [ gather ] <--one recvmmsg a slot-- network
              known (address, SSRC)            that call
              SSRC new, address in one SDP     the one call that waits there, or has a new source
              SSRC new, only the host known    the one call that waits for that host (NAT)
              several could be meant           nobody: `ambiguous` is counted

A datagram is never given to a call by guessing. So callers that share one address must differ in
their SSRC and begin to send one after the other, or better have ports of their own.
"""

from __future__ import annotations

import socket
from collections import defaultdict
from typing import Any

from hotline.telephony.engine import Engine, log_error
from hotline.telephony.rtp.burst import Burst
from hotline.telephony.rtp.gather import MOST, Gather
from hotline.telephony.rtp.packet import HEADER, is_rtcp
from hotline.telephony.rtp.port import LARGEST, RtpPort, RtpPorts, log
from hotline.telephony.rtp.session import Address, Session
from hotline.telephony.rtp.stream import Stream

BUFFER = 4 << 20
"""Bytes asked for in the kernel's receive buffer, which all calls share."""
READS = 8192
"""Datagrams that are read at one look."""


class DensePorts(RtpPorts):
    """`RtpPorts` whose calls share one pair of sockets."""

    def __init__(self, engine: Engine, host: str = "127.0.0.1", **options: Any) -> None:
        """`options` as for `RtpPorts`."""
        super().__init__(engine, host, **options)
        self._rtp, self._rtcp = self._pair()
        self._rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._burst, self._gather = Burst(self._rtp), Gather(self._rtp)
        self._known: dict[tuple[int, int], tuple[DensePort, Address]] = {}
        """(place, SSRC) of `Gather` -> whose it is, for those that have been heard before"""
        self._sources: dict[tuple[Address, int], DensePort] = {}
        self._at: defaultdict[Address | str, set[DensePort]] = defaultdict(set)
        self._poller.add(self._rtp, self._read)
        self._poller.add(self._rtcp, self._read_reports)
        engine.after_slot.append(self._flush)

    def _make(self, session: Session) -> RtpPort:
        return DensePort(self, session, self._rtp, self._rtcp)

    def close(self) -> None:
        """No more calls."""
        self.engine.after_slot.remove(self._flush)
        super().close()
        self._rtp.close()
        self._rtcp.close()

    def forget(self, port: RtpPort) -> None:
        """A call is over: nothing is for it any more."""
        assert isinstance(port, DensePort)
        self._leave(port)
        self.move(port, None)

    def _leave(self, port: DensePort) -> None:
        """Nothing more comes from where `port`'s peer has sent."""
        if port.source is not None:
            self._sources.pop(port.source, None)
        if port.known is not None:
            self._known.pop(port.known, None)
        port.source = port.known = None

    def move(self, port: DensePort, remote: Address | None) -> None:
        """SDP says that `port`'s peer is at `remote` (None: nowhere)."""
        if port.remote is not None:
            for place in (port.remote, port.remote[0]):
                self._at[place].discard(port)
                if not self._at[place]:
                    del self._at[place]
        port.remote = remote
        if remote is not None:
            self._at[remote].add(port)
            self._at[remote[0]].add(port)

    def emit(self, datagram: bytes, target: Address) -> None:
        """Send with the burst of this slot."""
        self._burst.add(datagram, target)

    def _flush(self) -> None:
        if lost := self._burst.flush():
            self.counted["not_sent"] += lost

    def _read(self) -> None:
        if self._gather.possible:
            for _ in range(READS // MOST):
                if not self._read_many():
                    return
            return
        for _ in range(READS):
            try:
                data, address = self._rtp.recvfrom(LARGEST)
            except OSError:
                return
            self._deliver(data, address[:2])

    def _read_many(self) -> bool:
        """What one call to the kernel gives; whether there may be more."""
        gather, known, now = self._gather, self._known, self.engine.instant
        at = -1
        for at, length, place, start, sequence, timestamp, ssrc in gather.look():
            if length >= HEADER.size and (whose := known.get((place, ssrc))) is not None:
                port, address = whose
                if port.session.follow(start, sequence, timestamp, ssrc, address, now):
                    continue  # nearly always
            self._learn(gather.datagram(at, length), place, ssrc)
        return at + 1 == MOST

    def _learn(self, data: bytes, place: int, ssrc: int) -> None:
        """Deliver, and know the next one of this source at a glance."""
        address = self._gather.sender(place)
        self._deliver(data, address)
        port = self._sources.get((address, ssrc))
        if port is not None and port.known is None:
            port.known = place, ssrc
            self._known[port.known] = port, address

    def _deliver(self, data: bytes, address: Address) -> None:
        if len(data) < HEADER.size:
            self.counted["too_short"] += 1
            return
        source = address, int.from_bytes(data[4:8] if is_rtcp(data) else data[8:12], "big")
        port = self._sources.get(source) or self._whose(source)
        if port is None:
            return
        try:
            port.take(data, address)
        except Exception as error:  # one call's fault must not silence the others
            log_error(log, "what came for a call could not be handled", error)

    def _whose(self, source: tuple[Address, int]) -> DensePort | None:
        """The one call that an unknown source can belong to."""
        address, _ = source
        there = self._at.get(address) or self._at.get(address[0], set())
        waiting = [port for port in there if port.source is None] or list(there)
        if len(waiting) != 1:
            self.counted["ambiguous" if waiting else "stranger"] += 1
            return None
        [port] = waiting
        self._leave(port)
        port.source = source
        self._sources[source] = port
        return port

    def _read_reports(self) -> None:
        for _ in range(READS):
            try:
                data, address = self._rtcp.recvfrom(LARGEST)
            except OSError:
                return
            source = (address[0], address[1] - 1), int.from_bytes(data[4:8], "big")
            port = self._sources.get(source)
            if port is not None:
                port.reports.receive(data, address[:2], self.engine.instant)


class DensePort(RtpPort):
    """The media of one call on the shared sockets."""

    __slots__ = ("known", "remote", "source")

    def __init__(
        self, ports: DensePorts, session: Session, rtp: socket.socket, rtcp: socket.socket
    ) -> None:
        super().__init__(ports, session, rtp, rtcp)
        self.remote: Address | None = None
        self.source: tuple[Address, int] | None = None
        """address and SSRC of the peer, once known"""
        self.known: tuple[int, int] | None = None
        """the same as `Gather` has it"""

    def connect(self, stream: Stream, peer: str = "", *, trusted: bool = False) -> None:
        """What was agreed on; see `Session.connect`."""
        super().connect(stream, peer, trusted=trusted)
        ports = self._ports
        assert isinstance(ports, DensePorts)
        if stream.remote != self.remote:
            ports.move(self, stream.remote)

    def read(self) -> bool:
        """The socket is everybody's: what has come on it is read for all."""
        return False

    def _emit(self, datagram: bytes) -> None:
        ports, target = self._ports, self.session.target
        assert isinstance(ports, DensePorts)
        assert target is not None
        ports.emit(datagram, target)
