"""A caller of a load: walks to an agent, waits as long as his patience lasts, talks, hangs up.

    a prompt that asks ---reaction---> the next keys ...   the last ones ask for an agent
    asked ----------------patience---> hangs up, unless an agent was heard
    an agent begins ------talk-------> hangs up

Patience counts from asking and talk from when the agent's first word was on the line, whenever it
was noticed: so a load has the durations that the queue plan gives it, and not those of an ear.
Without `asks` (nothing is known of the menus) keys are pressed so many seconds after the answer,
and after each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hotline.callers import hearing as hear
from hotline.callers.personas import Asks
from hotline.switch import actions as do
from hotline.switch.actions import Action
from hotline.switch.events import Event, TimerFired

BETWEEN = 0.3
"""Seconds between the digits of one answer: our choice."""
IN_MENUS = 120.0
"""Seconds after which a caller who still has not asked for an agent gives up: our choice."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The way to an agent: `keys` for each prompt that asks. Seconds: `reaction` from noticing a
    prompt to pressing; `after` each other, blindly, from the answer on (None: as prompts ask).
    `direct`: the number called is the agents' own, so that calling is asking."""

    keys: tuple[str, ...]
    asks: Asks | None = None
    reaction: float = 1.0
    after: float | None = None
    direct: bool = False


class Walker:
    """One caller. `patience` and `talk` in seconds; the protocol is `hearing.Caller`."""

    def __init__(self, walk: Walk, patience: float, talk: float, *, number: str) -> None:
        self.number, self.area = number, ""
        self.listens_for_silence = self.listens_to_end = self.hears_early = False
        self.over = False
        self.asked: float | None = None
        """instant of the last key, which asks for an agent"""
        self.served = False
        """whether an agent was heard"""
        self._walk, self._patience, self._talk = walk, patience, talk
        self._left = [key for keys in walk.keys for key in keys]
        self._prompts = list(map(len, walk.keys))
        self._due = 0

    def handle(self, event: Event) -> Sequence[Action]:
        """Take one event of the caller's side, say what the caller does."""
        handler = _HANDLERS.get(type(event))
        return () if handler is None or self.over else handler(self, event)

    # --- to an agent ---------------------------------------------------------------------------

    def _off_hook(self, event: hear.OffHook) -> Sequence[Action]:
        dial = do.Dial(self.number)
        return (dial, *self._ask(event.at)) if self._walk.direct else (dial,)

    def _answered(self, event: hear.LineAnswered) -> Sequence[Action]:
        if not self._left:
            return () if self._walk.direct else self._ask(event.at)
        limit = do.StartTimer("limit", IN_MENUS)
        return (limit, *self._next()) if self._blind else (limit,)

    @property
    def _blind(self) -> bool:
        return self._walk.asks is None or self._walk.after is not None

    def _next(self) -> Sequence[Action]:
        """The keys of the next prompt, blindly or after the reaction to one."""
        if self._due or not self._prompts:
            return ()
        self._due = self._prompts.pop(0)
        wait = self._walk.after if self._blind else self._walk.reaction
        return (do.StartTimer("key", self._walk.reaction if wait is None else wait),)

    def _heard(self, event: hear.Heard) -> Sequence[Action]:
        asks = self._walk.asks
        if asks is None or self._blind or (event.whole and event.values):
            return ()
        return self._next() if event.prompt in asks.key or event.prompt in asks.digits else ()

    def _press(self, at: float) -> Sequence[Action]:
        key, self._due = self._left.pop(0), self._due - 1
        pressed = do.Press(key)
        if not self._left:
            return (pressed, *self._ask(at))
        if self._due:
            return (pressed, do.StartTimer("key", BETWEEN))
        return (pressed, *self._next()) if self._blind else (pressed,)

    # --- asked -----------------------------------------------------------------------------------

    def _ask(self, at: float) -> Sequence[Action]:
        self.asked = at
        waits = (do.StartTimer("patience", self._patience),) if self._patience < _EVER else ()
        return (do.CancelTimer("limit"), *waits)

    def _music(self, event: hear.HeardMusic) -> Sequence[Action]:
        """A hotline that lets callers wait before all keys were pressed has understood."""
        if self.asked is not None or self.served:
            return ()
        self._left, self._due, self._prompts = [], 0, []
        return (do.CancelTimer("key"), *self._ask(event.began))

    def _agent(self, event: hear.HeardAgent) -> Sequence[Action]:
        if self.served:
            return ()
        self.served = True
        talk = do.StartTimer("talk", max(0.0, event.began + self._talk - event.at))
        return (*(do.CancelTimer(name) for name in ("limit", "key", "patience")), talk)

    # --- the end ---------------------------------------------------------------------------------

    def _timer(self, event: TimerFired) -> Sequence[Action]:
        if event.timer == "key":
            return self._press(event.at) if self._left and self._due else ()
        self.over = True
        return (do.LeaveCall(),)

    def _closed(self, event: hear.LineClosed) -> Sequence[Action]:
        self.over = True
        return ()


_EVER = float("inf")
_HANDLERS: Mapping[type[Event], Callable[[Walker, Any], Sequence[Action]]] = {
    hear.OffHook: Walker._off_hook,
    hear.LineAnswered: Walker._answered,
    hear.Heard: Walker._heard,
    hear.HeardMusic: Walker._music,
    hear.HeardAgent: Walker._agent,
    hear.LineClosed: Walker._closed,
    TimerFired: Walker._timer,
}
