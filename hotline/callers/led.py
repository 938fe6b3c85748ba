"""A caller led step by step: the scripted caller, whose story grows while it is played.

    caller = Led(scenario, ...)        the call is placed; time stands still
    caller.do(step)                    time passes until this step is done, or has failed
    caller.finish()                    hangs up if the line is open; the verdict

The steps are those of scenario files (`reading.parse` reads them): nothing has two meanings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hotline.callers import hearing as hear
from hotline.callers.player import Player
from hotline.callers.runner import Factory, call_id, judge, play_on
from hotline.callers.scenario import AnyStep, Scenario
from hotline.callers.transcript import Transcript
from hotline.callers.verdict import Failure, Verdict
from hotline.switch.chance import Chance
from hotline.switch.record import Entry


class LedPlayer(Player):
    """A player that waits at the end of its story for more of it, until it is let go."""

    let_go = False

    def __init__(self, scenario: Scenario, chance: Chance, canon: hear.Canon) -> None:
        super().__init__(scenario, chance, canon)
        # nobody knows yet what later steps listen for
        self.listens_for_silence = self.listens_to_end = True
        self._handlers[hear.Led] = lambda event: self._go(event.at)

    def add(self, step: AnyStep) -> None:
        """Write one more step into the story."""
        self.scenario = replace(self.scenario, story=(*self.scenario.story, step))

    @property
    def up_to_date(self) -> bool:
        """Whether every step so far is done."""
        return self._current() is None and not self._waiting

    @property
    def failures(self) -> Sequence[Failure]:
        """What has failed so far."""
        return self._failures

    @property
    def transcript(self) -> Transcript:
        """What has happened so far."""
        return self._writer.transcript()

    @property
    def heard(self) -> str:
        """What was said in the last thing that a step matched; "" for music, tones and silence."""
        return self._things[self._cursor - 1].text if self._cursor else ""

    def _end(self, at: float) -> None:
        if self.let_go:
            super()._end(at)


class Led:
    """One caller in virtual time. `scenario` is its world and watches; its story is what it has
    done before the first step, mostly nothing."""

    def __init__(self, scenario: Scenario, factory: Factory, seed: int = 0) -> None:
        self.seed = scenario.seed if scenario.seed is not None else seed
        self.hotline = factory(scenario, self.seed)
        self.player = LedPlayer(scenario, Chance(self.seed), self.hotline.canon)
        self.verdict: Verdict | None = None
        self.journal: dict[str, Sequence[Entry]] = {}
        self.hotline.line.place(self.player, call_id(scenario))

    def do(self, step: AnyStep) -> Sequence[Failure]:
        """Let time pass until `step` is done; what has failed so far, nothing if all is well."""
        self.player.add(step)
        self.hotline.line.lead(self.player)
        play_on(self.player, self.hotline, self._done)
        return self.player.failures

    def finish(self) -> Verdict:
        """End the call and judge it; a second time the same verdict."""
        if self.verdict is None:
            self.player.let_go = True
            self.hotline.line.lead(self.player)
            play_on(self.player, self.hotline, lambda: self.player.over)
            self.verdict, self.journal = judge(self.player, self.hotline, self.seed)
        return self.verdict

    def _done(self) -> bool:
        return self.player.over or self.player.up_to_date
