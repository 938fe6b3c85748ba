"""One call's journal in the shape that checks read: what sounded when, which key met which sound.

Did(Play)  ~~~ sound ~~~  Did(StopPlay) | PlaybackFinished | the next Did(Play) | the end
               ^
               KeyPressed: did the sound stop, and how soon (5.2.6.3)?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import Entry


@dataclass(slots=True)
class Sound:
    """Something played from `began` to `ended` (s). `index` and `end_index` are places in the
    journal; `ending` is finished | stopped | replaced | line."""

    play: int
    what: do.Playable
    began: float
    index: int
    ended: float = 0.0
    end_index: int = -1
    ending: str = ""

    @property
    def prompt(self) -> do.Prompt | None:
        """The prompt, if it is one."""
        return self.what if type(self.what) is do.Prompt else None

    @property
    def id(self) -> str:
        """The sound's id without `.short`."""
        return self.what.id.removesuffix(".short")


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key pressed while the caller moved about the book: at `menu` (`""` in a step), during
    `sound` or in silence."""

    index: int
    at: float
    menu: str
    sound: Sound | None


@dataclass(slots=True)
class Trace:
    """A call's journal, indexed. `keys` are those of menus and steps only: keys in the queue, in a
    conversation or after it are not navigation."""

    events: list[ev.Event] = field(default_factory=list)
    by_type: dict[type[ev.Event], list[int]] = field(default_factory=dict)
    did: dict[type[object], list[int]] = field(default_factory=dict)
    sounds: list[Sound] = field(default_factory=list)
    keys: list[Pressed] = field(default_factory=list)
    waits: list[tuple[int, int]] = field(default_factory=list)
    """journal places where each request for an agent began and ended"""

    def each(self, kind: type[ev.Event]) -> list[int]:
        """Places of all events of `kind`."""
        return self.by_type.get(kind, [])

    def each_did(self, kind: type[do.Action]) -> list[int]:
        """Places of all `Did` of an action of `kind`."""
        return self.did.get(kind, [])

    def after(self, index: int) -> Iterator[ev.Event]:
        """The events after place `index`."""
        events = self.events
        for place in range(index + 1, len(events)):
            yield events[place]

    def conversation_end(self, index: int) -> int:
        """Where the conversation that was connected at `index` ends."""
        for place in range(index + 1, len(self.events)):
            if isinstance(self.events[place], (ev.AgentLeft, ev.TalkEnded, *_ENDS)):
                return place
        return len(self.events) - 1

    @property
    def outbound(self) -> bool:
        """Whether the hotline called (a call-back)."""
        return ev.CallbackDue in self.by_type


_MOVING, _WAITING, _TALKING, _AFTER = range(4)
_LEAVES_QUEUE = (ev.RequestWithdrawn, ev.RequestRefused, ev.CallbackBooked, ev.AgentConnected)
_ENDS = (ev.HungUp, ev.CallClosed)


class _Reader:
    """Reads a journal once. `mode`: where the caller is between menus, queue, talk and goodbye."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.mode = _MOVING
        self.menu = ""
        self.sound: Sound | None = None
        self.asked = -1

    def read(self, entries: Sequence[Entry]) -> Trace:
        trace = self.trace
        events, by_type = trace.events, trace.by_type
        handlers = _HANDLERS
        for index, entry in enumerate(entries):
            event = entry.event
            events.append(event)
            kind = type(event)
            by_type.setdefault(kind, []).append(index)
            handler = handlers.get(kind)
            if handler is not None:
                handler(self, index, event)
        if events:
            last = len(events) - 1
            self._silence(events[-1].at, last, "line")
            self._left_queue(last, events[-1])
        return trace

    def _did(self, index: int, event: ev.Event) -> None:
        action = event.action  # type: ignore[attr-defined]
        kind = type(action)
        self.trace.did.setdefault(kind, []).append(index)
        if kind is do.Play:
            self._silence(event.at, index, "replaced")
            self.sound = Sound(action.play, action.what, event.at, index)
            self.trace.sounds.append(self.sound)
            if action.what.id == "closing":
                self.mode = _AFTER
        elif kind is do.StopPlay:
            if self.sound is not None and self.sound.play == action.play:
                self._silence(event.at, index, "stopped")
        elif kind is do.HangUp:
            self._silence(event.at, index, "line")

    def _finished(self, index: int, event: ev.Event) -> None:
        if self.sound is not None and self.sound.play == event.play:  # type: ignore[attr-defined]
            self._silence(event.at, index, "finished")

    def _silence(self, at: float, index: int, ending: str) -> None:
        sound = self.sound
        if sound is not None:
            sound.ended, sound.end_index, sound.ending = at, index, ending
            self.sound = None

    def _key(self, index: int, event: ev.Event) -> None:
        if self.mode == _MOVING:
            self.trace.keys.append(Pressed(index, event.at, self.menu, self.sound))

    def _menu_entered(self, index: int, event: ev.Event) -> None:
        if self.mode != _WAITING:
            self.mode = _MOVING
            self.menu = event.menu  # type: ignore[attr-defined]

    def _step_entered(self, index: int, event: ev.Event) -> None:
        self.menu = ""
        self.mode = _MOVING

    def _ask(self, index: int, event: ev.Event) -> None:
        self.mode, self.asked = _WAITING, index

    def _left_queue(self, index: int, event: ev.Event) -> None:
        if self.asked >= 0:
            self.trace.waits.append((self.asked, index))
            self.asked = -1
            self.mode = _MOVING
        if type(event) is ev.AgentConnected:
            self.mode = _TALKING
        elif type(event) is not ev.RequestWithdrawn:
            self.mode = _AFTER  # told why not, or that a call-back is booked

    def _talk_over(self, index: int, event: ev.Event) -> None:
        self.mode = _AFTER

    def _gone(self, index: int, event: ev.Event) -> None:
        self._silence(event.at, index, "line")
        self._left_queue(index, event)


_HANDLERS: dict[type[ev.Event], Callable[[_Reader, int, ev.Event], None]] = {
    ev.Did: _Reader._did,
    ev.PlaybackFinished: _Reader._finished,
    ev.KeyPressed: _Reader._key,
    ev.MenuEntered: _Reader._menu_entered,
    ev.StepEntered: _Reader._step_entered,
    ev.AgentRequested: _Reader._ask,
    ev.TalkEnded: _Reader._talk_over,
    ev.AgentLeft: _Reader._talk_over,
    **dict.fromkeys(_LEAVES_QUEUE, _Reader._left_queue),
    **dict.fromkeys(_ENDS, _Reader._gone),
}


def read(entries: Sequence[Entry]) -> Trace:
    """The trace of one call's journal entries, in order."""
    return _Reader().read(entries)
