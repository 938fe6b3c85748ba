"""The scripted caller: plays a scenario's story against whatever is heard.

    OffHook -> Dial ... LineAnswered -> step, step, ... -> end of story -> LeaveCall -> verdict

- A `hear` step is done when something matches that was heard after the last match and after the
  last key; the next action follows after the caller's reaction time.
- `cursor` is the first thing heard that may still match: one past the last match, and past all
  that was heard when a key is pressed (that cannot be its consequence).
- A step that fails ends the story: the caller hangs up. Watchers fail beside the story.

Pure: no clock, no chance of its own; waiting is `StartTimer`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.callers import explaining
from hotline.callers import hearing as hear
from hotline.callers import scenario as sc
from hotline.callers.attention import Attention
from hotline.callers.hearing import Canon
from hotline.callers.manners import same_prompt
from hotline.callers.matching import Thing, satisfies
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Failure, Verdict
from hotline.switch import actions as do
from hotline.switch.actions import Action
from hotline.switch.chance import Chance
from hotline.switch.events import Event, Party, TimerFired
from menus.model import Place
from menus.wording import Both

_NO_CANON = Canon()
_TIMERS = ("limit", "within", "step", "agent", "quiet", "silence", "answer")
_OF_A_PERSONA = ("mend", "patience", "talk")


class Player(Attention):
    """One scripted caller. `canon` tells which prompts sound alike (`Canon.of_book`), `late` how
    late it may hear of a sound (`Attention`)."""

    def __init__(
        self,
        scenario: Scenario,
        chance: Chance | None = None,
        canon: Canon = _NO_CANON,
        late: float = 0.0,
    ) -> None:
        super().__init__(scenario, chance or Chance(scenario.seed or 0), canon, late)
        self.number = scenario.number
        self.area = scenario.area
        self.listens_for_silence = scenario.listens_for_silence
        self.listens_to_end = scenario.listens_to_end
        self.hears_early = False
        self.calls: list[str] = []
        self.verdict: Verdict | None = None
        self._keys = ""  # what the present step presses, mistakes included
        self._mending = ""  # keys that mend a mistake
        self._missed: tuple[str, ...] = ()  # a prompt that went by, to be heard again
        self._index = 0
        self._typed = 0
        self._ready = 0.0  # instant from which the caller can act
        self._waiting = False  # for the timer "step"
        self._closed_by: Party | None = None
        self._refusal = ""
        self._ringing = False
        self._began: float | None = None
        self._failures: list[Failure] = []
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            hear.OffHook: self._off_hook,
            hear.LineAnswered: self._answered,
            hear.LineClosed: self._closed,
            hear.Rings: self._rings,
            hear.Heard: self._heard,
            hear.HeardAgent: self._heard,
            hear.HeardMusic: self._music,
            hear.HeardTone: self._tone,
            hear.HeardSilence: self._silence,
            hear.SoundStarted: self._sound,
            hear.Stopped: self._stopped,
            TimerFired: self._timer,
        }
        self._steps: dict[type[sc.Step], Callable[[Any, float], bool]] = {
            sc.Hear: self._hear,
            sc.PressKey: self._press,
            sc.TypeKeys: self._type,
            sc.Say: self._say,
            sc.Wait: self._wait,
            sc.HangUp: self._hang_up,
            sc.CallAgain: self._call_again,
            sc.PickUp: self._pick_up,
            sc.GiveUp: self._give_up,
        }

    @property
    def over(self) -> bool:
        """Whether the verdict is known."""
        return self.verdict is not None

    def handle(self, event: Event) -> list[Action]:
        """Take one event of the caller's side (`hearing`), say what the caller does."""
        if self.verdict is not None:
            return []
        self._out = []
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)
            self._note_watches(event.at)
        return self._out

    def _stopped(self, event: hear.Stopped) -> None:
        self._break(Both(f"被中止：{event.why}", event.why), event.at)

    # --- the line ------------------------------------------------------------------------------

    def _off_hook(self, event: hear.OffHook) -> None:
        self._began = event.at
        self._start("limit", self.scenario.limit)
        self._dial(event.at)

    def _dial(self, at: float) -> None:
        self._line = "calling"
        self._closed_by, self._refusal = None, ""
        self._start("answer", sc.ANSWER_WITHIN)
        self._out.append(do.Dial(self.scenario.number))

    def _answered(self, event: hear.LineAnswered) -> None:
        self._line = "open"
        self._ringing = self._talking = False
        self._quiet = event.at
        self.calls.append(event.call)
        self._out.append(do.CancelTimer("answer"))
        self._watch_silence(event.at)
        self._go(event.at)

    def _closed(self, event: hear.LineClosed) -> None:
        if self._line in ("idle", "closed"):
            self._ringing = False
            return
        if self._line == "calling":
            self._out.append(do.CancelTimer("answer"))
            self.calls.append(event.call)
            self._refusal = event.reason if event.by is Party.NETWORK else ""
        self._line, self._closed_by = "closed", event.by
        self._quiet = None
        who = "caller" if event.by is Party.CALLER else "hotline"
        place = self._writer.add("hung up", who)
        self._watch.closed(by_caller=False)
        self._notice(Thing("hangup", who, place=place), event.at, event.at)
        self._go(event.at)

    def _rings(self, event: hear.Rings) -> None:
        self._ringing = True
        self._go(event.at)

    # --- timers --------------------------------------------------------------------------------

    def _timer(self, event: TimerFired) -> None:
        at = event.at
        match event.timer:
            case "step":
                self._waiting = False
                self._go(at)
            case "within":
                self._not_in_time(at)
            case "agent":
                self._watch.still_waiting(at)
            case "mend" if self._line == "open":
                self._mend_key(at)
            case "patience" | "talk" if self._line == "open":
                self._lose_patience(event.timer, at)
            case "quiet" if self._quiet is not None and self._line == "open":
                self._watch.silent(at - self._quiet)
            case "silence" if self._quiet is not None and self._line == "open":
                thing = Thing("silence", "silence", seconds=at - self._quiet + 1e-9)
                self._things.append(thing)
                self._go(at)
            case "answer" if self._line == "calling":
                self._out.append(do.LeaveCall())
                self._line = "closed"
                self._break(explaining.not_answered(sc.ANSWER_WITHIN), at)
            case "limit":
                self._break(explaining.at_the_limit(self.scenario.limit), at)

    # --- the story -----------------------------------------------------------------------------

    def _current(self) -> sc.AnyStep | None:
        story = self.scenario.story
        return story[self._index] if self._index < len(story) else None

    def _go(self, at: float) -> None:
        """Do steps until one has to wait."""
        while self.verdict is None and not self._waiting and self._line not in ("idle", "calling"):
            step = self._current()
            if step is None:
                self._end(at)
                return
            if not self._steps[type(step)](step, at):
                return
            self._index += 1
            self._typed, self._keys = 0, ""

    def _hear(self, step: sc.Hear, at: float) -> bool:
        for index in range(self._cursor, len(self._things)):
            thing = self._things[index]
            ids = self._ids(thing)
            if satisfies(thing, step.what, ids) or same_prompt(ids, self._missed):
                self._cursor = index + 1
                if self._misses(step, ids):
                    return False
                self._ready = at + self._reaction()
                if self._typed:
                    self._out.append(do.CancelTimer("within"))
                return True
        if self._line == "closed":
            self._break(self._line_closed(), at)
        elif self._typed == 0:
            self._typed = 1  # the limit is running
            self._start("within", step.within)
            if step.what.kind == "silence" and self._quiet is not None:
                self._start("silence", max(0.0, self._quiet + step.what.seconds - at))
        return False

    def _misses(self, step: sc.Hear, ids: tuple[str, ...]) -> bool:
        """What was waited for is heard; whether a persona lets it go by and waits for it again."""
        manners = self._manners
        if manners is None:
            return False
        manners.satisfied()
        self._mending = ""
        self._out.append(do.CancelTimer("mend"))
        if self._line == "open" and manners.misses(self._index, self._next()):
            self._missed, self._typed = ids, 1
            self._start("within", step.within)
            return True
        self._missed = ()
        return False

    def _next(self) -> sc.AnyStep | None:
        after = self._index + 1
        return self.scenario.story[after] if after < len(self.scenario.story) else None

    def _not_in_time(self, at: float) -> None:
        step = self._current()
        late = None if step is None else explaining.not_in_time(step)
        if late is not None:
            self._break(late, at)

    def _press(self, step: sc.PressKey, at: float) -> bool:
        if not self._can_act(at):
            return False
        self._key(self._pressed(step), at, self.scenario.pace)
        return True

    def _type(self, step: sc.TypeKeys, at: float) -> bool:
        while not self._keys or self._typed < len(self._keys):
            if not self._can_act(at):
                return False
            if not self._keys:
                self._keys = self._pressed(step)
            self._key(self._keys[self._typed], at, step.pause)
            self._typed += 1
        return True

    def _pressed(self, step: sc.PressKey | sc.TypeKeys) -> str:
        """The keys of a step, mistakes included."""
        if self._manners is None:
            return step.key if isinstance(step, sc.PressKey) else step.keys
        asked = next(
            (self._ids(t) for t in reversed(self._things[: self._cursor]) if t.kind == "prompt"), ()
        )
        return self._manners.keys(step, self._next(), asked)

    def _mend(self, keys: str) -> None:
        """Press `keys` after the reaction time, because of a mistake."""
        if keys:
            self._mending = keys
            self._start("mend", self._reaction())

    def _mend_key(self, at: float) -> None:
        if self._mending:
            key, self._mending = self._mending[0], self._mending[1:]
            self._key(key, at, self.scenario.pace)
            if self._mending:
                self._start("mend", self._ready - at)

    def _lose_patience(self, timer: str, at: float) -> None:
        """The persona has waited, or talked, as long as it will."""
        assert self._manners is not None
        name = self._manners.persona.name
        if timer == "talk" and not self._talking:
            return
        if isinstance(self._current(), sc.GiveUp):
            self._leave()
            self._go(at)
            return
        waited = at - self._watch.asked if self._watch.asked is not None else 0.0
        self._leave()
        self._break(explaining.gave_up(name, waited, talked=timer == "talk"), at)

    def _give_up(self, step: sc.GiveUp, at: float) -> bool:
        if self._line == "closed":
            if self._closed_by is Party.CALLER:
                self._out.append(do.CancelTimer("within"))
                return True
            self._break(self._line_closed(), at)
        elif self._typed == 0:
            self._typed = 1
            self._start("within", step.within)
        return False

    def _key(self, key: str, at: float, pause: sc.Duration) -> None:
        self._out.append(do.Press(key))
        self._writer.add("pressed", key)
        self._watch.pressed(at)
        self._cursor = len(self._things)
        self._ready = at + pause.quantile(self._draw("pause"))

    def _say(self, step: sc.Say, at: float) -> bool:
        if not self._can_act(at):
            return False
        self._out.append(do.Speak(do.Prompt("caller", step.text)))
        return True

    def _wait(self, step: sc.Wait, at: float) -> bool:
        if self._typed:
            return True
        self._typed = 1
        return self._sleep(step.time.quantile(self._draw("wait")))

    def _hang_up(self, step: sc.HangUp, at: float) -> bool:
        if not self._can_act(at):
            return False
        self._leave()
        return True

    def _call_again(self, step: sc.CallAgain, at: float) -> bool:
        if self._line == "open":
            if not self._can_act(at):
                return False
            self._leave()
        if not self._typed:
            self._typed = 1
            return self._sleep(step.after.quantile(self._draw("again")))
        self._cursor = len(self._things)
        self._dial(at)
        return True

    def _pick_up(self, step: sc.PickUp, at: float) -> bool:
        if self._line == "open":
            if self._typed == 0:
                self._break(explaining.STILL_ON_THE_LINE, at)
                return False
            return True
        if self._ringing:
            self._ringing = False
            self._out += (do.CancelTimer("within"), do.Answer())
            self._cursor = len(self._things)
            self._typed = 2
        elif self._typed == 0:
            self._typed = 1
            self._start("within", step.within)
        return False

    def _can_act(self, at: float) -> bool:
        """Whether the caller may act now; else waits for it, or breaks off if the line is gone."""
        if self._line == "closed":
            self._break(self._line_closed(), at)
            return False
        if at < self._ready - 1e-9:
            return self._sleep(self._ready - at)
        return True

    def _sleep(self, seconds: float) -> bool:
        if seconds <= 0:
            return True
        self._waiting = True
        self._start("step", seconds)
        return False

    def _leave(self) -> None:
        self._out.append(do.LeaveCall())
        self._writer.add("hung up", "caller")
        self._line, self._closed_by = "closed", Party.CALLER
        self._quiet = None
        self._watch.closed(by_caller=True)

    def _line_closed(self) -> Both:
        by_caller = self._closed_by is Party.CALLER
        return explaining.line_closed(by_caller=by_caller, refusal=self._refusal)

    def _reaction(self) -> float:
        time = self.scenario.reaction
        if isinstance(time, sc.Span) and time.low == time.high:
            return time.low
        return time.quantile(self._draw("reaction"))

    # --- the end -------------------------------------------------------------------------------

    def _end(self, at: float) -> None:
        """The story is over; whoever is still on the line hangs up."""
        if self._line == "open":
            if at < self._ready - 1e-9:
                self._sleep(self._ready - at)
                return
            self._leave()
        self._finish(at)

    def _break(self, got: Both, at: float) -> None:
        step = self._current()
        place = self.scenario.place if step is None else step.place
        want = step.what if isinstance(step, sc.Hear) else None
        notes = [explaining.position(self.scenario, self._index)]
        if want is None:
            notes.append(explaining.instead(self._things[self._cursor :]))
        else:
            notes += explaining.notes(self._things, self._cursor, want, self._ids)
            agents = self.scenario.given.agents
            if want.kind == "agent" and agents is not None:
                notes.append(explaining.on_duty(agents))
        if self._manners is not None and self._manners.slips:
            notes.append(explaining.slipped(self._manners.persona.name, self._manners.slips))
        self._fail(self._index, place, explaining.step_words(step), got, at, tuple(notes))
        self._finish(at)

    def _finish(self, at: float) -> None:
        if self._line in ("open", "calling"):
            self._leave()
        duration = at - (self._began if self._began is not None else at)
        self._watch.over(self._things, duration, self._ids)
        self._note_watches(at)
        place = self.scenario.place
        self._out += [
            do.CancelTimer(name)
            for name in (_TIMERS if self._manners is None else (*_TIMERS, *_OF_A_PERSONA))
        ]
        self.verdict = Verdict(
            scenario=self.scenario.name,
            file=place.file,
            line=place.line,
            passed=not self._failures,
            failures=tuple(self._failures),
            transcript=self._writer.transcript(),
            duration=duration,
            calls=tuple(self.calls),
            row=self.scenario.row,
        )

    def _note_watches(self, at: float) -> None:
        for watch, why in self._watch.failed:
            self._fail(None, watch.place, Both(watch.words, watch.words), why, at)
        self._watch.failed.clear()

    def _fail(
        self,
        step: int | None,
        place: Place,
        expected: Both,
        got: Both,
        at: float,
        notes: tuple[Both, ...] = (),
    ) -> None:
        self._failures.append(
            Failure(
                step,
                place.file,
                place.line,
                expected.en,
                got.en,
                self._writer.transcript(),
                at - (self._began if self._began is not None else at),
                expected,
                got,
                notes,
            )
        )
