"""Who calls when: open arrivals, each at its own instant, whatever became of those before.

    due ---room?--> start            up to `concurrent` calls at once
         `--no----> line --room----> start, late; its latencies count from when it was due

Pure but for the clock that is handed in: the same driver runs in virtual time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from hotline.load.calls import Planned
from hotline.switch.ports import Clock, TimerHandle


class Driver:
    """Starts the calls of a `schedule` (in order of their instants, seconds from `origin`).

    `start(planned)` begins a call; whoever runs it says `ended()` when it is over.
    """

    def __init__(
        self,
        schedule: Sequence[Planned],
        clock: Clock,
        start: Callable[[Planned], None],
        *,
        concurrent: int,
        origin: float = 0.0,
    ) -> None:
        self._schedule, self._clock, self._start = schedule, clock, start
        self._concurrent, self._origin = concurrent, origin
        self._next = 0
        self._line: deque[Planned] = deque()
        self._timer: TimerHandle | None = None
        self._stopped = False
        self.up = 0
        """calls in progress"""
        self.started = 0

    def begin(self) -> None:
        """From now on calls are started when they are due."""
        self._wait()

    @property
    def done(self) -> bool:
        """Whether no call will be started any more."""
        return self._stopped or (self._next == len(self._schedule) and not self._line)

    @property
    def waiting(self) -> int:
        """Calls that are due and have no room."""
        return len(self._line)

    @property
    def due(self) -> int:
        """Calls whose instant has come."""
        return self._next

    def ended(self) -> None:
        """A call is over: there is room for another."""
        self.up -= 1
        if self._line and not self._stopped:
            self._go(self._line.popleft())

    def stop(self) -> tuple[Planned, ...]:
        """Start nothing more; returns the calls that were due and had no room."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
        left, self._line = tuple(self._line), deque()
        return left

    def _wait(self) -> None:
        self._timer = None
        if self._next < len(self._schedule):
            instant = self._origin + self._schedule[self._next].intended
            self._timer = self._clock.call_at(instant, self._come)

    def _come(self) -> None:
        """Everything that is due by now; a timer may come late."""
        now = self._clock.now() - self._origin
        while self._next < len(self._schedule) and self._schedule[self._next].intended <= now:
            planned = self._schedule[self._next]
            self._next += 1
            if self.up < self._concurrent:
                self._go(planned)
            else:
                self._line.append(planned)
        self._wait()

    def _go(self, planned: Planned) -> None:
        self.up += 1
        self.started += 1
        self._start(planned)
