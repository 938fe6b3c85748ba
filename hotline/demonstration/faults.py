"""Faults to plant: wrappers that spoil what a healthy machine does, each breaking one rule.

A real hotline breaks the standard by faulty software, careless agents or a wrong roster. Our own
call machine cannot be made to skip its greeting, so a fault sits between it and the exchange: it
sees each event before the machine does and each action before it is carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import ACD, JOURNAL, Action, Prompt, Tell
from hotline.switch.events import Event, Party
from hotline.switch.ports import Machine

Handle = Callable[[Event], Sequence[Action]]
Fault = Callable[[Event, Handle], Sequence[Action]]
"""(event, the healthy machine's handle) -> what happens instead"""


class Faulty:
    """A machine with a fault."""

    def __init__(self, machine: Machine, fault: Fault) -> None:
        self._machine, self._fault = machine, fault

    def handle(self, event: Event) -> Sequence[Action]:
        """What the healthy machine would do, spoiled."""
        return self._fault(event, self._machine.handle)


def _changed(change: Callable[[Action], Iterable[Action]]) -> Fault:
    """A fault that changes single actions."""

    def fault(event: Event, handle: Handle) -> Sequence[Action]:
        return [new for action in handle(event) for new in change(action)]

    return fault


def _plays(action: Action, prompt: str) -> bool:
    return (
        isinstance(action, do.Play)
        and isinstance(action.what, Prompt)
        and action.what.id.removesuffix(".short") == prompt
    )


def says_instead(prompt: str, text: str, values: tuple[tuple[str, do.Value], ...] = ()) -> Fault:
    """Where `prompt` should be heard, `text` is."""

    def change(action: Action) -> Iterable[Action]:
        if _plays(action, prompt):
            assert isinstance(action, do.Play)
            assert isinstance(action.what, Prompt)
            action = replace(action, what=replace(action.what, text=text, values=values))
        yield action

    return _changed(change)


def loses_greeting() -> Fault:
    """Another prompt is heard first (5.2.6.1)."""

    def change(action: Action) -> Iterable[Action]:
        if _plays(action, "greeting"):
            assert isinstance(action, do.Play)
            action = replace(action, what=Prompt("jingle", "请稍候。"))
        yield action

    return _changed(change)


def loses_keys() -> Fault:
    """No key has any effect (5.2.6.3)."""
    return lambda event, handle: () if isinstance(event, ev.KeyPressed) else handle(event)


def interrupts_late(seconds: float) -> Fault:
    """A key stops the prompt, but only after `seconds` (5.2.6.3)."""
    held: list[Action] = []

    def fault(event: Event, handle: Handle) -> Sequence[Action]:
        if isinstance(event, ev.TimerFired) and event.timer == "late":
            released, held[:] = list(held), []
            return released
        actions = handle(event)
        if any(isinstance(action, do.StopPlay) for action in actions):
            held.extend(actions)
            return [do.StartTimer("late", seconds)]
        return actions

    return fault


def back_stays() -> Fault:
    """The back key is taken but leads to the menu one was in (5.2.6.2)."""
    entered: list[ev.MenuEntered] = []
    going_back = False

    def change(action: Action) -> Iterable[Action]:
        nonlocal going_back
        if isinstance(action, Tell) and action.to == JOURNAL:
            event = action.event
            if isinstance(event, ev.Chosen):
                going_back = event.target == "back"
            elif isinstance(event, ev.MenuEntered):
                if going_back and entered:
                    stuck = replace(entered[-1], at=event.at)
                    action = Tell(JOURNAL, stuck)
                entered.append(event)
        yield action

    return _changed(change)


def loses_requests() -> Fault:
    """The transfer key is taken, but leads to the first menu again (5.2.6.2)."""

    def change(action: Action) -> Iterable[Action]:
        if isinstance(action, Tell) and isinstance(action.event, ev.AgentRequested):
            asked = action.event
            yield Tell(JOURNAL, ev.MenuEntered(asked.at, asked.call, "root", 1))
        else:
            yield action

    return _changed(change)


def _up_to(event: Event, handle: Handle, fact: type[Event]) -> tuple[list[Action], bool]:
    """The actions up to the note of `fact`, and whether it was noted."""
    kept: list[Action] = []
    for action in handle(event):
        kept.append(action)
        if isinstance(action, Tell) and type(action.event) is fact:
            return kept, True
    return kept, False


def no_reprompt() -> Fault:
    """Silence is answered by more silence (5.2.6.3)."""
    noted: list[ev.NoInput] = []

    def fault(event: Event, handle: Handle) -> Sequence[Action]:
        if isinstance(event, ev.TimerFired) and event.timer == "silent":
            return [Tell(JOURNAL, replace(noted[0], at=event.at, count=2))]
        kept, silent = _up_to(event, handle, ev.NoInput)
        if not silent:
            return kept
        silence = kept[-1]
        assert isinstance(silence, Tell)
        assert isinstance(silence.event, ev.NoInput)
        noted.append(silence.event)
        return [*kept, do.StartTimer("silent", 5.0)]

    return fault


def no_last_resort() -> Fault:
    """After too many silences the caller is prompted once more instead of helped (5.2.6.3)."""

    def fault(event: Event, handle: Handle) -> Sequence[Action]:
        kept, given_up = _up_to(event, handle, ev.LastResort)
        again = do.Play(1_000_000, Prompt("no_input", "没有收到您的按键，请您选择。"))
        return [*kept[:-1], again] if given_up else kept

    return fault


def no_music() -> Fault:
    """Silence instead of music (5.2.6.4)."""

    def change(action: Action) -> Iterable[Action]:
        if not (isinstance(action, do.Play) and isinstance(action.what, do.Music)):
            yield action

    return _changed(change)


def ends_without_goodbye() -> Fault:
    """Hangs up where the closing phrase should be heard (5.2.6.6)."""

    def fault(event: Event, handle: Handle) -> Sequence[Action]:
        actions = list(handle(event))
        if not any(_plays(action, "closing") for action in actions):
            return actions
        kept = [action for action in actions if not _plays(action, "closing")]
        closed = ev.CallClosed(event.at, event.call, Party.SYSTEM, "finished")
        return [*kept, do.HangUp("finished"), Tell(ACD, closed)]

    return fault


# --- agents ------------------------------------------------------------------------------------


def agent_says(instead: str = "", after: str = "") -> Fault:
    """An agent who greets with other words, or adds some."""

    def change(action: Action) -> Iterable[Action]:
        greets = isinstance(action, do.Speak) and action.what.id == "agent.greeting"
        if greets and instead:
            assert isinstance(action, do.Speak)
            action = replace(action, what=Prompt("agent.answer", instead))
        yield action
        if greets and after:
            assert isinstance(action, do.Speak)
            yield replace(action, what=Prompt("agent.answer", after))

    return _changed(change)


def agent_gives_no_warning() -> Fault:
    """An agent who releases a harassing caller without a warning (5.2.7.6)."""

    def change(action: Action) -> Iterable[Action]:
        if not (isinstance(action, do.Speak) and action.what.id.startswith("agent.warning")):
            yield action

    return _changed(change)
