"""The jitter buffer: packets in as they come, 20 ms of audio out every 20 ms.

                     play position
    timestamps  ---------|====][====]      [====]------------>  newest
                 played  |  waiting    hole      waiting
                         |<-- depth: one packet and 20 ms -->|

Packets are put in their place by timestamp, so any packet length, any order and repetitions do no
harm. A hole is silence, once audio behind it is there. With nothing left it waits `PATIENCE` ticks
(late audio then moves what follows, it does not punch a hole in it) before it counts as a pause,
after which it collects its depth again. A gap longer than `HOLE` in the sender's timestamps is a
pause of his (silence suppression), a step back by more than `JUMP` a new count: in both cases what
follows is put behind what is there.

It stays small: audio beyond `LIMIT` is either dropped, oldest first (conversations), or heard
faster than real time until it is normal again (`hurry`: machines that must miss nothing).
"""

from __future__ import annotations

from bisect import insort

from hotline.telephony.rtp.packet import TIMESTAMPS
from hotline.telephony.rtp.profile import RATE

FRAME = RATE // 50
"""Samples of 20 ms."""
PATIENCE = 5
"""Ticks to wait for late audio before it counts as a pause (100 ms)."""
HOLE = RATE // 5
"""Samples: a longer gap between timestamps is a pause, not loss."""
LIMIT = RATE // 5
"""Samples (200 ms) beyond which the buffer is too full."""
JUMP = 2 * RATE
"""Samples by which a timestamp may lie before the play position and still count as late."""
PIECES = 256
"""Packets that may wait, whatever their timestamps say; more are dropped."""


class JitterBuffer:
    """The buffer of one source. `silence` is its one-sample silence; `hurry` as above."""

    __slots__ = (
        "_end",
        "_flowing",
        "_pieces",
        "_play",
        "_silence",
        "_stamp",
        "_waited",
        "depth",
        "dropped",
        "filled",
        "hurry",
    )

    def __init__(self, silence: bytes, *, hurry: bool = False) -> None:
        self._silence, self.hurry = silence, hurry
        self._pieces: list[tuple[int, bytes]] = []
        self._play = self._end = 0
        self._stamp: int | None = None
        self._flowing = False
        self._waited = 0
        self.depth = 2 * FRAME
        """samples to collect before playing"""
        self.filled = 0
        """samples of silence played for lost audio"""
        self.dropped = 0
        """samples thrown away because the buffer was too full"""

    @property
    def waiting(self) -> int:
        """Samples from the play position to the newest audio."""
        return self._end - self._play if self._pieces else 0

    def put(self, timestamp: int, octets: bytes) -> bool:
        """Audio that begins at the RTP `timestamp`; False if its time is over."""
        if len(self._pieces) >= PIECES:
            self.dropped += len(octets)
            return True
        at = self._place(timestamp)
        if at + len(octets) <= self._play:
            return not octets
        insort(self._pieces, (at, octets))
        if at + len(octets) > self._end:
            self._end = at + len(octets)
            self._stamp = (timestamp + len(octets)) % TIMESTAMPS
        self.depth = max(2 * FRAME, len(octets) + FRAME)
        return True

    def take(self) -> bytes:
        """The next audio: 20 ms, nothing while late audio is waited for, silence in a pause."""
        if not self._ready():
            return b"" if self._flowing else self._silence * FRAME
        self._shrink()
        frame = self._cut()
        while self.hurry and self.waiting > max(LIMIT, self.depth):
            frame += self._cut()
        return frame

    def rest(self) -> bytes:
        """All that still waits: the call is over, and its last words are to be heard."""
        out = b""
        while self._pieces:
            out += self._cut()
        return out

    def _place(self, timestamp: int) -> int:
        """Where audio with this timestamp belongs, counted on beyond 32 bits."""
        if self._stamp is None:
            return self._end
        ahead = (timestamp - self._stamp) % TIMESTAMPS
        at = self._end + (ahead if ahead < TIMESTAMPS // 2 else ahead - TIMESTAMPS)
        return at if self._play - JUMP <= at <= self._end + HOLE else self._end

    def _ready(self) -> bool:
        """Whether to play now; counts the ticks of waiting."""
        waiting = self.waiting
        if waiting >= (FRAME if self._flowing else self.depth):
            self._begin()
            return True
        self._waited = self._waited + 1 if self._flowing or waiting else 0
        if self._waited <= PATIENCE:
            return False
        # what is left over is played when nothing more comes
        self._begin()
        self._flowing = False
        return waiting > 0

    def _begin(self) -> None:
        if not self._flowing and self._pieces:
            self._play = max(self._play, self._pieces[0][0])  # the pause is over: no hole
        self._flowing, self._waited = True, 0

    def _shrink(self) -> None:
        surplus = self.waiting - max(LIMIT, self.depth)
        if surplus > 0 and not self.hurry:
            self.dropped += surplus
            self._play += surplus

    def _cut(self) -> bytes:
        """20 ms from the play position on; holes and the end are filled."""
        at, end = self._play, self._play + FRAME
        pieces, out = self._pieces, b""
        while pieces and pieces[0][0] < end:
            start, octets = pieces.pop(0)
            if start > at:
                out += self._fill(start - at)
                at = start
            piece = octets[at - start : end - start]
            out += piece
            at += len(piece)
            if start + len(octets) > end:
                pieces.insert(0, (start, octets))
                break
        if at < end:
            out += self._fill(end - at) if pieces else self._silence * (end - at)
        self._play = end
        return out

    def _fill(self, samples: int) -> bytes:
        self.filled += samples
        return self._silence * samples
