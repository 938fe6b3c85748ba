"""One suite of scenarios in virtual time: what `hotline test` and the pytest plugin both run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hotline.callers.coverage import Coverage
from hotline.callers.led import Led
from hotline.callers.runner import run_with_journal
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.cli.virtual import VirtualHotline, scenario_hotlines
from hotline.switch.record import Entry
from menus.model import Place
from menus.targets import playable


class Played(NamedTuple):
    """A scenario that was run: the verdict, and the journal of each of its calls."""

    verdict: Verdict
    journal: Mapping[str, Sequence[Entry]]


class Suite:
    """Plays scenarios against `book` (a path; None: the built-in one), each against a new hotline.

    With `covers` it counts what they reach (`coverage`), clauses of the standard included.
    """

    def __init__(self, book: str | None = None, seed: int = 0, *, covers: bool = False) -> None:
        self.book = playable(book)
        self.seed = seed
        self._hotlines = scenario_hotlines(self.book)
        self.coverage = Coverage(self.book, call_clauses()) if covers else None
        self._clauses = Clauses(self) if covers else None

    def hotline(self, scenario: Scenario, seed: int) -> VirtualHotline:
        """The hotline that `scenario` needs (`callers.runner.Factory`)."""
        return self._hotlines(scenario, seed)

    def play(self, scenario: Scenario) -> Played:
        """Play one scenario and count what it reached."""
        made: list[VirtualHotline] = []

        def factory(wanted: Scenario, seed: int) -> VirtualHotline:
            made.append(self.hotline(wanted, seed))
            return made[-1]

        played = Played(*run_with_journal(scenario, factory, self.seed))
        self.count(played, made[-1])
        return played

    def lead(self, scenario: Scenario) -> Led:
        """A caller to be led step by step, and to be ended with `finish`."""
        return Led(scenario, self.hotline, self.seed)

    def finish(self, led: Led) -> Verdict:
        """End a led caller, and count what it reached; a second time only the verdict."""
        first, verdict = led.verdict is None, led.finish()
        if first:
            assert isinstance(led.hotline, VirtualHotline)
            self.count(Played(verdict, led.journal), led.hotline)
        return verdict

    def count(self, played: Played, hotline: VirtualHotline) -> None:
        """Take what a scenario reached into the coverage."""
        if self.coverage is None or self._clauses is None:
            return
        passed = played.verdict.passed
        for entries in played.journal.values():
            self.coverage.add(entries, passed=passed)
            # checking costs a tenth of playing: no more of it when nothing can be learnt
            if entries and not self._clauses.all_seen:
                seen = self._clauses.of(entries, hotline)
                self.coverage.exercised(seen, passed=passed)
                self._clauses.all_seen = self.coverage.settled("clauses")


class Clauses:
    """Which clauses of the standard the checks could look at in a call. `all_seen`: scenarios that
    passed have reached every one."""

    def __init__(self, suite: Suite) -> None:
        from hotline.standard.call_checks import CallChecker
        from hotline.standard.clauses import edition
        from hotline.switch.record import fold

        self._fold = fold
        self._checker = CallChecker(edition(), book=suite.book)
        self._roster: object = None  # whom the checker knows
        self.all_seen = False

    def of(self, entries: Sequence[Entry], hotline: VirtualHotline) -> set[str]:
        """The clauses' numbers."""
        roster = hotline.parts.roster
        if roster is not self._roster:
            agents = {profile.id: profile for profile in roster}
            self._checker, self._roster = self._checker.answered_by(agents), roster
        return {result.clause for result in self._checker.check(entries, self._fold(entries))}


def call_clauses() -> dict[str, Place]:
    """The clauses that the events of a call can show, and where each is written."""
    from importlib.resources import files

    from hotline.standard.clauses import clauses

    source = files("hotline.standard") / "clauses.yaml"
    lines = source.read_text("utf-8").splitlines()
    at = {line.rstrip(":"): number for number, line in enumerate(lines, 1) if line.endswith(":")}
    return {
        number: Place(str(source), at.get(number, 0))
        for number, clause in clauses().items()
        if "call" in clause.sees
    }
