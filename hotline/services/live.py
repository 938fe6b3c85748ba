"""`Services` ports: at once or after a set delay in virtual time, on threads in live use, or told
beforehand what to answer."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from hotline.services.asking import Inputs
from hotline.services.catalogue import FAILED, answer
from hotline.services.records import Records
from hotline.switch.ports import Clock, Services

Reply = Callable[[str, Mapping[str, str]], None]
Now = Callable[[], datetime]


@dataclass(slots=True)
class Faults:
    """Faults to inject: services that are `broken` answer `failed`, `slow` ones come so many
    seconds late (every service when named `*`). May be changed at any time."""

    broken: set[str] = field(default_factory=set)
    slow: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def breaks(self, service: str) -> bool:
        """Whether `service` is to fail."""
        return service in self.broken or "*" in self.broken

    def delay(self, service: str) -> float:
        """Seconds by which the reply of `service` is late."""
        return self.slow.get(service, self.slow.get("*", 0.0))


def _ask(
    faults: Faults, records: Records, service: str, inputs: Inputs, now: datetime
) -> tuple[str, Mapping[str, str]]:
    return FAILED if faults.breaks(service) else answer(service, records, inputs, now)


class DirectServices:
    """Answers within `call`, or with a `clock` after the service's delay (`faults.slow`).

    `now` gives local time (simulations: a date plus the call clock).
    """

    def __init__(
        self,
        records: Records,
        now: Now,
        *,
        clock: Clock | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.records = records
        self.faults = faults or Faults()
        self._now, self._clock = now, clock

    def call(self, call: str, service: str, inputs: Mapping[str, str], reply: Reply) -> None:
        """Ask `service` on behalf of `call`; `reply(outcome, values)` comes exactly once."""
        asked = {**inputs, "call": call}
        outcome, values = _ask(self.faults, self.records, service, asked, self._now())
        delay = self.faults.delay(service)
        if self._clock is None or delay <= 0:
            reply(outcome, values)
        else:
            self._clock.call_at(self._clock.now() + delay, lambda: reply(outcome, values))


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of `service` that is known beforehand; it comes `after` seconds."""

    service: str
    outcome: str
    values: Mapping[str, str]
    after: float = 0.0


class ToldServices:
    """Answers as told, each answer once and in order; a service with none left asks `others`."""

    def __init__(self, told: Iterable[Told], others: Services, clock: Clock) -> None:
        self._told: dict[str, deque[Told]] = defaultdict(deque)
        for one in told:
            self._told[one.service].append(one)
        self._others, self._clock = others, clock

    def call(self, call: str, service: str, inputs: Mapping[str, str], reply: Reply) -> None:
        """See `ports.Services.call`."""
        if not self._told[service]:
            self._others.call(call, service, inputs, reply)
            return
        told = self._told[service].popleft()
        if told.after <= 0:
            reply(told.outcome, told.values)
        else:
            later = self._clock.now() + told.after
            self._clock.call_at(later, lambda: reply(told.outcome, told.values))


class ThreadedServices:
    """Asks on `executor`, so that a slow database never holds up the media clock; the reply comes
    on the exchange's thread through `post` (`loop.call_soon_threadsafe`).

    A call that has meanwhile ended drops the reply; a call that waits too long gives up by its
    own timer. When the executor takes no more work (shutdown) the reply is `failed`.
    """

    def __init__(
        self,
        records: Records,
        now: Now,
        executor: Executor,
        post: Callable[[Callable[[], None]], object],
        *,
        clock: Clock | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.records = records
        self.faults = faults or Faults()
        self._now, self._executor, self._post, self._clock = now, executor, post, clock

    def call(self, call: str, service: str, inputs: Mapping[str, str], reply: Reply) -> None:
        """Ask `service` on behalf of `call`; `reply(outcome, values)` comes exactly once, later."""
        asked = {**inputs, "call": call}

        def work() -> None:
            outcome, values = _ask(self.faults, self.records, service, asked, self._now())
            self._post(lambda: self._deliver(service, outcome, values, reply))

        try:
            self._executor.submit(work)
        except RuntimeError:
            self._post(lambda: reply(*FAILED))

    def _deliver(self, service: str, outcome: str, values: Mapping[str, str], reply: Reply) -> None:
        delay = self.faults.delay(service)
        if self._clock is None or delay <= 0:
            reply(outcome, values)
        else:
            self._clock.call_at(self._clock.now() + delay, lambda: reply(outcome, values))
