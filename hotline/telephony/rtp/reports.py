"""Our side of RTCP for one call: when to report (RFC 3550 6.2, 6.3), what, and what it tells us.

    A   SR (NTP = t0) ------------------------------->  B   notes LSR = t0
                                                        |
                                                        |   DLSR
    A   t1  <------------------------ RR (LSR, DLSR) -- B

    round trip = t1 - DLSR - LSR        (section 6.4.1, in units of 1/65536 s)

NTP time here is the call clock counted from a fixed day: only differences matter to the peer, and
a simulation in virtual time reports like a real call.
"""

from __future__ import annotations

from collections import Counter
from random import Random

from hotline.switch.events import MediaQuality
from hotline.telephony.rtp import quality, rtcp
from hotline.telephony.rtp.errors import RtpError
from hotline.telephony.rtp.packet import TIMESTAMPS
from hotline.telephony.rtp.profile import RATE
from hotline.telephony.rtp.session import Address, Session

INTERVAL = 5.0
"""Seconds between reports on average (6.2: the minimum; two parties need no more)."""
COMPENSATION = 1.21828
"""e - 3/2: what timer reconsideration would lose (6.3.1)."""
EPOCH = 3_900_000_000
"""NTP second at instant 0 of the call clock: some day in 2023."""


class Reports:
    """Reports of one call, beside its `session`. `cname` names us (6.5.1)."""

    __slots__ = (
        "_chance",
        "_cname",
        "_counted",
        "_report_at",
        "_sender_report",
        "_sent_before",
        "_session",
        "due",
        "far",
        "left",
        "round_trip",
    )  # fmt: skip

    def __init__(
        self, session: Session, chance: Random, counted: Counter[str], cname: str, now: float
    ) -> None:
        self._session, self._chance, self._counted, self._cname = session, chance, counted, cname
        self._sender_report = 0
        self._report_at = 0.0
        self._sent_before = 0
        self.due = now + self._interval() / 2
        """instant at which the next report is to be sent"""
        self.round_trip: float | None = None
        """seconds, by the last report of the peer that allowed it to be measured"""
        self.far: rtcp.Block | None = None
        """what the peer last reported about our packets"""
        self.left = False
        """whether the peer has said goodbye"""

    def _interval(self) -> float:
        return INTERVAL * (0.5 + self._chance.random()) / COMPENSATION

    def report(self, now: float) -> bytes:
        """The datagram that is due at instant `now`; sets `due` to the next one."""
        self.due = now + self._interval()
        return rtcp.build(self._report(now), self._description())

    def goodbye(self, now: float) -> bytes:
        """The last datagram of the call (6.3.7)."""
        leaving = rtcp.Goodbye((self._session.ssrc,))
        return rtcp.build(self._report(now), self._description(), leaving)

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """A datagram came on the RTCP port. Never raises; what is wrong is counted."""
        session = self._session
        where = session.latched or session.target
        if where is None or address[0] != where[0]:
            self._counted["stranger"] += 1
            return
        try:
            packets = rtcp.parse(data)
        except RtpError as error:
            self._counted[f"rtcp_{error.name}"] += 1
            return
        session.alive_at = now
        for packet in packets:
            match packet:
                case rtcp.Report():
                    self._take(packet, now)
                case rtcp.Goodbye(sources=sources):
                    self.left = self.left or session.source in sources

    def quality(self) -> MediaQuality:
        """How both directions went. A direction without packets has no opinion."""
        session = self._session
        seen = session.reception
        return MediaQuality(
            session.codec,
            session.sent,
            seen.received,
            seen.lost,
            session.late,
            seen.repeated,
            seen.reordered,
            seen.jitter,
            self.round_trip,
            self._mos(seen.lost + session.late, seen.expected, seen.bursts),
            *self._far_end(),
        )

    def _far_end(self) -> tuple[int | None, float | None, float | None]:
        far = self.far
        if far is None:
            return None, None, None
        return far.lost, far.jitter / RATE, self._mos(max(0, far.lost), self._session.sent)

    def _mos(self, lost: int, expected: int, bursts: int = 0) -> float | None:
        """The opinion of a direction; it is half the round trip, a packet and the buffer late."""
        stream = self._session.stream
        if not expected or stream is None:
            return None
        delay = (self.round_trip or 0.0) / 2 + 2 * stream.ptime + 0.020
        ratio = quality.burst_ratio(lost, bursts, expected)
        return round(quality.mos(min(1.0, lost / expected), delay, ratio), 2)

    def _take(self, report: rtcp.Report, now: float) -> None:
        if report.ntp is not None:
            self._sender_report, self._report_at = report.ntp >> 16 & 0xFFFFFFFF, now
        for block in report.blocks:
            if block.source == self._session.ssrc:
                self.far = block
                if block.last_report:
                    units = (ntp(now) >> 16) - block.last_report - block.delay
                    units = (units + TIMESTAMPS // 2) % TIMESTAMPS - TIMESTAMPS // 2
                    self.round_trip = max(0, units) / 65536

    def _report(self, now: float) -> rtcp.Report:
        session = self._session
        blocks: tuple[rtcp.Block, ...] = ()
        if session.source is not None:
            seen = session.reception.interval()
            since = round((now - self._report_at) * 65536) if self._sender_report else 0
            blocks = (
                rtcp.Block(
                    session.source,
                    seen.fraction,
                    seen.lost,
                    seen.highest,
                    seen.jitter,
                    self._sender_report,
                    min(since, TIMESTAMPS - 1),
                ),
            )
        if session.sent == self._sent_before:
            return rtcp.Report(session.ssrc, blocks)
        self._sent_before = session.sent
        return rtcp.Report(
            session.ssrc, blocks, ntp(now), session.timestamp, session.sent, session.octets
        )

    def _description(self) -> rtcp.Description:
        return rtcp.Description(((self._session.ssrc, self._cname),))


def ntp(now: float) -> int:
    """Instant `now` as a 64-bit NTP timestamp."""
    return (EPOCH << 32) + int(now * (1 << 32))
