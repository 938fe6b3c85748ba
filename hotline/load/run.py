"""A load in progress: the driver's calls as tasks of one event loop, until what matters is over.

    arrivals  |-----------------------------|
    waiting     |----|   |------|        |------|             wait for an agent, or leave
    talking          |-------------------------------x       hung up when nobody waits any more
                                            |<-drain->|       or when that time is over

Who talks keeps an agent busy whom somebody still waits for, so talkers stay until nobody waits.
Time is the media clock's alone, so all of it runs in virtual time too.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from hotline.load.calls import LATE, LoadCall, Outcome, Planned
from hotline.load.driver import Driver
from hotline.load.observed import Observed
from hotline.switch.ports import Clock
from hotline.telephony.caller import UnreachableError

LOOK = 0.25
"""Seconds between two looks at how it goes."""


@dataclass(frozen=True, slots=True)
class Live:
    """How it goes: calls `up` now; `due`, made (`started`), `answered`, `refused`, `failed` and
    `late` so far; of those who `asked` long enough ago, how many heard an agent in time."""

    up: int = 0
    due: int = 0
    started: int = 0
    answered: int = 0
    refused: int = 0
    failed: int = 0
    late: int = 0
    asked: int = 0
    in_time: int = 0

    def text(self, lang: str) -> str:
        """One line for who watches."""
        share = f"{self.in_time / self.asked:.0%}" if self.asked else "-"
        if lang == "zh":
            return (
                f"在线 {self.up} 已拨 {self.started} 接通 {self.answered} 拒绝 {self.refused} "
                f"失败 {self.failed} 迟拨 {self.late} 及时接通 {share}"
            )
        return (
            f"up {self.up} made {self.started} answered {self.answered} refused {self.refused} "
            f"failed {self.failed} late {self.late} in time {share}"
        )

    def __add__(self, other: Live) -> Live:
        return Live(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))


@dataclass(frozen=True, slots=True)
class Limits:
    """Of a load: calls at once; seconds after the last call's instant; the seconds of 5.2.7.3."""

    concurrent: int
    drain: float
    answer_within: float = 12.0


class LoadRun:
    """One load. `make(planned)` is its caller, `dial(caller)` the telephone, until it is over."""

    def __init__(
        self,
        schedule: Sequence[Planned],
        make: Callable[[Planned], Observed],
        dial: Callable[[Observed], Awaitable[None]],
        clock: Clock,
        limits: Limits,
        *,
        origin: float = 0.0,
        watch: Callable[[Live], None] = lambda live: None,
    ) -> None:
        """`origin`: instant of the clock at which the run starts; `watch` sees it now and then."""
        self._schedule, self._make, self._dial = schedule, make, dial
        self._clock, self._limits, self._origin, self._watch = clock, limits, origin, watch
        self._driver = Driver(
            schedule, clock, self._start, concurrent=limits.concurrent, origin=origin
        )
        self._tasks: dict[asyncio.Task[None], Observed] = {}
        self._calls: list[LoadCall] = []
        self._counted: Counter[str] = Counter()
        self._over = asyncio.Event()
        self._unreachable: UnreachableError | None = None
        self.interrupted = False

    async def run(self) -> tuple[LoadCall, ...]:
        """All calls in the order of their instants. Raises `UnreachableError` when there is nobody
        at the target at all."""
        self._driver.begin()
        self._look()
        await self._over.wait()
        unstarted = self._driver.stop()
        for task, observed in self._tasks.items():
            observed.cut = True
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._unreachable is not None:
            raise self._unreachable
        self._calls += [LoadCall(planned, Outcome.NOT_STARTED) for planned in unstarted]
        return tuple(sorted(self._calls, key=lambda call: call.planned.number))

    def interrupt(self) -> None:
        """End all calls now; what is known so far is kept."""
        self.interrupted = True
        self._over.set()

    # --- calls ---------------------------------------------------------------------------------

    def _start(self, planned: Planned) -> None:
        observed = self._make(planned)
        observed.started = self._clock.now()
        self._counted["late"] += observed.started - self._origin - planned.intended > LATE
        task = asyncio.get_running_loop().create_task(self._call(observed))
        self._tasks[task] = observed

    async def _call(self, observed: Observed) -> None:
        try:
            await self._dial(observed)
        except UnreachableError as error:
            observed.why = error.why
            self._nobody(error)
        except asyncio.CancelledError:
            pass
        finally:
            self._ended(observed)

    def _ended(self, observed: Observed) -> None:
        if observed.ended is None:
            observed.ended = self._clock.now()
        call = observed.result(self._origin)
        self._calls.append(call)
        self._counted[call.outcome] += 1
        self._counted["answered"] += call.answered is not None
        self._judge(observed, self._counted)
        task = asyncio.current_task()
        assert task is not None
        if not self._over.is_set():
            del self._tasks[task]
            self._driver.ended()

    def _nobody(self, error: UnreachableError) -> None:
        """A call found nobody. If none has found anybody yet, there is nobody."""
        up = any(one.answered is not None or one.code for one in self._tasks.values())
        if not up and not any(call.answered is not None or call.code for call in self._calls):
            self._unreachable = error
            self._over.set()

    # --- looking on ------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._over.is_set():
            return
        self._watch(self.live())
        if self._finished():
            self._over.set()
        else:
            self._clock.call_at(self._clock.now() + LOOK, self._look)

    def _finished(self) -> bool:
        if self._driver.due < len(self._schedule):
            return False
        last = self._schedule[-1].intended if self._schedule else 0.0
        if self._clock.now() - self._origin > last + self._limits.drain:
            return True
        return self._driver.done and not any(one.waiting for one in self._tasks.values())

    def live(self) -> Live:
        """How it goes now."""
        counted, present = self._counted, Counter[str]()
        for observed in self._tasks.values():
            present["answered"] += observed.answered is not None
            self._judge(observed, present)
        return Live(
            up=self._driver.up,
            due=self._driver.due,
            started=self._driver.started,
            answered=counted["answered"] + present["answered"],
            refused=counted[Outcome.REFUSED],
            failed=counted[Outcome.FAILED],
            late=counted["late"] + self._driver.waiting,
            asked=counted["asked"] + present["asked"],
            in_time=counted["in_time"] + present["in_time"],
        )

    def _judge(self, observed: Observed, into: Counter[str]) -> None:
        """Whether an agent was heard in time, if that is decided."""
        asked, agent = observed.asked, observed.agent
        if asked is None:
            return
        until = agent if agent is not None else observed.ended or self._clock.now()
        in_time = until - asked <= self._limits.answer_within
        if agent is not None or not in_time:
            into["asked"] += 1
            into["in_time"] += agent is not None and in_time
