"""Ports: what the exchange needs from the outside. Each has an in-memory and a live form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from hotline.switch.actions import Action, Playable
from hotline.switch.events import CallClosed, Event


class Machine(Protocol):
    """Anything pure: takes one event, returns what to do."""

    def handle(self, event: Event) -> Sequence[Action]:
        """Consume one event. Must not wait, read a clock, draw a number or do I/O."""
        ...


class Elsewhere(Protocol):
    """The ACD and the agents, where they are in another process (see `hotline.nodes`)."""

    def tell_agent(self, event: Event) -> None:
        """Say `event` to its agent."""
        ...

    def leaving(self, event: CallClosed) -> bool:
        """A call of ours is about to close. True: what the ACD has to say about it is still to
        come; `event` is handed back to the exchange afterwards. False: nothing is to come."""
        ...


class TimerHandle(Protocol):
    """A pending callback."""

    def cancel(self) -> None:
        """The callback will not run; nothing if it already has."""
        ...


class Clock(Protocol):
    """Seconds since some start, and callbacks at instants."""

    def now(self) -> float:
        """The present instant in seconds."""
        ...

    def call_at(self, instant: float, callback: Callable[[], None]) -> TimerHandle:
        """Run `callback` at `instant` (at once if that has passed), ties in order of asking."""
        ...


class Media(Protocol):
    """The line side of all calls. It answers by posting events to the exchange."""

    def answer(self, call: str) -> None:
        """Go off hook."""
        ...

    def reject(self, call: str, reason: str) -> None:
        """Refuse a call that never reached the IVR (busy)."""
        ...

    def play(self, call: str, play: int, what: Playable) -> None:
        """Start `what`, replacing what plays; post `PlaybackFinished` at its end."""
        ...

    def stop(self, call: str, play: int) -> None:
        """Stop `play` at once; no `PlaybackFinished` is needed for it (a late one is harmless)."""
        ...

    def speak(self, call: str, what: Playable) -> None:
        """An agent's voice to the caller while bridged."""
        ...

    def bridge(self, call: str, agent: str) -> None:
        """Join the caller's and the agent's audio."""
        ...

    def unbridge(self, call: str, agent: str) -> None:
        """Part them again; the caller stays on the line."""
        ...

    def hang_up(self, call: str, reason: str) -> None:
        """Release the caller's line."""
        ...

    def dial_out(self, call: str, number: str) -> None:
        """Ring `number`; post `AnsweredOut` or `HungUp`."""
        ...


class Desks(Protocol):
    """The telephones of agents who have one. It tells what they do by posting `DeskEvent`s."""

    def ring(self, agent: str) -> None:
        """Ring; post `DeskAnswered`, or `DeskLeft` where that cannot be."""
        ...

    def release(self, agent: str) -> None:
        """Stop ringing or hang up; nothing if neither is the case. No `DeskLeft` for it."""
        ...


class Services(Protocol):
    """The named services that books ask (`CallService`)."""

    def call(
        self,
        call: str,
        service: str,
        inputs: Mapping[str, str],
        reply: Callable[[str, Mapping[str, str]], None],
    ) -> None:
        """Answer once with `reply(outcome, values)`, now or later, on the exchange's thread."""
        ...


class JournalSink(Protocol):
    """Where the journal is written."""

    def append(self, to: str, event: Event) -> None:
        """Add one entry, addressed to `to`."""
        ...

    def closed(self, closing: CallClosed) -> None:
        """The call's last entry has been appended: make it durable soon, without waiting here."""
        ...
