"""Three clocks for one hotline: virtual, paced and wall. Nothing else in the project reads time.

    VirtualClock   jumps from one callback to the next: milliseconds for a call, days in minutes
    PacedClock     the same, but each step waits for its real instant times `factor`; can pause
                   and single-step, for trainers who explain and for slow-motion replay
    WallClock      real time, on whatever event loop the composition root hands in

Ties run in the order of asking: the heap key is (instant, sequence).
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from hotline.switch.ports import TimerHandle

Callback = Callable[[], None]


class ClockError(RuntimeError):
    """A strict paced clock fell behind, or time was asked to run backwards."""


class Handle:
    """A pending callback of a virtual clock; cancelling is O(1), the heap forgets it later."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callback | None) -> None:
        self.callback = callback

    def cancel(self) -> None:
        """The callback will not run."""
        self.callback = None


class VirtualClock:
    """Time that moves only when `step` or `run` is called. Instants are seconds from `start`."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._sequence = 0
        self._heap: list[tuple[float, int, Handle]] = []

    def now(self) -> float:
        """The present instant, seconds."""
        return self._now

    def call_at(self, instant: float, callback: Callback) -> Handle:
        """Run `callback` at `instant`, or next if that instant has passed."""
        self._sequence += 1
        handle = Handle(callback)
        heappush(self._heap, (max(instant, self._now), self._sequence, handle))
        return handle

    def next_instant(self) -> float | None:
        """When the next callback is due, or None if there is none."""
        heap = self._heap
        while heap and heap[0][2].callback is None:
            heappop(heap)
        return heap[0][0] if heap else None

    def step(self) -> bool:
        """Run the next callback; False if there is none."""
        heap = self._heap
        while heap:
            instant, _, handle = heappop(heap)
            callback = handle.callback
            if callback is not None:
                self._now = instant
                handle.callback = None
                callback()
                return True
        return False

    def run(self, until: float | None = None) -> None:
        """Step until nothing is due, or until instant `until`, at which the clock then stands."""
        if until is None:
            while self.step():
                pass
            return
        if until < self._now:
            raise ClockError(f"cannot run to {until} s: the clock already stands at {self._now} s")
        while (due := self.next_instant()) is not None and due <= until:
            self.step()
        self._now = max(self._now, until)


class PacedClock(VirtualClock):
    """A virtual clock in step with real time: one virtual second lasts `factor` real seconds.

    `time` and `sleep` are injected, in real seconds. A `strict` clock raises `ClockError` when a
    step comes more than `tolerance` real seconds late. While paused, only `single_step` moves it.
    """

    def __init__(
        self,
        factor: float,
        time: Callable[[], float],
        sleep: Callable[[float], None],
        *,
        start: float = 0.0,
        strict: bool = False,
        tolerance: float = 0.1,
    ) -> None:
        super().__init__(start)
        self._factor, self._time, self._sleep = factor, time, sleep
        self._strict, self._tolerance = strict, tolerance
        self._anchor_real, self._anchor = time(), start
        self.paused = False

    def delay(self) -> float | None:
        """Real seconds until the next callback is due (0 if overdue); None: paused or empty."""
        due = self.next_instant()
        if due is None or self.paused:
            return None
        return max(0.0, self._real(due) - self._time())

    def step(self) -> bool:
        """Wait for the next callback's real instant, then run it; False if empty or paused."""
        due = self.next_instant()
        if due is None or self.paused:
            return False
        wait = self._real(due) - self._time()
        if wait > 0:
            self._sleep(wait)
        elif self._strict and -wait > self._tolerance:
            raise ClockError(f"{-wait:.3f} s late at instant {due:.3f} s: the machine is too slow")
        return super().step()

    def pause(self) -> None:
        """Stand still; real time goes by unnoticed."""
        self.paused = True

    def resume(self) -> None:
        """Go on from the present instant."""
        self.paused = False
        self._anchor_real, self._anchor = self._time(), self._now

    def single_step(self) -> bool:
        """Run the next callback now, whatever its instant."""
        moved = super().step()
        self._anchor_real, self._anchor = self._time(), self._now
        return moved

    def _real(self, instant: float) -> float:
        return self._anchor_real + (instant - self._anchor) * self._factor


class WallClock:
    """Real time on an event loop: `time` in seconds and `call_later(delay, callback)` come from
    it. Instant 0 is when the clock was made."""

    def __init__(
        self,
        time: Callable[[], float],
        call_later: Callable[[float, Callback], TimerHandle],
    ) -> None:
        self._time, self._call_later = time, call_later
        self._start = time()

    def now(self) -> float:
        """Seconds since the clock was made."""
        return self._time() - self._start

    def call_at(self, instant: float, callback: Callback) -> TimerHandle:
        """Run `callback` at `instant` on the event loop."""
        return self._call_later(max(0.0, instant - self.now()), callback)
