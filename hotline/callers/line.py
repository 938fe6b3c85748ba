"""`MemoryLine`: the telephone line between exchange and callers, in memory and any clock's time.

    exchange --Answer, Play, StopPlay, ...--> line --Heard, HeardMusic, ...--> caller
    exchange <--KeyPressed, HungUp, PlaybackFinished-- line <--Press, LeaveCall, ...-- caller

    Play                    AUDIBLE                      duration
    |-----------------------|----------------------------|
    |  stopped here: nothing|  Heard(prompt)             |  Heard(values, whole), PlaybackFinished
    |  was heard            |                            |

One timer is pending for a sound at any time; the next is set when it fires.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from hotline.callers import hearing as hear
from hotline.callers.hearing import ANNOUNCEMENT, AUDIBLE, Caller, Canon, Values
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import CALLER, Action, Music, Playable, Prompt, Tone
from hotline.switch.events import Event, Party
from hotline.switch.ports import Clock, TimerHandle

Render = Callable[[Prompt], tuple[float, Values]]
"""Duration of a prompt in seconds, and what is said for each of its values."""

TONES: Mapping[str, float] = {"ringback": 5.0, "busy": 0.7, "beep": 0.5, "error": 1.0}
"""Seconds of one period, when the composition root gives no others."""

BUSY_PERIODS = 3
"""Periods of busy tone before a refused line goes dead, as on the real media."""
RING_LIMIT = 30.0
"""Seconds that a call-back rings before the network gives up (our choice)."""

_ENDLESS = float("inf")


class Switch(Protocol):
    """The part of the exchange that a line needs."""

    clock: Clock

    def post(self, event: Event) -> None:
        """Take in an event."""
        ...


class Leg:
    """One call on the line."""

    __slots__ = (
        "began",
        "call",
        "desk",
        "duration",
        "handle",
        "noticed",
        "play",
        "ringing",
        "then",
        "values",
        "what",
    )

    def __init__(self, call: str, desk: Desk) -> None:
        self.call = call
        self.desk = desk
        self.play = 0
        self.what: Playable | None = None
        self.began = 0.0
        self.duration = 0.0
        self.values: Values = ()
        self.noticed = False
        self.handle: TimerHandle | None = None
        self.ringing = False
        self.then: Callable[[], None] | None = None
        """what follows the end of what is heard, where no machine decides it"""


class Desk:
    """One caller's telephone: its timers and its present call."""

    __slots__ = ("area", "caller", "calls", "centre", "first", "leg", "timers")

    def __init__(self, caller: Caller, first: str, centre: str) -> None:
        self.caller = caller
        self.first = first
        self.centre = centre
        self.calls = 0
        self.leg: Leg | None = None
        self.timers: dict[str, TimerHandle] = {}


class MemoryLine:
    """The media port of a hotline whose callers are machines in the same process.

    Made before the exchange, which needs it; call `connect(exchange)` before the first call.
    `canon` gives prompts that sound alike one id; `tones` are periods in seconds. Callers hear
    `rings` periods of ring-back tone before they are answered, and `refusals` (reason -> words)
    before the busy tone.
    """

    def __init__(
        self,
        render: Render,
        *,
        canon: Canon | None = None,
        audible: float = AUDIBLE,
        tones: Mapping[str, float] = TONES,
        medium: str = "memory",
        rings: int = 0,
        refusals: Mapping[str, Prompt] | None = None,
    ) -> None:
        self._render = render
        self._canon = canon or Canon()
        self._audible = audible
        self._tones = dict(TONES) | dict(tones)
        self._medium, self._rings = medium, rings
        self._refusals = refusals or {}
        self._legs: dict[str, Leg] = {}
        self._desks: dict[int, Desk] = {}
        self._exchange: Switch | None = None
        self._expected: dict[str, Desk] = {}
        self._inbox: deque[tuple[Desk, Event]] = deque()
        self._busy = False

    def connect(self, exchange: Switch) -> None:
        """Where events go from now on."""
        self._exchange = exchange
        self._post = exchange.post
        self._now = exchange.clock.now
        self._call_at = exchange.clock.call_at

    # --- callers -------------------------------------------------------------------------------

    def place(self, caller: Caller, call: str, *, centre: str = "") -> None:
        """Hand `caller` the receiver now. Its first call has the id `call`, others `call.2`, ..."""
        desk = Desk(caller, call, centre)
        self._desks[id(caller)] = desk
        if caller.number:
            self._expected[caller.number] = desk
        self._tell(desk, hear.OffHook(self._now(), call))

    def _forget(self, desk: Desk) -> None:
        """The caller is done: no timers, no call-backs any more."""
        if self._desks.pop(id(desk.caller), None) is None:
            return
        if desk.leg is not None:
            self._leave(desk)
        for handle in desk.timers.values():
            handle.cancel()
        number = desk.caller.number
        if self._expected.get(number) is desk:
            del self._expected[number]

    def stop_caller(self, caller: Caller, why: str) -> None:
        """End a caller that would go on for ever."""
        desk = self._desks.get(id(caller))
        if desk is not None:
            call = desk.leg.call if desk.leg else desk.first
            self._tell(desk, hear.Stopped(self._now(), call, why))

    def lead(self, caller: Caller) -> None:
        """Tell a caller whose story grows while it is played that there is more of it."""
        desk = self._desks.get(id(caller))
        if desk is not None:
            self._tell(desk, hear.Led(self._now(), desk.leg.call if desk.leg else desk.first))

    @property
    def open_calls(self) -> int:
        """Calls on the line."""
        return len(self._legs)

    def _tell(self, desk: Desk, event: Event) -> None:
        """Hand the caller an event and do what it wants, one event at a time."""
        self._inbox.append((desk, event))
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                desk, event = self._inbox.popleft()
                caller = desk.caller
                for action in caller.handle(event):
                    self._perform(desk, action)
                if caller.over:
                    self._forget(desk)
        finally:
            self._busy = False

    def _perform(self, desk: Desk, action: Action) -> None:
        match action:
            case do.StartTimer():
                self._start_timer(desk, action)
            case do.CancelTimer():
                handle = desk.timers.pop(action.timer, None)
                if handle is not None:
                    handle.cancel()
            case do.Press():
                if desk.leg is not None:
                    self._post(ev.KeyPressed(self._now(), desk.leg.call, action.key))
            case do.LeaveCall():
                self._leave(desk)
            case do.Dial():
                self._dial(desk)
            case do.Answer():
                self._pick_up(desk)
            case _:
                pass  # Speak: nobody in memory listens to what a caller says

    def _start_timer(self, desk: Desk, action: do.StartTimer) -> None:
        timer = action.timer
        running = desk.timers.get(timer)
        if running is not None:
            running.cancel()

        def fire() -> None:
            desk.timers.pop(timer, None)
            call = desk.leg.call if desk.leg else desk.first
            self._tell(desk, ev.TimerFired(self._now(), call, timer, CALLER))

        desk.timers[timer] = self._call_at(self._now() + action.seconds, fire)

    def _dial(self, desk: Desk) -> None:
        if desk.leg is not None:
            self._leave(desk)
        desk.calls += 1
        call = desk.first if desk.calls == 1 else f"{desk.first}.{desk.calls}"
        desk.leg = self._legs[call] = Leg(call, desk)
        caller = desk.caller
        self._post(
            ev.CallArrived(
                self._now(),
                call,
                caller.number,
                area=caller.area,
                medium=self._medium,
                centre=desk.centre,
                rings=self._rings,
            )
        )

    def _leave(self, desk: Desk) -> None:
        leg, desk.leg = desk.leg, None
        if leg is None or self._legs.pop(leg.call, None) is None:
            return
        self._silence(leg)
        self._post(ev.HungUp(self._now(), leg.call, Party.CALLER))

    def _pick_up(self, desk: Desk) -> None:
        leg = desk.leg
        if leg is not None and leg.ringing:
            leg.ringing = False
            self._silence(leg)
            self._post(ev.AnsweredOut(self._now(), leg.call))
            self._tell(desk, hear.LineAnswered(self._now(), leg.call))

    # --- the media port ------------------------------------------------------------------------

    def answer(self, call: str) -> None:
        """See `ports.Media.answer`."""
        leg = self._legs.get(call)
        if leg is not None:
            self._tell(leg.desk, hear.LineAnswered(self._now(), call))

    def reject(self, call: str, reason: str) -> None:
        """Words where there are any, a busy tone, then a dead line."""
        leg = self._legs.get(call)
        if leg is None:
            return
        words = self._refusals.get(reason)
        if words is None:
            self._refuse(leg, reason)
        else:
            leg.play, leg.then = 0, lambda: self._refuse(leg, reason)
            self._begin(leg, words)

    def _refuse(self, leg: Leg, reason: str) -> None:
        now, call = self._now(), leg.call
        self._tell(leg.desk, hear.HeardTone(now, call, "busy", now))
        leg.handle = self._call_at(
            now + BUSY_PERIODS * self._tones["busy"], lambda: self._drop(leg, reason)
        )

    def play(self, call: str, play: int, what: Playable) -> None:
        """See `ports.Media.play`."""
        leg = self._legs.get(call)
        if leg is not None:
            leg.play = play
            self._begin(leg, what)

    def stop(self, call: str, play: int) -> None:
        """See `ports.Media.stop`."""
        leg = self._legs.get(call)
        if leg is not None and leg.what is not None and leg.play == play:
            self._silence(leg)
            self._quiet(leg)

    def speak(self, call: str, what: Playable) -> None:
        """An agent's voice: heard as any prompt, but nobody waits for its end."""
        leg = self._legs.get(call)
        if leg is not None:
            leg.play = 0
            self._begin(leg, what)

    def bridge(self, call: str, agent: str) -> None:
        """Whatever was played is over; the agent's words come through `speak`."""
        leg = self._legs.get(call)
        if leg is not None and leg.play:
            self._silence(leg)

    def unbridge(self, call: str, agent: str) -> None:
        """The agent's voice is gone."""
        leg = self._legs.get(call)
        if leg is not None and not leg.play:
            self._silence(leg)

    def hang_up(self, call: str, reason: str) -> None:
        """The hotline released the line."""
        leg = self._legs.get(call)
        if leg is not None:
            self._drop(leg, reason)

    def dial_out(self, call: str, number: str) -> None:
        """Ring the caller whose number that is; nobody there: the network says so."""
        desk = self._expected.get(number)
        if desk is None or desk.leg is not None:
            self._post(ev.HungUp(self._now(), call, Party.NETWORK, "no answer"))
            return
        leg = desk.leg = self._legs[call] = Leg(call, desk)
        leg.ringing = True
        leg.handle = self._call_at(self._now() + RING_LIMIT, lambda: self._unanswered(leg))
        self._tell(desk, hear.Rings(self._now(), call))

    # --- sounds --------------------------------------------------------------------------------

    def _begin(self, leg: Leg, what: Playable) -> None:
        if leg.handle is not None:
            leg.handle.cancel()
        now = self._now()
        kind = type(what)
        if kind is Prompt:
            leg.duration, leg.values = self._render(what)  # type: ignore[arg-type]
        elif kind is Tone:
            leg.duration, leg.values = self._tones.get(what.id, 1.0), ()
        else:
            leg.duration, leg.values = _ENDLESS, ()
        leg.what, leg.began, leg.noticed, leg.handle = what, now, False, None
        if leg.desk.caller.listens_for_silence:
            self._tell(leg.desk, hear.SoundStarted(now, leg.call))
        if leg.desk.caller.hears_early:
            leg.noticed = True
            if leg.duration != _ENDLESS:
                leg.handle = self._call_at(now + leg.duration, lambda: self._end(leg))
            self._tell(leg.desk, self._hearing(leg, what, whole=False))
        elif leg.duration <= self._audible:
            leg.handle = self._call_at(now + leg.duration, lambda: self._end(leg))
        else:
            leg.handle = self._call_at(now + self._audible, lambda: self._audibly(leg))

    def _audibly(self, leg: Leg) -> None:
        """Enough was heard to know what it is."""
        what = leg.what
        assert what is not None
        leg.noticed, leg.handle = True, None
        if leg.duration != _ENDLESS:
            # Set before the caller acts: what it does may stop this very sound.
            leg.handle = self._call_at(leg.began + leg.duration, lambda: self._end(leg))
        self._tell(leg.desk, self._hearing(leg, what, whole=False))

    def _end(self, leg: Leg) -> None:
        """A prompt or tone is over."""
        what, play, call = leg.what, leg.play, leg.call
        assert what is not None
        leg.what = leg.handle = None
        caller = leg.desk.caller
        if not leg.noticed or caller.listens_to_end or (leg.values and not caller.hears_early):
            self._tell(leg.desk, self._hearing(leg, what, whole=True))
        then, leg.then = leg.then, None
        if play:
            self._post(ev.PlaybackFinished(self._now(), call, play))
        elif then is not None:
            then()
            return
        if leg.what is None and call in self._legs:
            self._quiet(leg)

    def _hearing(self, leg: Leg, what: Playable, *, whole: bool) -> Event:
        now = self._now()
        if isinstance(what, Prompt):
            values = leg.values if whole else ()
            if what.id == ANNOUNCEMENT:
                number = str(dict(what.values).get("agent", "")) if whole else ""
                return hear.HeardAgent(
                    now, leg.call, number, what.text, values, what.language, leg.began, whole
                )
            known = self._canon.id_of(what.id, what.text, what.language)
            return hear.Heard(
                now, leg.call, known, what.text, values, what.language, leg.began, whole
            )
        if isinstance(what, Music):
            return hear.HeardMusic(now, leg.call, what.id, leg.began)
        return hear.HeardTone(now, leg.call, what.id, leg.began)

    def _silence(self, leg: Leg) -> None:
        if leg.handle is not None:
            leg.handle.cancel()
        leg.what = leg.handle = None

    def _quiet(self, leg: Leg) -> None:
        if leg.desk.caller.listens_for_silence:
            self._tell(leg.desk, hear.HeardSilence(self._now(), leg.call, 0.0))

    # --- the line's ends -----------------------------------------------------------------------

    def _drop(self, leg: Leg, reason: str) -> None:
        """The other side is gone."""
        self._silence(leg)
        if self._legs.pop(leg.call, None) is None:
            return
        if leg.desk.leg is leg:
            leg.desk.leg = None
        self._tell(leg.desk, hear.LineClosed(self._now(), leg.call, Party.SYSTEM, reason))

    def _unanswered(self, leg: Leg) -> None:
        self._post(ev.HungUp(self._now(), leg.call, Party.NETWORK, "no answer"))
        self._drop(leg, "no answer")
