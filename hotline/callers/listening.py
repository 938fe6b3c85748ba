"""What a caller heard and did, from a call's journal: the call is listened to once more.

The hotline's side of the journal is played on the very line that scripted callers sit on, so what
counts as heard is decided there and nowhere else.

    journal   Did(Play)  KeyPressed   Did(StopPlay)  Did(Play) ... HungUp
                  |          |              |            |           |
    line        Heard        |           (silence)     Heard         |
                  |          |                           |           |
    perceived  "heard"   "pressed"                    "heard"    "left"
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from hotline.callers import hearing as hear
from hotline.callers.hearing import Canon, Values
from hotline.callers.line import MemoryLine, Render
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import CALL, Action
from hotline.switch.clock import VirtualClock
from hotline.switch.events import Event, Party
from hotline.switch.ports import Clock
from hotline.switch.record import Entry

Kind = Literal["heard", "agent", "music", "tone", "pressed", "left", "closed"]


@dataclass(frozen=True, slots=True)
class Perceived:
    """One thing that the caller heard or did `at` seconds after the call arrived.

    `what`: canonical prompt id, agent number, music, tone or key. `more`: of a prompt that was
    noticed before, now heard to its end. `left`: the caller hung up; `closed`: the hotline did.
    """

    at: float
    kind: Kind
    what: str = ""
    values: Values = ()
    more: bool = False


def listen(entries: Sequence[Entry], render: Render, canon: Canon | None = None) -> list[Perceived]:
    """What the caller of `entries` (one inbound call) perceived and did, in order."""
    arrived = next(e.event for e in entries if isinstance(e.event, ev.CallArrived))
    clock = VirtualClock(arrived.at)
    line = MemoryLine(render, canon=canon)
    line.connect(_Silent(clock))
    listener = _Listener(arrived.number, arrived.at)
    line.place(listener, arrived.call)
    for entry in entries:
        act = _act(entry, line, listener)
        if act is not None:
            clock.call_at(entry.event.at, act)
    clock.run(until=max(entry.event.at for entry in entries))
    return listener.perceived


def _act(entry: Entry, line: MemoryLine, listener: _Listener) -> Callable[[], None] | None:
    """What to do when the clock is at this entry; None: nothing that a caller could notice."""
    event = entry.event
    if isinstance(event, ev.Did):
        return _effect(event.call, event.action, line)
    if entry.to == CALL and isinstance(event, ev.KeyPressed):
        return lambda: listener.note(event.at, "pressed", event.key)
    if entry.to == CALL and isinstance(event, ev.HungUp) and event.by is Party.CALLER:
        return lambda: listener.leave(event.at)
    return None


def _effect(call: str, action: object, line: MemoryLine) -> Callable[[], None] | None:
    match action:
        case do.Answer():
            return lambda: line.answer(call)
        case do.Reject(reason):
            return lambda: line.reject(call, reason)
        case do.Play(play, what):
            return lambda: line.play(call, play, what)
        case do.StopPlay(play):
            return lambda: line.stop(call, play)
        case do.Speak(what):
            return lambda: line.speak(call, what)
        case do.Bridge(agent):
            return lambda: line.bridge(call, agent)
        case do.Unbridge(agent):
            return lambda: line.unbridge(call, agent)
        case do.HangUp(reason):
            return lambda: line.hang_up(call, reason)
    return None


class _Silent:
    """A switch to which nobody listens: all that happened is in the journal already."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def post(self, event: Event) -> None:
        """Nothing."""


class _Listener:
    """A caller who only writes down."""

    area = ""
    listens_for_silence = listens_to_end = hears_early = over = False

    def __init__(self, number: str, start: float) -> None:
        self.number = number
        self.perceived: list[Perceived] = []
        self._start = start
        self._noticed = ""
        """the prompt that was noticed last and may yet be heard to its end"""

    def note(self, at: float, kind: Kind, what: str = "", values: Values = ()) -> None:
        """Write something down."""
        self.perceived.append(Perceived(at - self._start, kind, what, values))

    def leave(self, at: float) -> None:
        """The caller hangs up; what comes later is not for him."""
        self.note(at, "left")
        self.over = True

    def handle(self, event: Event) -> Sequence[Action]:
        """See `hearing.Caller`."""
        if self.over:
            return ()
        match event:
            case hear.OffHook():
                return [do.Dial(self.number)]
            case hear.Heard():
                self._heard(event, "heard", event.prompt)
            case hear.HeardAgent():
                self._heard(event, "agent", event.number)
            case hear.HeardMusic(music=music):
                self.note(event.at, "music", music)
            case hear.HeardTone(tone=tone):
                self.note(event.at, "tone", tone)
            case hear.LineClosed():
                self.note(event.at, "closed")
        return ()

    def _heard(self, event: hear.Heard | hear.HeardAgent, kind: Kind, what: str) -> None:
        values = event.values if event.whole else ()
        more = event.whole and self._noticed == event.template
        self._noticed = "" if event.whole else event.template
        self.perceived.append(Perceived(event.at - self._start, kind, what, values, more))
