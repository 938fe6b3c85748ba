"""What a caller's ear gets: audio that came ahead of time, played out in real time.

    media of any length, as fast as it likes ---> [ buffer ] ---20 ms a tick---> the ear
    mark   stands in the buffer where it came, and is echoed when that place has been heard
    clear  empties the buffer; what was in it is never heard, its marks are echoed at once

A server that paces its frames itself keeps the buffer nearly empty, so single frames may come a
little late. The ear waits for them up to `PATIENCE` frames, as a telephone's jitter buffer does,
before it hears silence; a late frame therefore moves what follows, it does not punch a hole in it.
"""

from __future__ import annotations

from collections import deque

from hotline.telephony.leg import FRAME, SILENCE

AHEAD = 2
"""Frames to collect before playing, at the beginning and after silence (40 ms)."""
PATIENCE = 5
"""Frames to wait for late audio before it counts as silence (100 ms)."""
LIMIT = 16_000_000
"""Bytes (33 minutes) a server may send ahead; the rest is not kept."""


class Playout:
    """The buffer of one call. Feed it with `audio`, `mark`, `clear`; call `tick` every 20 ms."""

    def __init__(self) -> None:
        self._pieces: deque[bytes | str] = deque()
        self._bytes = 0
        self._flowing = False
        self._waited = 0
        self.dropped = 0
        """bytes thrown away because the buffer was full"""

    @property
    def seconds(self) -> float:
        """How far the server is ahead."""
        return self._bytes / 8000

    def audio(self, ulaw: bytes) -> None:
        """Audio came."""
        if self._bytes + len(ulaw) > LIMIT:
            self.dropped += len(ulaw)
        elif ulaw:
            self._pieces.append(ulaw)
            self._bytes += len(ulaw)

    def mark(self, name: str) -> None:
        """A mark came."""
        self._pieces.append(name)

    def clear(self) -> list[str]:
        """Forget the buffer; returns the marks to echo."""
        names = [piece for piece in self._pieces if isinstance(piece, str)]
        self._pieces.clear()
        self._bytes = 0
        return names

    def tick(self) -> tuple[bytes, list[str]]:
        """The next 20 ms for the ear, and the marks reached by them.

        No bytes at all means that the ear is still waiting for a late frame.
        """
        names = self._marks_reached()
        if not self._ready():
            if not self._flowing or self._waited > PATIENCE:
                self._flowing = False
                return SILENCE, names
            return b"", names
        frame = self._take()
        # after a wait that was in vain, what is left over no longer flows
        self._flowing = self._waited == 0 or self._bytes > 0
        self._waited = 0
        return frame, names + self._marks_reached()

    def _ready(self) -> bool:
        """Whether to play now; counts the ticks of waiting."""
        enough = FRAME if self._flowing else AHEAD * FRAME
        if self._bytes >= enough:
            self._waited = 0
            return True
        self._waited = self._waited + 1 if self._flowing or self._bytes else 0
        # a rest shorter than a frame is played when nothing more comes
        return bool(self._bytes) and self._waited > PATIENCE

    def _marks_reached(self) -> list[str]:
        names = []
        while self._pieces and isinstance(name := self._pieces[0], str):
            self._pieces.popleft()
            names.append(name)
        return names

    def _take(self) -> bytes:
        """160 bytes; marks inside a frame are kept for its end."""
        taken = bytearray()
        marks: list[bytes | str] = []
        while self._pieces and len(taken) < FRAME:
            piece = self._pieces.popleft()
            if isinstance(piece, str):
                marks.append(piece)
                continue
            taken += piece
        surplus = bytes(taken[FRAME:])
        if surplus:
            self._pieces.appendleft(surplus)
        self._pieces.extendleft(reversed(marks))
        self._bytes -= len(taken) - len(surplus)
        return bytes(taken[:FRAME]) + SILENCE[len(taken) :]
