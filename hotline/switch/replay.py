"""`replay(entries, make_call)`: feed a call's journal to a fresh call machine and compare.

    journal   CALL KeyPressed   Did(StopPlay)  JOURNAL Chosen  Did(Play)  ACD AgentRequested
                    |                 =              =            =              =
    machine   handle(event) -->   StopPlay       Tell(JOURNAL)   Play       Tell(ACD)

What the machine does to the line and what it notes follows its event at once; what it tells the
ACD is journalled when the ACD's turn comes. The two are therefore compared as two queues. Timers
are the machine's own affair and leave no entry, and what the ACD or an agent did is not replayed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, CALL, JOURNAL, Action
from hotline.switch.events import Event
from hotline.switch.ports import Machine
from hotline.switch.record import Entry

EFFECTS = frozenset(
    {do.Answer, do.Play, do.StopPlay, do.CallService, do.Bridge, do.Unbridge, do.HangUp, do.DialOut}
)
"""effects of calls; `Speak` is an agent's and `Reject` the ACD's"""
FACTS = frozenset(
    {
        ev.MenuEntered,
        ev.Chosen,
        ev.WrongKey,
        ev.NoInput,
        ev.LastResort,
        ev.StepEntered,
        ev.Collected,
        ev.StepFinished,
        ev.LanguageChanged,
        ev.SurveyAnswered,
    }
)
"""facts that calls note"""
REQUESTS = frozenset(
    {
        ev.AgentRequested,
        ev.RequestWithdrawn,
        ev.CallbackRequested,
        ev.AnsweredOut,
        ev.TalkEnded,
        ev.CallClosed,
    }
)
"""what calls tell the ACD; all else in its entries comes from the network and the agents"""

Deed = Action | Event
"""an effect carried out, a fact noted, or an event told to the ACD"""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a replay first differs: at entry `index` of the journal and instant `at`, s, after
    `heard`. `recorded` is what the journal says, `replayed` what the machine does now; None: no
    more than that."""

    index: int
    at: float
    heard: Event | None
    recorded: Deed | None
    replayed: Deed | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many `actions` were the same, and where the first one was not."""

    actions: int
    divergence: Divergence | None = None

    @property
    def same(self) -> bool:
        """Whether the call takes the same actions today."""
        return self.divergence is None


def replay(entries: Sequence[Entry], make_call: Callable[[Event], Machine]) -> Replayed:
    """Let the call that `make_call` builds for the first event live through `entries` again.

    A call that was cut off (closed by the system as lost) may owe what it had no time for.
    """
    run = _Replay(make_call)
    for index, entry in enumerate(entries):
        divergence = run.take(index, entry)
        if divergence is not None:
            return Replayed(run.actions, divergence)
    return Replayed(run.actions, run.finish(entries))


class _Replay:
    """A replay under way: the machine, and what it did that the journal has yet to confirm."""

    def __init__(self, make_call: Callable[[Event], Machine]) -> None:
        self._make_call = make_call
        self._machine: Machine | None = None
        self._heard: Event | None = None
        self._done: deque[Deed] = deque()
        self._told: deque[Deed] = deque()
        self._closing: deque[Deed] = deque()
        self.actions = 0

    def take(self, index: int, entry: Entry) -> Divergence | None:
        """The next line of the journal; gives the divergence if there is one."""
        event = entry.event
        if entry.to == CALL:
            if self._done:
                return Divergence(index, event.at, self._heard, None, self._done[0])
            self._feed(event)
            return None
        deed = _deed(entry)
        if deed is None:
            return None
        queue: deque[Deed] = self._done if entry.to == JOURNAL else self._told or self._closing
        mine = queue.popleft() if queue else None
        if mine != deed:
            return Divergence(index, event.at, self._heard, deed, mine)
        self.actions += 1
        return None

    def finish(self, entries: Sequence[Entry]) -> Divergence | None:
        """The journal is over: nothing may be left."""
        left: list[Deed] = [*self._done, *self._told, *self._closing]
        if not left or _cut_off(entries):
            return None
        return Divergence(len(entries), entries[-1].event.at, self._heard, None, left[0])

    def _feed(self, event: Event) -> None:
        if self._machine is None:
            self._machine = self._make_call(event)
        self._heard = event
        for action in self._machine.handle(event):
            if not isinstance(action, do.Tell):
                if type(action) in EFFECTS:
                    self._done.append(action)
            elif action.to == JOURNAL:
                self._done.append(action.event)
            elif type(action.event) is ev.CallClosed:
                self._closing.append(action.event)  # the exchange keeps it for the very last
            elif action.to == ACD:
                self._told.append(action.event)


def _deed(entry: Entry) -> Deed | None:
    """What a call did, according to an entry; None for what others did."""
    event = entry.event
    if entry.to == JOURNAL:
        if isinstance(event, ev.Did):
            action = event.action
            return action if isinstance(action, Action) and type(action) in EFFECTS else None
        return event if type(event) in FACTS else None
    return event if entry.to == ACD and type(event) in REQUESTS else None


def _cut_off(entries: Sequence[Entry]) -> bool:
    last = entries[-1]
    return last.to == JOURNAL and isinstance(last.event, ev.CallClosed)
