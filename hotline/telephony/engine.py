"""One media clock and engine for all calls, SIP and WebSocket: 160 bytes a call every 20 ms.

    slot      0     1     2     3     4     5     6     7        one slot = 5 ms
    phase     0     1     2     3     0     1     2     3        one tick = 20 ms
    calls     a,e   b,f   c,g   d     a,e   b,f   c,g   d

Slot n is due at origin + n * 5 ms, an absolute instant: lateness never adds up, and no call is
ever sent a frame before its slot. A slot that comes late is still served. When a whole tick or
more has passed, only the latest slot of each phase is served and the older ones are skipped and
counted, so that no call gets two frames in a burst; its audio goes on where it stopped, so that
nothing said is lost.

A playing call costs one slice and one send a tick; what a leg sends is `hotline.telephony.leg`.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from math import floor

from hotline.switch.ports import Clock, TimerHandle
from hotline.telephony.leg import QUIET, SILENCE, TICK, Leg, Sound, Transport, mix, mix_all

PHASES = 4
SLOT = TICK / PHASES
STALL = 0.060
"""Seconds; a slot later than that is a gap that a caller may hear."""
EARLY = 0.001
"""Seconds: event loops round their timers to milliseconds, so a slot may be this much early."""

SENDS = 8
"""Frames sent between two looks at the clock (50 to 100 us)."""

log = logging.getLogger(__name__)


def log_error(logger: logging.Logger, what: str, error: Exception) -> None:
    """Log where `error` happened but not its text, which may hold what a caller typed."""
    place = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s: %s\n%s", what, type(error).__name__, place)


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
    latest: float = 0.0
    """by how many seconds the latest slot came late: for so long something held the program up"""
    stalls: int = 0
    """slots that came more than `STALL` seconds late"""
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
            "stalls": self.stalls,
            "latest_ms": round(1000 * self.latest, 1),
            "spacing_p50_ms": self.percentile(0.50),
            "spacing_p99_ms": self.percentile(0.99),
        }


class Engine:
    """The clock that serves every leg. It ticks only while there are legs."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.statistics = Statistics()
        self.instant = clock.now()
        """when the present wake began; as good as `now` for what happens in it, and cheaper"""
        self.before_slot: list[Callable[[], None]] = []
        """called at the beginning of each slot that is served: what has come may be read here"""
        self.after_slot: list[Callable[[], None]] = []
        """called when the slots of a wake have been served: what was gathered may be sent here"""
        self._phases: list[list[Leg]] = [[] for _ in range(PHASES)]
        self._origin = 0.0
        self._slot = 0
        self._now = self.instant
        """when the last frame was sent, to within `SENDS` of them"""
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
        self._begin(leg)
        return leg

    def _begin(self, leg: Leg) -> None:
        self._phases[leg.phase].append(leg)
        if self._timer is None:
            self._origin, self._slot = self.clock.now(), 0
            self._schedule()

    def detach(self, leg: Leg) -> None:
        """No more frames for `leg`; nothing if it is already off."""
        if leg.attached:
            self.pause(leg)
            leg.forget()

    def pause(self, leg: Leg) -> None:
        """No frames for `leg` until `resume`; what it plays waits at its place."""
        if leg.attached and leg in self._phases[leg.phase]:
            self._phases[leg.phase].remove(leg)

    def resume(self, leg: Leg) -> None:
        """Frames again; nothing if it has them or is off."""
        if leg.attached and leg not in self._phases[leg.phase]:
            self._begin(leg)

    def _schedule(self) -> None:
        self._timer = self.clock.call_at(self._origin + self._slot * SLOT, self._wake)

    def _wake(self) -> None:
        """Serve every slot that is due, at most one per phase, and sleep until the next."""
        now = self.instant = self.clock.now()
        self._note(now - self._origin - self._slot * SLOT)
        latest = floor((now - self._origin + EARLY) / SLOT)
        first = max(self._slot, latest - PHASES + 1)
        self._skip(self._slot, first)
        self._slot = max(self._slot, latest + 1)
        for look in self.before_slot:
            look()
        for slot in range(first, latest + 1):
            late = now - self._origin - slot * SLOT > SLOT
            self._serve(self._phases[slot % PHASES], late)
        for send in self.after_slot:
            send()
        if self.legs:
            self._schedule()
        else:
            self._timer = None

    def _note(self, late: float) -> None:
        """How late a slot came."""
        if late > self.statistics.latest:
            self.statistics.latest = late
        self.statistics.stalls += late > STALL

    def _skip(self, begin: int, end: int) -> None:
        if begin >= end:
            return
        rounds, rest = divmod(end - begin, PHASES)
        lost = rounds * self.legs
        lost += sum(len(self._phases[slot % PHASES]) for slot in range(begin, begin + rest))
        self.statistics.skipped += lost

    def _serve(self, phase: list[Leg], late: bool) -> None:
        """One frame to each leg of a phase: those with one source at once, those that mix together
        after one pass of numpy, and last those whose sound is over, because what follows (the
        exchange deciding what to play next) takes longer than a send."""
        over: list[tuple[Leg, Sound]] = []
        mixing: list[tuple[Leg, list[bytes]]] = []
        self._now = self.clock.now()
        for leg in tuple(phase):
            if not leg.attached:
                continue
            if frame := leg.frame():  # nearly always
                self._send(leg, frame, late)
                continue
            frames, ended = leg.frames()
            if len(frames) == 1:
                self._send(leg, frames[0], late)
            elif frames:
                mixing.append((leg, frames))
            if ended is not None:
                over.append((leg, ended))
            elif not frames:
                self._send(leg, QUIET[leg.transport.codec], late)
        for codec in QUIET if mixing else ():
            together = [one for one in mixing if one[0].transport.codec == codec]
            mixed = mix_all([frames for _, frames in together], codec)
            for (leg, _), frame in zip(together, mixed, strict=True):
                self._send(leg, frame, late)
        for leg, ended in over:
            self._follow(leg, ended, late)

    def _follow(self, leg: Leg, ended: Sound, late: bool) -> None:
        """`ended` is over. If the leg was silent for that, it sends what follows at once."""
        silent = leg.sent is None or leg.sent < self.instant
        try:
            leg.finish(ended)
        except Exception as error:
            self._broken(leg, error)
        if leg.attached and silent:
            frames, _ = leg.frames()
            self._send(leg, mix(frames, leg.transport.codec), late)

    def _broken(self, leg: Leg, error: Exception) -> None:
        """One broken line must not stop the clock of all others."""
        log_error(log, "a call's audio failed; it gets no more", error)
        self.statistics.broken += 1
        self.detach(leg)
        if leg.failed is not None:
            leg.failed()

    def _send(self, leg: Leg, frame: bytes, late: bool) -> None:
        try:
            leg.transport.send_frame(frame)
            for monitor in leg.monitors:
                monitor(frame)
        except Exception as error:
            self._broken(leg, error)
            return
        statistics = self.statistics
        statistics.frames += 1
        statistics.late += late
        if not statistics.frames % SENDS:
            self._now = self.clock.now()
        now, before = self._now, leg.sent
        leg.sent = now
        if before is not None:
            apart = int((now - before) * 1000)
            statistics.spacing[apart if apart < 200 else 200] += 1
