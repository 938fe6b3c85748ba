"""Which scenarios kill which mutants of a book: `hotline test --mutate`.

A mutant is killed by a scenario that passes on the book and fails on the mutant; one that never
ends, or that the mutant cannot even serve, has failed. Only scenarios that reached the mutated
place on the book are played, the most telling first, and the first kill ends it.

    journal of each scenario on the book -> the spots it reached
    mutant -> scenarios that reached its spots -> killed by one, or survived all, or reached by none
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hotline.callers.coverage import Coverage
from hotline.callers.runner import Factory, run, run_with_journal
from hotline.callers.scenario import Scenario
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import Entry
from menus.model import Book
from menus.mutants import QUEUE, Mutant, Spot

GENERATED = "generated"
"""Tag of scenarios that were enumerated from a book: their kills are counted apart."""
SUITES = ("hand-written", GENERATED)

Factories = Callable[[Book], Factory]
"""Builds hotlines that work by a given book."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a suite makes of one mutant. `killed_by`: the first scenario that failed, "" if none
    did; `noticed_nothing`: those that reached the place and passed."""

    mutant: Mutant
    suite: str
    killed_by: str = ""
    noticed_nothing: tuple[str, ...] = ()

    @property
    def killed(self) -> bool:
        """Whether the suite notices."""
        return bool(self.killed_by)


@dataclass(slots=True)
class Bench:
    """Scenarios that pass on `book`, and what each of them reached of it.

    `failing` are those that do not pass; they can kill nothing and are left out.
    """

    book: Book
    factories: Factories
    seed: int = 0
    failing: list[str] = field(default_factory=list)
    _suites: dict[str, list[tuple[Scenario, frozenset[Spot], float]]] = field(default_factory=dict)

    def add(self, scenarios: Iterable[Scenario]) -> None:
        """Play scenarios on the book itself and remember where they came."""
        factory = self.factories(self.book)
        for scenario in scenarios:
            verdict, journal = run_with_journal(scenario, factory, self.seed)
            if not verdict.passed:
                self.failing.append(scenario.name)
                continue
            spots = frozenset(spots_of(self.book, journal))
            self._suites.setdefault(suite_of(scenario), []).append(
                (scenario, spots, verdict.duration)
            )

    @property
    def suites(self) -> list[str]:
        """The suites that have scenarios."""
        return [suite for suite in SUITES if self._suites.get(suite)]

    def candidates(self, mutant: Mutant, suite: str) -> list[Scenario]:
        """The scenarios of `suite` that reached the mutated place, the most telling first: those
        that reached the first of its spots, and of these the shortest call."""
        spots = mutant.spots
        found = [
            (next(near for near, spot in enumerate(spots) if spot in seen), seconds, at, scenario)
            for at, (scenario, seen, seconds) in enumerate(self._suites.get(suite, ()))
            if not seen.isdisjoint(spots)
        ]
        return [scenario for _, _, _, scenario in sorted(found, key=lambda one: one[:3])]

    def judge(self, mutant: Mutant) -> Iterator[Result]:
        """What each suite makes of `mutant`."""
        factory = self.factories(mutant.change(self.book))
        for suite in self.suites:
            yield self._judge(mutant, suite, factory)

    def _judge(self, mutant: Mutant, suite: str, factory: Factory) -> Result:
        passed: list[str] = []
        for scenario in self.candidates(mutant, suite):
            if fails(scenario, factory, self.seed):
                return Result(mutant, suite, scenario.name, tuple(passed))
            passed.append(scenario.name)
        return Result(mutant, suite, "", tuple(passed))


def suite_of(scenario: Scenario) -> str:
    """Hand-written, or enumerated from a book."""
    return GENERATED if GENERATED in scenario.tags else SUITES[0]


def fails(scenario: Scenario, factory: Factory, seed: int) -> bool:
    """Whether the scenario does not pass; a hotline that breaks down under it has failed too."""
    try:
        return not run(scenario, factory, seed).passed
    except Exception:  # whatever a mutant makes the hotline raise, somebody would notice
        return True


# --- what a call reached -------------------------------------------------------------------------


def spots_of(book: Book, journal: Mapping[str, Sequence[Entry]]) -> Iterator[Spot]:
    """What of `book` the journals of a scenario's calls show to have been reached."""
    coverage = Coverage(book)
    for entries in journal.values():
        coverage.add(entries)
        for entry in entries:
            match entry.event:
                case ev.Did(action=do.Play(what=do.Prompt() as prompt)):
                    yield "prompts", prompt.id, prompt.language
                case ev.AgentRequested():
                    yield QUEUE
    for item in coverage.reached:
        yield item.group, item.where, item.what


# --- the sum -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """How many mutants of an operator a suite kills."""

    killed: int = 0
    total: int = 0

    @property
    def rate(self) -> float:
        """From 0 to 1; nothing to kill is all killed."""
        return self.killed / self.total if self.total else 1.0

    def __add__(self, other: Score) -> Score:
        return Score(self.killed + other.killed, self.total + other.total)


def scores(results: Sequence[Result], suite: str) -> Mapping[str, Score]:
    """Operator -> the score of `suite`, in the order in which the operators come."""
    found: dict[str, Score] = {}
    for result in results:
        if result.suite == suite:
            at = result.mutant.operator
            found[at] = found.get(at, Score()) + Score(int(result.killed), 1)
    return found


def total(results: Sequence[Result], suite: str) -> Score:
    """The score of `suite` over all operators."""
    return sum(scores(results, suite).values(), Score())
