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

from hotline.callers import hearing as hear
from hotline.callers import scenario as sc
from hotline.callers.hearing import AUDIBLE, Canon, Values
from hotline.callers.matching import Thing, satisfies
from hotline.callers.scenario import Scenario
from hotline.callers.transcript import Writer
from hotline.callers.verdict import Failure, Verdict
from hotline.callers.watchers import SLACK, Watchers
from hotline.switch import actions as do
from hotline.switch.actions import Action
from hotline.switch.chance import Chance
from hotline.switch.events import Event, Party, TimerFired
from menus.model import Place

_NO_CANON = Canon()


class Player:
    """One scripted caller. `canon` tells which prompts sound alike (`Canon.of_book`)."""

    def __init__(
        self, scenario: Scenario, chance: Chance | None = None, canon: Canon = _NO_CANON
    ) -> None:
        self.scenario = scenario
        self.number = scenario.number
        self.area = scenario.area
        self.listens_for_silence = scenario.listens_for_silence
        self.listens_to_end = scenario.listens_to_end
        self.hears_early = False
        self.calls: list[str] = []
        self.verdict: Verdict | None = None
        self._chance = chance or Chance(scenario.seed or 0)
        self._canon = canon
        self._watch = Watchers(scenario.watches)
        self._writer = Writer()
        self._things: list[Thing] = []
        self._cursor = 0
        self._index = 0
        self._typed = 0
        self._draws = 0
        self._ready = 0.0  # instant from which the caller can act
        self._waiting = False  # for the timer "step"
        self._line = "idle"  # idle | calling | open | closed
        self._closed_by: Party | None = None
        self._ringing = False
        self._talking = False
        self._quiet: float | None = None  # since when nothing has been heard
        self._began: float | None = None
        self._failures: list[Failure] = []
        self._out: list[Action] = []
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
        self._break(event.why, event.at)

    # --- the line ------------------------------------------------------------------------------

    def _off_hook(self, event: hear.OffHook) -> None:
        self._began = event.at
        self._start("limit", self.scenario.limit)
        self._dial(event.at)

    def _dial(self, at: float) -> None:
        self._line = "calling"
        self._closed_by = None
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

    # --- hearing -------------------------------------------------------------------------------

    def _heard(self, event: hear.Heard | hear.HeardAgent) -> None:
        if isinstance(event, hear.HeardAgent):
            agent, what = True, event.number
        else:
            agent, what = False, event.prompt
        if event.whole and self._completes(event, agent, what):
            return
        self._talking = agent or (self._talking and what.startswith("agent."))
        values: Values = event.values if event.whole else ()
        if agent and not event.whole:
            what = ""  # the number is not known before the end
        place = self._writer.add("agent" if agent else "heard", what, () if agent else values)
        thing = Thing(
            "agent" if agent else "prompt",
            what,
            event.template,
            values,
            event.language,
            event.whole,
            place,
        )
        self._notice(thing, event.at, event.began)
        self._go(event.at)

    def _completes(self, event: hear.Heard | hear.HeardAgent, agent: bool, what: str) -> bool:
        """More of a prompt that was noticed already; False if it was not."""
        for thing in reversed(self._things):
            if thing.whole or thing.kind not in ("prompt", "agent"):
                continue
            if (thing.kind == "agent") != agent or (not agent and thing.what != what):
                continue
            if thing.template != event.template:
                continue
            thing.values, thing.whole, thing.what = event.values, True, what
            self._writer.complete(thing.place, what, () if agent else event.values)
            self._watch.heard(thing, self._ids(thing))
            self._go(event.at)
            return True
        return False

    def _music(self, event: hear.HeardMusic) -> None:
        place = self._writer.add("music", event.music)
        self._notice(Thing("music", event.music, place=place), event.at, event.began)
        self._go(event.at)

    def _tone(self, event: hear.HeardTone) -> None:
        place = self._writer.add("tone", event.tone)
        self._notice(Thing("tone", event.tone, place=place), event.at, event.began)
        self._go(event.at)

    def _notice(self, thing: Thing, at: float, began: float) -> None:
        self._things.append(thing)
        was_asking = self._watch.asked
        self._watch.began(thing, self._ids(thing), began)
        asked, limit = self._watch.asked, self._watch.agent_limit
        if limit is None or asked == was_asking:
            return
        if asked is None:
            self._out.append(do.CancelTimer("agent"))
        else:
            # the announcement is noticed AUDIBLE seconds after it began
            self._start("agent", max(0.0, asked + limit + AUDIBLE + SLACK - at))

    def _ids(self, thing: Thing) -> tuple[str, ...]:
        return self._canon.aliases(thing.what) if thing.kind == "prompt" else (thing.what,)

    def _silence(self, event: hear.HeardSilence) -> None:
        if self._talking:
            return  # a conversation is not modelled word by word
        self._quiet = event.at - event.seconds
        self._watch_silence(event.at)
        step = self._current()
        if isinstance(step, sc.Hear) and step.what.kind == "silence" and self._line == "open":
            self._start("silence", max(0.0, self._quiet + step.what.seconds - event.at))

    def _sound(self, event: hear.SoundStarted) -> None:
        if self._quiet is not None:
            self._quiet = None
            self._out += (do.CancelTimer("silence"), do.CancelTimer("quiet"))

    def _watch_silence(self, at: float) -> None:
        limit = self._watch.silence_limit
        if limit is not None and self._quiet is not None:
            self._start("quiet", max(0.0, self._quiet + limit - at))

    # --- timers --------------------------------------------------------------------------------

    def _start(self, timer: str, seconds: float) -> None:
        self._out.append(do.StartTimer(timer, seconds))

    def _timer(self, event: TimerFired) -> None:
        at = event.at
        match event.timer:
            case "step":
                self._waiting = False
                self._go(at)
            case "within":
                self._miss(at)
            case "agent":
                self._watch.still_waiting(at)
            case "quiet" if self._quiet is not None and self._line == "open":
                self._watch.silent(at - self._quiet)
            case "silence" if self._quiet is not None and self._line == "open":
                thing = Thing("silence", "silence", seconds=at - self._quiet + 1e-9)
                self._things.append(thing)
                self._go(at)
            case "answer" if self._line == "calling":
                self._out.append(do.LeaveCall())
                self._line = "closed"
                self._break(f"the hotline did not answer within {sc.ANSWER_WITHIN:g} s", at)
            case "limit":
                self._break(f"stopped after {self.scenario.limit:g} s", at)

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
            self._typed = 0

    def _hear(self, step: sc.Hear, at: float) -> bool:
        for index in range(self._cursor, len(self._things)):
            thing = self._things[index]
            if satisfies(thing, step.what, self._ids(thing)):
                self._cursor = index + 1
                self._ready = at + self._reaction()
                if self._typed:
                    self._out.append(do.CancelTimer("within"))
                return True
        if self._line == "closed":
            self._break(f"the line was closed by the {self._who_closed()}", at)
        elif self._typed == 0:
            self._typed = 1  # the limit is running
            self._start("within", step.within)
            if step.what.kind == "silence" and self._quiet is not None:
                self._start("silence", max(0.0, self._quiet + step.what.seconds - at))
        return False

    def _miss(self, at: float) -> None:
        step = self._current()
        if isinstance(step, sc.Hear):
            self._break(f"not heard within {step.within:g} s", at)
        elif isinstance(step, sc.PickUp):
            self._break(f"the telephone did not ring within {step.within:g} s", at)

    def _press(self, step: sc.PressKey, at: float) -> bool:
        if not self._can_act(at):
            return False
        self._key(step.key, at, sc.PACE)
        return True

    def _type(self, step: sc.TypeKeys, at: float) -> bool:
        while self._typed < len(step.keys):
            if not self._can_act(at):
                return False
            self._key(step.keys[self._typed], at, step.pause)
            self._typed += 1
        return True

    def _key(self, key: str, at: float, pause: sc.Span) -> None:
        self._out.append(do.Press(key))
        self._writer.add("pressed", key)
        self._watch.pressed(at)
        self._cursor = len(self._things)
        self._ready = at + pause.draw(self._draw("pause"))

    def _say(self, step: sc.Say, at: float) -> bool:
        if not self._can_act(at):
            return False
        self._out.append(do.Speak(do.Prompt("caller", step.text)))
        return True

    def _wait(self, step: sc.Wait, at: float) -> bool:
        if self._typed:
            return True
        self._typed = 1
        return self._sleep(step.time.draw(self._draw("wait")))

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
            return self._sleep(step.after.draw(self._draw("again")))
        self._cursor = len(self._things)
        self._dial(at)
        return True

    def _pick_up(self, step: sc.PickUp, at: float) -> bool:
        if self._line == "open":
            if self._typed == 0:
                self._break("the caller is still on the line", at)
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
            self._break(f"the line was closed by the {self._who_closed()}", at)
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

    def _who_closed(self) -> str:
        return "caller" if self._closed_by is Party.CALLER else "hotline"

    def _draw(self, purpose: str) -> float:
        self._draws += 1
        return self._chance.uniform(purpose, f"{self.scenario.name}/{self._draws}")

    def _reaction(self) -> float:
        span = self.scenario.reaction
        return span.low if span.low == span.high else span.draw(self._draw("reaction"))

    # --- the end -------------------------------------------------------------------------------

    def _end(self, at: float) -> None:
        """The story is over; whoever is still on the line hangs up."""
        if self._line == "open":
            if at < self._ready - 1e-9:
                self._sleep(self._ready - at)
                return
            self._leave()
        self._finish(at)

    def _break(self, got: str, at: float) -> None:
        self._fail(self._index, self._place(), self._step_words() or "the story to end", got, at)
        self._finish(at)

    def _finish(self, at: float) -> None:
        if self._line in ("open", "calling"):
            self._leave()
        self._watch.over()
        self._note_watches(at)
        place = self.scenario.place
        self._out += [
            do.CancelTimer(name)
            for name in ("limit", "within", "step", "agent", "quiet", "silence", "answer")
        ]
        self.verdict = Verdict(
            scenario=self.scenario.name,
            file=place.file,
            line=place.line,
            passed=not self._failures,
            failures=tuple(self._failures),
            transcript=self._writer.transcript(),
            duration=at - (self._began if self._began is not None else at),
            calls=tuple(self.calls),
        )

    def _note_watches(self, at: float) -> None:
        for watch in self._watch.failed:
            got = (
                "it was not heard"
                if watch.when == "always" and watch.kind == "hear"
                else ("it happened" if watch.when == "never" else "it did not hold")
            )
            self._fail(None, watch.place, watch.words, got, at)
        self._watch.failed.clear()

    def _fail(self, step: int | None, place: Place, expected: str, got: str, at: float) -> None:
        since = at - (self._began if self._began is not None else at)
        self._failures.append(
            Failure(step, place.file, place.line, expected, got, self._writer.transcript(), since)
        )

    def _place(self) -> Place:
        step = self._current()
        return self.scenario.place if step is None else step.place

    def _step_words(self) -> str:
        """The current step as a person would say it."""
        step = self._current()
        match step:
            case sc.Hear(what=what):
                return f"to hear {what.words}"
            case sc.PressKey(key=key):
                return f"to press {key}"
            case sc.TypeKeys():
                return "to type keys"
            case sc.PickUp():
                return "the telephone to ring"
            case None:
                return ""
        return f"to {type(step).__name__.lower()}"
