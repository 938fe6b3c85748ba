"""A caller by the clock: presses and hangs up at set seconds after the hotline has answered."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.callers import hearing as hear
from hotline.switch import actions as do
from hotline.switch.actions import Action
from hotline.switch.events import Event, TimerFired


class TimedCaller:
    """`plan`: pairs (seconds since the answer, keys), in order; `""` hangs up."""

    area = ""
    listens_for_silence = False
    listens_to_end = False
    hears_early = True

    def __init__(self, plan: Sequence[tuple[float, str]], number: str) -> None:
        self.number = number
        self.over = False
        self._plan = list(plan)

    def handle(self, event: Event) -> Sequence[Action]:
        """Follow the plan, whatever is heard."""
        if isinstance(event, hear.OffHook):
            return (do.Dial(self.number),)
        if isinstance(event, hear.LineAnswered):
            return [do.StartTimer(str(at), at) for at, _ in self._plan]
        if isinstance(event, (hear.LineClosed, hear.Stopped)):
            self.over = True
            return ()
        if isinstance(event, TimerFired) and not self.over:
            keys = next(keys for at, keys in self._plan if str(at) == event.timer)
            if not keys:
                self.over = True
                return (do.LeaveCall(),)
            return [do.Press(key) for key in keys]
        return ()
