"""What came from one source, counted as RFC 3550 says: sequence (A.1), loss (A.3), jitter (A.8).

highest                 65533 65534 65535 | 65536 65537 ...    counted on beyond 16 bits
sequence numbers        65533 65534 65535 |     0     1 ...
seen (64 bits back)         1     1     0 |     1     1        0: lost, or still to come
"""

from __future__ import annotations

from dataclasses import dataclass

from hotline.telephony.rtp.packet import SEQUENCES, TIMESTAMPS
from hotline.telephony.rtp.profile import RATE

MAX_DROPOUT = 3000
"""A jump ahead by more than this is a restart, not loss."""
MAX_MISORDER = 100
"""A jump back by more than this is a restart, not reordering."""
WINDOW = 64
"""Sequence numbers back in which a repetition is known as one."""
_SEEN = (1 << WINDOW) - 1


@dataclass(frozen=True, slots=True)
class Interval:
    """What a report block says about the packets since the report before it."""

    lost: int
    """in all since the beginning; negative when packets were doubled"""
    fraction: int
    """of those expected since the last report, in 1/256"""
    highest: int
    """extended highest sequence number, 32 bits"""
    jitter: int
    """timestamp units"""


class Reception:
    """The state of one source (SSRC). Instants are seconds on the call clock."""

    __slots__ = (
        "_base",
        "_before",
        "_expected_before",
        "_highest",
        "_jitter",
        "_probe",
        "_seen",
        "_started",
        "_transit",
        "bursts",
        "received",
        "reordered",
        "repeated",
        "restarts",
    )

    def __init__(self) -> None:
        self._started = False
        self._highest, self._base = 0, 1
        self._seen = 0
        self._probe = -1
        self._transit: float | None = None
        self._jitter = 0.0
        self._before = self._expected_before = 0
        self.received = 0
        self.reordered = self.repeated = self.restarts = 0
        self.bursts = 0
        """how often packets began to be missing: mean burst length is lost / bursts"""

    @property
    def expected(self) -> int:
        """Packets that the sender has sent, by its sequence numbers."""
        return self._highest - self._base + 1

    @property
    def lost(self) -> int:
        """Packets that never came (those that may still come included)."""
        return max(0, self.expected - (self.received - self.repeated))

    @property
    def jitter(self) -> float:
        """Interarrival jitter, seconds."""
        return self._jitter / RATE

    def take(self, sequence: int) -> bool:
        """Count a packet; False for one that is a repetition, or the first after a jump that is
        too wild to believe (RFC 3550 A.1 asks for a second one)."""
        ahead = (sequence - self._highest) % SEQUENCES
        if ahead == 1 and self._started:  # nearly always
            if self._seen != _SEEN:
                self._seen = (self._seen << 1 | 1) & _SEEN
            self._highest += 1
            self.received += 1
            return True
        if not self._started:
            self._restart(sequence)
        elif ahead == 0 or ahead > SEQUENCES - MAX_MISORDER:
            if not self._older(SEQUENCES - ahead if ahead else 0):
                self.received += 1
                return False
        elif ahead < MAX_DROPOUT:
            self.bursts += ahead > 1
            self._seen = (self._seen << ahead | 1) & _SEEN
            self._highest += ahead
        elif sequence == self._probe:
            self._restart(sequence)
            self.restarts += 1
        else:
            self._probe = (sequence + 1) % SEQUENCES
            return False
        self.received += 1
        return True

    def begin_source(self) -> None:
        """Another source sends from now on: its numbers begin anew, the totals go on."""
        self._started = False

    def _restart(self, sequence: int) -> None:
        """Count on from `sequence`, and keep the totals."""
        total = self.expected
        self._started, self._highest, self._base, self._seen = True, sequence, sequence - total, 1
        self._transit = None

    def _older(self, back: int) -> bool:
        """A packet from `back` places before the highest; False if it was here before."""
        bit = 1 << back
        if back >= WINDOW:
            self.reordered += 1
            return True
        if self._seen & bit:
            self.repeated += 1
            return False
        self._seen |= bit
        self.reordered += 1
        return True

    def measure(self, timestamp: int, arrival: float) -> None:
        """J += (|D| - J) / 16, D the difference of two packets' transit times (6.4.1). Only for
        audio: all packets of a key carry the timestamp of its beginning."""
        transit = arrival * RATE - timestamp
        if self._transit is not None:
            off = transit - self._transit
            if abs(off) > TIMESTAMPS / 2:
                off = (off + TIMESTAMPS / 2) % TIMESTAMPS - TIMESTAMPS / 2
            self._jitter += (abs(off) - self._jitter) / 16
        self._transit = transit

    def interval(self) -> Interval:
        """The figures of a report block, and the beginning of the next interval."""
        expected = self.expected - self._expected_before
        arrived = self.received - self._before
        self._expected_before, self._before = self.expected, self.received
        lost = expected - arrived
        fraction = min(255, 256 * lost // expected) if expected > 0 and lost > 0 else 0
        return Interval(
            self.expected - self.received,
            fraction,
            self._highest % TIMESTAMPS,
            min(int(self._jitter), TIMESTAMPS - 1),
        )
