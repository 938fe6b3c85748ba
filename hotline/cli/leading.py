"""A caller for Python tests, led step by step in virtual time (the fixture `hotline_caller`).

    caller = hotline_caller(number="13800138000")
    caller.hear(contains="国家电网")        time passes until this is heard, or the step fails
    caller.press("1")
    caller.hear(prompt="fault")
    caller.hang_up()

Steps and world are those of scenario files, read by the same reader and played by the same player.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml

from hotline.callers import console
from hotline.callers.led import Led
from hotline.callers.reading import parse
from hotline.callers.scenario import AnyStep, Scenario, ScenarioError
from hotline.callers.transcript import Transcript
from hotline.callers.verdict import Verdict
from hotline.cli.suite import Played, Suite
from hotline.switch.record import CallRecord, Entry, fold
from menus.model import Place

__tracebackhide__ = True  # pytest shows the line of the test, not ours

CALLER_KEYS = ("number", "area", "reaction", "pause")
"""What is written under `caller:` in a scenario file."""


class CallFailedError(AssertionError):
    """A call did not go as the test says: what was expected, what was heard, the transcript."""


class Caller:
    """One caller. `world` is what a scenario file says beside its story: `given`, `always`,
    `never`, `left`, `persona`, `seed`, `limit`; and of `caller`: `number`, `area`, `reaction`,
    `pause`. Raises `CallFailedError` at the step that fails, `ScenarioError` for what is no step.
    """

    def __init__(self, suite: Suite, name: str, lang: str = "en", **world: Any) -> None:
        own = {key: world.pop(key) for key in CALLER_KEYS if key in world}
        caller = {**world.pop("caller", {}), **own}
        self._world = {"scenario": name, **({"caller": caller} if caller else {}), **world}
        self._suite, self._lang = suite, lang
        scenario = self._read({"hang_up": None})
        self._led: Led = suite.lead(replace(scenario, story=()))

    # --- steps ---------------------------------------------------------------------------------

    def hear(
        self, what: str | None = None, /, *, within: float | None = None, **conditions: Any
    ) -> str:
        """Wait until `what` (music, agent, closing, silence, ...) or something that meets the
        `conditions` (prompt, contains, matches, ...) is heard; what was said."""
        step: dict[str, Any] = {"hear": what if what is not None else conditions}
        if within is not None:
            step["within"] = within
        self.do(**step)
        return self._led.player.heard

    def agent_answers(self, *, within: float | None = None) -> str:
        """Wait until an agent has told the number (5.2.6.5); what was said."""
        self.do(agent="answered", **({} if within is None else {"within": within}))
        return self._led.player.heard

    def press(self, key: str) -> None:
        """Press one key."""
        self.do(press=key)

    def type(self, keys: str, *, pause: float | Sequence[float] | None = None) -> None:
        """Type keys at a human pace, or with `pause` seconds (or [min, max]) between two."""
        self.do(type=keys, **({} if pause is None else {"pause": _plain(pause)}))

    def say(self, text: str) -> None:
        """Say something."""
        self.do(say=text)

    def wait(self, seconds: float | Sequence[float]) -> None:
        """Do nothing for so long, or for a time between [min, max]."""
        self.do(wait=_plain(seconds))

    def call_again(self, after: float = 2.0) -> None:
        """Hang up if need be, and call once more."""
        self.do(call_again=None, after=after)

    def pick_up(self, *, within: float | None = None) -> None:
        """Wait for the telephone to ring (a call-back) and answer it."""
        self.do(pick_up=None, **({} if within is None else {"within": within}))

    def stay(self, *, within: float | None = None) -> None:
        """Stay on the line until the hotline hangs up."""
        self.do(stay=None, **({} if within is None else {"within": within}))

    def hang_up(self) -> Verdict:
        """Hang up; the whole call is judged, records left behind included."""
        self.do(hang_up=None)
        return self.finish()

    def do(self, **step: Any) -> None:
        """Any step as a scenario file has it: `do(type="123#", pause=[0.2, 0.4])`."""
        failures = self._led.do(self._read(step).story[0])
        if failures:
            self.finish()

    def finish(self) -> Verdict:
        """End the call, by hanging up if the line is open, and judge it."""
        verdict = self.close()
        if not verdict.passed:
            raise CallFailedError(console.story(verdict, self._lang, None))
        return verdict

    def close(self) -> Verdict:
        """End the call and judge it, whatever the verdict."""
        return self._suite.finish(self._led)

    @property
    def played(self) -> Played:
        """The verdict with the journal of each call; only of a call that has been judged."""
        assert self._led.verdict is not None
        return Played(self._led.verdict, self._led.journal)

    @property
    def finished(self) -> bool:
        """Whether the call has been judged."""
        return self._led.verdict is not None

    # --- what came of it -----------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds of the call clock; the call was placed at 0."""
        return self._led.hotline.clock.now()

    @property
    def transcript(self) -> Transcript:
        """What was heard and pressed so far."""
        return self._led.player.transcript

    @property
    def journal(self) -> Sequence[Entry]:
        """The journal of the last call so far."""
        calls = self._led.player.calls
        return self._led.hotline.entries(calls[-1]) if calls else ()

    @property
    def record(self) -> CallRecord:
        """The row of the last call, as every report sees it."""
        return fold(self.journal)

    def left(self, kind: str) -> list[Mapping[str, object]]:
        """Records of `kind` (work_order, message, ...) that were made or changed so far."""
        return list(self._led.hotline.left(kind))

    # --- reading -------------------------------------------------------------------------------

    def _read(self, step: Mapping[str, Any]) -> Scenario:
        """The scenario of this one step, placed where the test says it."""
        place = _place()
        text = yaml.safe_dump({**self._world, "story": [dict(step)]}, allow_unicode=True)
        try:
            scenario = parse(text, place.file)[0]
        except ScenarioError as error:
            problems = [replace(problem, place=place) for problem in error.problems]
            raise ScenarioError(problems) from None
        story: Iterable[AnyStep] = (replace(one, place=place) for one in scenario.story)
        watches = tuple(replace(watch, place=place) for watch in scenario.watches)
        left = tuple(replace(one, place=place) for one in scenario.left)
        return replace(scenario, place=place, story=tuple(story), watches=watches, left=left)


def _place() -> Place:
    """The line of the test that called: the first frame outside this module and the plugin."""
    frame = sys._getframe(1)
    ours = (__name__, "hotline.cli.pytest_plugin")
    while frame.f_back is not None and frame.f_globals.get("__name__") in ours:
        frame = frame.f_back
    file = frame.f_code.co_filename
    try:
        shown = os.path.relpath(file)
    except ValueError:  # another drive
        shown = file
    return Place(file if shown.startswith(os.pardir) else shown, frame.f_lineno)


def _plain(seconds: float | Sequence[float]) -> float | list[float]:
    return list(seconds) if isinstance(seconds, Sequence) else seconds
