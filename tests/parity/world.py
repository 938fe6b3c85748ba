"""The outside world of the Python ACD for the parity test: callers, agents' hands, a clock.

It feeds `Acd.handle` one event at a time in the engine's order of simultaneous events
(`engine.layout`), draws with the engine's draws, and writes down one row per call. It decides
nothing that the ACD decides.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf, isnan, nan
from typing import Any

import numba as nb
import numpy as np

from agents.acd import Acd
from agents.callbacks import CallbackRule
from agents.floor import Phase
from agents.policies import POLICIES
from agents.roster import AgentProfile, Shift
from agents.settings import AcdSettings
from hotline.simulation.engine import draws
from hotline.simulation.engine.draws import LAW, key_of
from hotline.simulation.engine.laws import Law
from hotline.simulation.engine.layout import ATTEMPT_AT, OFFER_AT
from hotline.simulation.engine.model import STEP, Model, rounded
from hotline.simulation.engine.packing import packed
from hotline.simulation.engine.results import Fate
from hotline.switch import events as ev
from hotline.switch.actions import CALL, CancelTimer, Reject, StartTimer, Tell
from hotline.switch.events import AgentState


@nb.njit
def unit_of(key: Any, counter: Any) -> Any:
    """The engine's draw of a share, for Python."""
    return draws.unit(draws.word(key, counter))


@nb.njit
def sample_of(law: Any, tables: Any, key: Any, counter: Any) -> Any:
    """The engine's draw of a duration, for Python."""
    return draws.sample(law, tables, key, counter)


CENTRE, DUTY, AGENT, CALLER, CHOICE, REST, ASK, REDIAL, OVERFLOW, ARRIVE = range(10)
"""The order of what happens at one instant."""


@dataclass(slots=True)
class Row:
    """What became of one call; the columns of `engine.results.Rows`."""

    number: int
    queue: int
    draw: int
    arrived: float
    attempt: int
    first: int
    home: int
    asked: float = nan
    fate: int = 0
    ended: float = nan
    answered: float = nan
    agent: int = -1
    offers: int = 0
    ready: float = nan
    called_back: float = nan
    waited: bool = False
    dialled: int = 0
    over: bool = field(default=False)
    """its conversation has ended"""


class World:
    """One run of the Python ACD over the calls of `model`."""

    def __init__(
        self, model: Model, shifts: Sequence[Sequence[Shift]], seed: int, replication: int = 0
    ) -> None:
        assert model.calls is not None
        self.model, self.calls = model, model.calls
        self.seed, self.replication = seed, replication
        self.names = [f"a{n}" for n in range(model.agents)]
        self.group = model.group_of.tolist()
        self.acd = Acd(self._roster(shifts), self._settings(), POLICIES[model.routing])
        self.rows: list[Row] = []
        self.now = 0.0
        self.ended = 0.0
        self.engaged: dict[str, Row] = {}
        self.timers: dict[str, int] = {}
        self.rung: dict[str, int] = {}
        self._heap: list[tuple[float, int, float, int, Callable[[], None]]] = []
        self._ticks = 0
        self._tables: list[float] = []
        self._keys: dict[tuple[str, int], Any] = {}

    # --- the hotline in the ACD's words ----------------------------------------------------------

    def _roster(self, shifts: Sequence[Sequence[Shift]]) -> list[AgentProfile]:
        model, roster = self.model, []
        for n, own in enumerate(shifts):
            group = model.groups[self.group[n]]
            roster.append(AgentProfile(
                self.names[n], str(1000 + n), shifts=tuple(own), group=self.group[n],
                skills=tuple(model.queues[q].name for q in group.skills),
                centre=model.centres[group.centre] if model.centres else "",
            ))  # fmt: skip
        return roster

    def _settings(self) -> AcdSettings:
        model = self.model
        rules = {
            queue.name: CallbackRule(queue.callback.tries, queue.callback.retry_after)
            for queue in model.queues if queue.callback is not None
        }  # fmt: skip
        return AcdSettings(
            callback_of=rules,
            trunks=model.trunks, waiting_room=model.waiting_room, ageing=model.ageing,
            redirect_after=model.redirect_after, overflow_after=model.overflow_after,
            wrap_up=None, announce_every=0.0, shifts=True,
        )  # fmt: skip

    # --- draws: the engine's own ------------------------------------------------------------------

    def _stream(self, purpose: str, row: Row, more: int) -> tuple[Any, Any]:
        """The key and the counter of a draw."""
        key = self._keys.get((purpose, row.queue))
        if key is None:
            name = self.model.queues[row.queue].name
            key = key_of(self.seed, self.replication, purpose, name)
            self._keys[purpose, row.queue] = key
        counter = row.draw + (row.attempt << int(ATTEMPT_AT)) + (more << int(OFFER_AT))
        return key, np.uint64(counter % 2**64)

    def _chance(self, purpose: str, row: Row, more: int = 0) -> float:
        return float(unit_of(*self._stream(purpose, row, more)))

    def _seconds(self, law: Law, purpose: str, row: Row, more: int = 0) -> float:
        tables: list[float] = []
        numbers = np.array([packed(law, tables)], LAW)[0]
        values = np.array(tables or [0.0])
        return rounded(float(sample_of(numbers, values, *self._stream(purpose, row, more))))

    def _given(self, column: np.ndarray | None, row: Row) -> float | None:
        if column is None or isnan(column[row.draw]):
            return None
        return rounded(float(column[row.draw]))

    def _time(self, purpose: str, law: Law, row: Row) -> float:
        given = self._given(getattr(self.calls, purpose), row)
        return self._seconds(law, purpose, row) if given is None else given

    # --- the clock --------------------------------------------------------------------------------

    def at(self, instant: float, rank: int, number: float, act: Callable[[], None]) -> None:
        if instant < inf:
            self._ticks += 1
            heapq.heappush(self._heap, (instant, rank, number, self._ticks, act))

    def run(self) -> list[Row]:
        for centre, begin, end in self.model.lost:
            name = self.model.centres[centre]
            for instant, up in ((begin, False), (end, True)):
                self.at(rounded(instant), CENTRE, centre, self._centre(name, up))
        for n, instant in enumerate(self.calls.at.tolist()):
            self.at(rounded(instant), ARRIVE, n, lambda n=n: self._arrive_listed(n))
        self.at(0.0, DUTY, -1, lambda: self.post(ev.TimerFired(0.0, "", "shift", "acd")))
        while self._heap and self._heap[0][0] < 80_000:
            instant, _, _, _, act = heapq.heappop(self._heap)
            self.now = instant
            act()
        return self.rows

    def _centre(self, name: str, up: bool) -> Callable[[], None]:
        return lambda: self.post(ev.CentreChanged(self.now, "", name, up))

    # --- callers ----------------------------------------------------------------------------------

    def _arrive_listed(self, n: int) -> None:
        home = -1 if self.calls.home is None else int(self.calls.home[n])
        self._arrive(int(self.calls.queue[n]), n, 0, -1, home)

    def _arrive(self, queue: int, draw: int, attempt: int, first: int, home: int) -> None:
        number = len(self.rows)
        first = number if first < 0 else first
        row = Row(number, queue, draw, self.now, attempt, first, home)
        self.rows.append(row)
        centre = self.model.centres[home] if home >= 0 else ""
        self.post(ev.CallArrived(self.now, f"c{number}", centre=centre))

    def _admitted(self, row: Row) -> None:
        queue = self.model.queues[row.queue]
        dwell = self._seconds(queue.ivr, "ivr", row)
        contained = queue.contained > 0 and self._chance("contained", row) < queue.contained
        if contained:
            self.at(self.now + dwell, ASK, row.number, lambda: self._leave(row, Fate.CONTAINED))
        elif dwell > 0:
            self.at(self.now + dwell, ASK, row.number, lambda: self._ask(row))
        else:
            self._ask(row)

    def _ask(self, row: Row) -> None:
        queue = self.model.queues[row.queue]
        row.asked = self.now
        patience = self._time("patience", queue.patience, row)
        self.at(self.now + patience, CALLER, row.number, lambda: self._impatient(row))
        call = f"c{row.number}"
        self.post(ev.AgentRequested(self.now, call, 1, queue.name, priority=int(queue.priority)))

    def _impatient(self, row: Row) -> None:
        request = self.acd.live.get(f"c{row.number}")
        if request is not None and request.phase in (Phase.WAITING, Phase.RINGING):
            self._leave(row, Fate.ABANDONED)

    def _leave(self, row: Row, fate: Fate) -> None:
        row.fate, row.ended = fate, self.now
        self.post(ev.CallClosed(self.now, f"c{row.number}"))
        redial = self.model.queues[row.queue].redial
        if redial is not None and fate is not Fate.CONTAINED:
            chance = redial.abandoned if fate is Fate.ABANDONED else redial.blocked
            if row.attempt < redial.limit and self._chance("redial", row) < chance:
                due = self.now + self._seconds(redial.delay, "redial_delay", row)
                if due < self.model.horizon:
                    self.at(due, REDIAL, row.number, lambda: self._arrive(
                        row.queue, row.draw, row.attempt + 1, row.first, row.home
                    ))  # fmt: skip

    def _queued(self, row: Row) -> None:
        callback = self.model.queues[row.queue].callback
        if row.waited or callback is None:
            return
        row.waited = True
        due = row.asked + callback.after
        if due >= self.now and self._chance("accept", row) < callback.accept:
            self.at(due, CHOICE, row.number, lambda: self._choose(row))

    def _choose(self, row: Row) -> None:
        call = f"c{row.number}"
        request = self.acd.live.get(call)
        if request is not None and request.phase is Phase.WAITING:
            row.fate, row.ended = Fate.BOOKED, self.now
            self.post(ev.CallbackRequested(self.now, call, 1, "13800138000"))
            self.post(ev.CallClosed(self.now, call))

    # --- agents -----------------------------------------------------------------------------------

    def _offered(self, event: ev.OfferMade, row: Row) -> None:
        n = self.names.index(event.agent)
        group = self.model.groups[self.group[n]]
        self.rung[str(event.offer)] = n
        offer, row.offers, row.agent = row.offers, row.offers + 1, n
        ring = self._given(self.calls.ring, row)
        if ring is None:
            ring = self._seconds(group.ring, "ring", row, offer)
        if group.answers == 1 or self._chance("answers", row, offer) < group.answers:
            answer = ev.OfferAnswered(self.now + ring, event.call, event.agent, event.offer)
            self.at(answer.at, AGENT, n, lambda: self.post(answer))

    def _due(self, event: ev.CallbackDue, row: Row) -> None:
        n = self.names.index(event.agent)
        callback = self.model.queues[row.queue].callback
        assert callback is not None
        attempt, row.dialled = row.dialled, row.dialled + 1
        dial = self._seconds(callback.dial, "dial", row, attempt)
        reached = self._chance("reached", row, attempt) < callback.reached
        kind = ev.AnsweredOut if reached else ev.CallClosed
        self.at(self.now + dial, AGENT, n, lambda: self.post(kind(self.now, event.call)))

    def _connected(self, event: ev.AgentConnected, row: Row) -> None:
        n = self.names.index(event.agent)
        queue = self.model.queues[row.queue]
        if row.fate == Fate.BOOKED:
            row.called_back, row.agent = self.now, n
        else:
            row.fate, row.answered = Fate.ANSWERED, self.now
        self.engaged[event.agent] = row
        ends = self.now + self._time("handle", queue.handle, row)
        self.at(ends, AGENT, n, lambda: self._talked(event, row))

    def _talked(self, event: ev.AgentConnected, row: Row) -> None:
        row.over = True
        if row.fate == Fate.ANSWERED:
            row.ended = self.now
        self.post(ev.TalkEnded(self.now, event.call, event.agent))
        self.post(ev.CallClosed(self.now, event.call))
        after = self._time("after_call", self.model.queues[row.queue].after_call, row)
        if after == 0:
            self._wrapped(event.agent, row)
        else:
            n = self.names.index(event.agent)
            self.at(self.now + after, AGENT, n, lambda: self._wrapped(event.agent, row))

    def _wrapped(self, name: str, row: Row) -> None:
        if self.engaged.get(name) is row:
            self.post(ev.WrapUpDone(self.now, "", name))

    def _state(self, event: ev.AgentStateChanged) -> None:
        row = self.engaged.get(event.agent)
        if row is not None and row.over and event.state is not AgentState.WRAP_UP:
            row.ready = self.now
            del self.engaged[event.agent]
        if event.state is AgentState.NOT_READY and event.reason == "no_answer":
            agent, since = self.acd.floor.agents[event.agent], self.now
            n = self.names.index(event.agent)

            def back() -> None:
                if agent.state is AgentState.NOT_READY and agent.since == since:
                    self.post(ev.AgentReady(self.now, "", event.agent))

            due = self.now + self.model.back_after
            if due <= self.model.horizon + self.model.drain:
                self.at(due, AGENT, n, back)

    # --- the ACD ----------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> None:
        for action in self.acd.handle(event):
            match action:
                case Tell(to, told):
                    self._told(to, told)
                case StartTimer(timer, seconds):
                    self._start(timer, seconds)
                case CancelTimer(timer):
                    self.timers.pop(timer, None)
                case Reject():
                    self._leave_later(event)

    def _leave_later(self, event: ev.Event) -> None:
        self._leave(self.rows[int(event.call[1:])], Fate.BLOCKED)

    def _told(self, to: str, event: ev.Event) -> None:
        if isinstance(event, ev.AgentStateChanged):
            self._state(event)
        if to != CALL:
            return
        row = self.rows[int(event.call[1:].split("-")[0])]
        match event:
            case ev.CallArrived():
                self._admitted(row)
            case ev.Queued():
                self._queued(row)
            case ev.OfferMade():
                self._offered(event, row)
            case ev.CallbackDue():
                self._due(event, row)
            case ev.AgentConnected():
                self._connected(event, row)
            case ev.RequestRefused():
                assert event.reason == "full", event.reason
                self._leave(row, Fate.REFUSED)

    def _start(self, timer: str, seconds: float) -> None:
        kind, _, name = timer.partition(":")
        number: float
        match kind:
            case "ring":  # before an answer at the same instant, as in the exchange
                rank, number = AGENT, self.rung[name] - 0.5
            case "overflow":
                rank, number = OVERFLOW, int(name[1:])
            case "callback":
                rank, number = REST, int(name[1:])
            case _:
                assert kind == "shift"
                rank, number = DUTY, 0
        self._ticks += 1
        self.timers[timer] = tick = self._ticks
        self.at(self.now + seconds, rank, number, lambda: self._fire(timer, tick))

    def _fire(self, timer: str, tick: int) -> None:
        if self.timers.get(timer) == tick:
            del self.timers[timer]
            self.post(ev.TimerFired(self.now, "", timer, "acd"))


assert rounded(STEP) == STEP
