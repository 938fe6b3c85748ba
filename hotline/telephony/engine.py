"""One media clock and engine for all calls: 160 bytes of mu-law per call every 20 ms.

    slot      0     1     2     3     4     5     6     7        one slot = 5 ms
    phase     0     1     2     3     0     1     2     3        one tick = 20 ms
    calls     a,e   b,f   c,g   d     a,e   b,f   c,g   d

Slot n is due at origin + n * 5 ms, an absolute instant: lateness never adds up, and no call is
ever sent a frame before its slot. A slot that comes late is still served. When a whole tick or
more has passed, only the latest slot of each phase is served and the older ones are skipped and
counted, so that no call gets two frames in a burst; its audio goes on where it stopped, so that
nothing said is lost.

A playing call costs one slice and one send a tick. Audio is decoded and mixed (numpy) only on a
leg that has several sources at once.
"""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Protocol

import numpy as np

from audio import g711
from hotline.switch.ports import Clock, TimerHandle

TICK = 0.020
"""Seconds of audio in one frame."""
PHASES = 4
SLOT = TICK / PHASES
FRAME = 160
"""Bytes of mu-law at 8 kHz in one frame."""
SILENCE = bytes([g711.ULAW_SILENCE]) * FRAME
EARLY = 0.001
"""Seconds: event loops round their timers to milliseconds, so a slot may be this much early."""
INBOX_FRAMES = 10
"""Frames of a talker's audio kept for the other side; older ones are dropped (200 ms)."""

log = logging.getLogger(__name__)


def log_error(logger: logging.Logger, what: str, error: Exception) -> None:
    """Log where `error` happened but not its text, which may hold what a caller typed."""
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, place)


class Transport(Protocol):
    """Where a leg's frames go. No method may wait or raise; a dead transport ignores them."""

    def send_frame(self, frame: bytes) -> None:
        """Send 160 bytes of mu-law now."""
        ...

    def clear(self) -> None:
        """Drop what the far end has buffered but not yet played."""
        ...

    def mark(self, name: str) -> None:
        """Tell the far end that the audio up to here belongs to `name`."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Hang up. `code` is a WebSocket close code; other transports map it."""
        ...


@dataclass(slots=True)
class Statistics:
    """What the clock did. `spacing` counts sends by whole milliseconds since the one before."""

    frames: int = 0
    late: int = 0
    """frames sent more than one slot after their instant"""
    skipped: int = 0
    """frames whose whole tick had passed: never sent"""
    broken: int = 0
    """legs dropped because their transport raised"""
    spacing: list[int] = field(default_factory=lambda: [0] * 201)
    """the last one holds everything from 200 ms up"""

    def percentile(self, share: float) -> float:
        """Spacing in ms that `share` (0 to 1) of the sends do not exceed; 0 before any."""
        wanted, seen = share * sum(self.spacing), 0
        for milliseconds, count in enumerate(self.spacing):
            seen += count
            if count and seen >= wanted:
                return float(milliseconds + 1)
        return 0.0

    def as_dict(self) -> dict[str, float]:
        """The figures a status page shows; times in ms."""
        return {
            "frames": self.frames,
            "late": self.late,
            "skipped": self.skipped,
            "broken": self.broken,
            "spacing_p50_ms": self.percentile(0.50),
            "spacing_p99_ms": self.percentile(0.99),
        }


@dataclass(slots=True)
class Sound:
    """Mu-law octets with a place in them. `ended` is called once, when all has been heard."""

    octets: bytes
    loop: bool = False
    ended: Callable[[], None] | None = None
    position: int = 0

    def frame(self) -> bytes:
        """The next 160 bytes, padded with silence; empty when all has been played."""
        at = self.position
        frame = self.octets[at : at + FRAME]
        self.position = at + FRAME
        if len(frame) == FRAME or not self.octets:
            return frame
        if self.loop:
            while len(frame) < FRAME:
                self.position = FRAME - len(frame)
                frame += self.octets[: self.position]
            return frame
        return frame + SILENCE[len(frame) :] if frame else b""


class Inbox:
    """Audio of the other side of a bridge, in pieces of any length, out in frames.

    It starts to play when two frames are there and starts again after running dry.
    """

    __slots__ = ("_bytes", "_flowing", "dropped")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._flowing = False
        self.dropped = 0

    def put(self, ulaw: bytes) -> None:
        """Add audio; the oldest is dropped when more than 200 ms wait."""
        self._bytes += ulaw
        surplus = len(self._bytes) - INBOX_FRAMES * FRAME
        if surplus > 0:
            del self._bytes[:surplus]
            self.dropped += surplus

    def frame(self) -> bytes:
        """The next 160 bytes, or none while too little is there."""
        if len(self._bytes) < (FRAME if self._flowing else 2 * FRAME):
            self._flowing = False
            return b""
        self._flowing = True
        frame = bytes(self._bytes[:FRAME])
        del self._bytes[:FRAME]
        return frame


class Leg:
    """One call's audio. Made by `Engine.attach`."""

    __slots__ = (
        "_voices",
        "attached",
        "failed",
        "heard",
        "inboxes",
        "listeners",
        "phase",
        "sent",
        "sound",
        "transport",
    )

    def __init__(self, transport: Transport, phase: int) -> None:
        self.transport = transport
        self.phase = phase
        self.sound: Sound | None = None
        self._voices: deque[Sound] = deque()
        self.inboxes: list[Inbox] = []
        self.listeners: list[Callable[[bytes], None]] = []
        self.attached = True
        self.failed: Callable[[], None] | None = None
        """told when the leg was dropped because something raised; must not raise itself"""
        self.heard = 0
        """bytes of audio received from the far end"""
        self.sent: float | None = None

    def play(
        self, octets: bytes, *, loop: bool = False, ended: Callable[[], None] | None = None
    ) -> None:
        """Play `octets` from the next tick on, in place of what plays now."""
        self.sound = Sound(octets, loop, ended)

    def stop(self) -> None:
        """Silence from the next tick on, and nothing left in the far end's buffer."""
        if self.sound is not None:
            self.sound = None
            self.transport.clear()

    def say(self, octets: bytes, ended: Callable[[], None] | None = None) -> None:
        """A second voice on the line, mixed with the rest; voices queue behind each other."""
        self._voices.append(Sound(octets, ended=ended))

    def hush(self) -> None:
        """Forget all second voices."""
        self._voices.clear()

    def receive(self, ulaw: bytes) -> None:
        """Audio of any length came from the far end; it goes to whoever listens."""
        self.heard += len(ulaw)
        for listen in self.listeners:
            listen(ulaw)

    def frame(self) -> tuple[bytes, Sound | None]:
        """The next 160 bytes, and a sound that has just ended (its bytes are not there yet)."""
        if self._voices or self.inboxes:
            return self._mixed()
        sound = self.sound
        if sound is None:
            return SILENCE, None
        frame = sound.frame()
        return (frame, None) if frame else (SILENCE, sound)

    def _mixed(self) -> tuple[bytes, Sound | None]:
        frames = [frame for inbox in self.inboxes if (frame := inbox.frame())]
        over: Sound | None = None
        for sound in (self.sound, self._voices[0] if self._voices else None):
            if sound is not None:
                frame = sound.frame()
                if frame:
                    frames.append(frame)
                else:
                    over = sound
        return mix(frames), over

    def finish(self, sound: Sound) -> None:
        """`sound` has been heard to its end: forget it and tell whoever asked."""
        if sound is self.sound:
            self.sound = None
        elif self._voices and sound is self._voices[0]:
            self._voices.popleft()
        else:
            return
        if sound.ended is not None:
            sound.ended()


def mix(frames: Sequence[bytes]) -> bytes:
    """Frames of mu-law heard as one; a single frame is passed on untouched."""
    if not frames:
        return SILENCE
    if len(frames) == 1:
        return frames[0]
    total = np.zeros(FRAME, dtype=np.int32)
    for frame in frames:
        total += g711.ulaw_decode(frame)
    return g711.ulaw_encode(np.clip(total, -32768, 32767).astype(np.int16))


def join(left: Leg, right: Leg) -> Callable[[], None]:
    """Let two legs hear each other; returns what parts them again."""
    pairs = [(left, right, Inbox()), (right, left, Inbox())]
    for talker, hearer, inbox in pairs:
        talker.listeners.append(inbox.put)
        hearer.inboxes.append(inbox)

    def part() -> None:
        for talker, hearer, inbox in pairs:
            talker.listeners = [listen for listen in talker.listeners if listen != inbox.put]
            hearer.inboxes = [other for other in hearer.inboxes if other is not inbox]

    return part


class Engine:
    """The clock that serves every leg. It ticks only while there are legs."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.statistics = Statistics()
        self._phases: list[list[Leg]] = [[] for _ in range(PHASES)]
        self._origin = 0.0
        self._slot = 0
        self._timer: TimerHandle | None = None
        mix([SILENCE, SILENCE])  # builds the tables now rather than in the first bridged tick

    @property
    def legs(self) -> int:
        """Calls that are being sent audio."""
        return sum(map(len, self._phases))

    def attach(self, transport: Transport) -> Leg:
        """A new leg, silent, in the phase with the fewest calls."""
        phase = min(range(PHASES), key=lambda number: len(self._phases[number]))
        leg = Leg(transport, phase)
        self._phases[phase].append(leg)
        if self._timer is None:
            self._origin, self._slot = self.clock.now(), 0
            self._schedule()
        return leg

    def detach(self, leg: Leg) -> None:
        """No more frames for `leg`; nothing if it is already off."""
        if leg.attached:
            leg.attached = False
            self._phases[leg.phase].remove(leg)

    def _schedule(self) -> None:
        self._timer = self.clock.call_at(self._origin + self._slot * SLOT, self._wake)

    def _wake(self) -> None:
        """Serve every slot that is due, at most one per phase, and sleep until the next."""
        now = self.clock.now()
        latest = floor((now - self._origin + EARLY) / SLOT)
        first = max(self._slot, latest - PHASES + 1)
        self._skip(self._slot, first)
        self._slot = max(self._slot, latest + 1)
        for slot in range(first, latest + 1):
            late = now - self._origin - slot * SLOT > SLOT
            self._serve(self._phases[slot % PHASES], late)
        if self.legs:
            self._schedule()
        else:
            self._timer = None

    def _skip(self, begin: int, end: int) -> None:
        if begin >= end:
            return
        rounds, rest = divmod(end - begin, PHASES)
        lost = rounds * self.legs
        lost += sum(len(self._phases[slot % PHASES]) for slot in range(begin, begin + rest))
        self.statistics.skipped += lost

    def _serve(self, phase: list[Leg], late: bool) -> None:
        """One frame to each leg of a phase. Legs whose sound is over come last, because what
        follows (the exchange deciding what to play next) takes longer than a send."""
        over: list[tuple[Leg, Sound]] = []
        for leg in tuple(phase):
            if not leg.attached:
                continue
            frame, ended = leg.frame()
            if ended is None:
                self._send(leg, frame, late)
            else:
                over.append((leg, ended))
        for leg, ended in over:
            try:
                leg.finish(ended)
            except Exception as error:
                self._broken(leg, error)
            if leg.attached:
                frame, empty = leg.frame()
                self._send(leg, frame if empty is None else SILENCE, late)

    def _broken(self, leg: Leg, error: Exception) -> None:
        """One broken line must not stop the clock of all others."""
        log_error(log, "a call's audio failed; it gets no more", error)
        self.statistics.broken += 1
        self.detach(leg)
        if leg.failed is not None:
            leg.failed()

    def _send(self, leg: Leg, frame: bytes, late: bool) -> None:
        statistics = self.statistics
        try:
            leg.transport.send_frame(frame)
        except Exception as error:
            self._broken(leg, error)
            return
        now = self.clock.now()
        statistics.frames += 1
        statistics.late += late
        if leg.sent is not None:
            statistics.spacing[min(int((now - leg.sent) * 1000), 200)] += 1
        leg.sent = now
