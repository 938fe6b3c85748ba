"""Keys as telephone events (RFC 4733).

     0                   1                   2                   3
     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    |     event     |E|R| volume    |          duration             |
    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

One key, as we send it (all packets carry the timestamp of its start; sections 2.5.1.2 to 2.5.1.4):

    tick       0     1     2     3     4     5     6     7   8   9
    packet    [M    .     .     .     E     E     E]    audio
    duration  160   320   480   640   800   800   800

Coming in, the first packet seen of a timestamp is the key, whichever of its packets that is: so
repeated, reordered or lost packets neither double nor lose it, and a prompt stops at once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from hotline.telephony.rtp.errors import TooShortError
from hotline.telephony.rtp.packet import TIMESTAMPS

KEYS = "0123456789*#ABCD"
"""Event codes 0 to 15 (section 3.2, table 3)."""
BLOCK = 4
"""Bytes of one event."""
END, VOLUME = 0x80, 0x3F
LONGEST = 0xFFFF
"""A longer event goes on in segments, each with a timestamp of its own (section 2.5.1.3)."""
LEVEL = 10
"""dBm0 below zero of the keys that we send: -10."""
UPDATE = 160
"""Timestamp units between two packets of a key: 20 ms."""
PACKETS = 5
"""Packets of a key until its end: 100 ms (Q.24 asks for 40 ms at least)."""
END_PACKETS = 3
"""How often the last one is sent (section 2.5.1.4)."""
GAP = 3
"""Ticks between two keys: 60 ms more of pause."""
RECENT = 16
"""Keys whose late packets are still known."""
LATE = 40_000
"""Timestamp units (5 s) that a late packet may lie behind; further back the sender's clock has been
set anew (our choice: some gateways do so without a new SSRC)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One block of a telephone-event payload. `volume`: dBm0 below zero; `duration` in units of
    the RTP timestamp so far."""

    code: int
    end: bool
    volume: int
    duration: int

    @property
    def key(self) -> str:
        """The key, or "" for an event that is none (flash, modem tones)."""
        return KEYS[self.code] if self.code < len(KEYS) else ""


def parse(payload: bytes) -> tuple[Event, ...]:
    """The events of a payload; several follow each other in time (section 2.5.1.5).

    Bytes beyond whole blocks are passed over. Raises `TooShortError` when there is not even one.
    """
    if len(payload) < BLOCK:
        raise TooShortError("telephone-event", len(payload), BLOCK)
    return tuple(
        Event(
            payload[at],
            bool(payload[at + 1] & END),
            payload[at + 1] & VOLUME,
            payload[at + 2] << 8 | payload[at + 3],
        )
        for at in range(0, len(payload) - BLOCK + 1, BLOCK)
    )


def build(event: Event) -> bytes:
    """The four bytes of an event."""
    flags = (END if event.end else 0) | event.volume & VOLUME
    return bytes((event.code, flags, event.duration >> 8, event.duration & 0xFF))


class Listener:
    """Keys of one source: one for each timestamp. `take` every event packet, in any order."""

    __slots__ = ("_last", "_segment", "_starts", "late", "repeated")

    def __init__(self) -> None:
        self._starts: deque[int] = deque(maxlen=RECENT)
        self._last: int | None = None
        self._segment: tuple[int, int] | None = None
        self.repeated = 0
        """packets of keys that were known already"""
        self.late = 0
        """keys of which nothing came before a later key did: too late to be pressed"""

    def take(self, timestamp: int, payload: bytes) -> str:
        """The keys that begin with this packet: "" or one, rarely more. Raises TooShortError."""
        keys = ""
        for event in parse(payload):
            if self._is_new(timestamp, event):
                keys += event.key
            timestamp = (timestamp + event.duration) % TIMESTAMPS
        return keys

    def _is_new(self, start: int, event: Event) -> bool:
        if event.duration == LONGEST and not event.end:
            # where the next segment of this long event will begin
            self._segment = (event.code, (start + LONGEST) % TIMESTAMPS)
        if start in self._starts:
            self.repeated += 1
            return False
        if self._last is not None and 0 < (self._last - start) % TIMESTAMPS <= LATE:
            self.late += 1
            return False
        self._starts.append(start)
        self._last = start
        return self._segment != (event.code, start)


class Sender:
    """Keys to be sent: `press` them, then ask `next` every 20 ms."""

    __slots__ = ("_packet", "_start", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[int] = deque()
        self._start = 0
        self._packet = 0

    @property
    def busy(self) -> bool:
        """Whether a key is being sent or waits; audio pauses meanwhile."""
        return bool(self._waiting)

    def press(self, key: str) -> None:
        """Send `key` (0-9 * # A-D) after those that wait; raises ValueError for any other."""
        if len(key) != 1 or key not in KEYS:
            raise ValueError("not a key of a telephone")
        self._waiting.append(KEYS.index(key))

    def next(self, timestamp: int) -> tuple[bool, int, bytes] | None:
        """(marker, timestamp, payload) of the packet that is due at `timestamp`, or None in the
        pause behind a key."""
        number = self._packet
        if number == 0:
            self._start = timestamp
        self._packet += 1
        if number >= PACKETS + END_PACKETS - 1:
            if number >= PACKETS + END_PACKETS - 2 + GAP:
                self._waiting.popleft()
                self._packet = 0
            return None
        duration = min(number + 1, PACKETS) * UPDATE
        event = Event(self._waiting[0], number >= PACKETS - 1, LEVEL, duration)
        return number == 0, self._start, build(event)
