"""Runs scenarios against a hotline in virtual time.

The hotline comes from a factory (a composition root's), so that this package needs no part of it.
A scenario that can never end is stopped by the scenario's `limit` of seconds (the player's own) or
by `EVENT_LIMIT` steps of the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from zlib import crc32

from hotline.callers.hearing import Canon
from hotline.callers.line import MemoryLine
from hotline.callers.player import Player
from hotline.callers.scenario import Left, Scenario
from hotline.callers.traces import TRACES, traces
from hotline.callers.verdict import Failure, Verdict
from hotline.switch.chance import Chance
from hotline.switch.events import MenuEntered
from hotline.switch.record import Entry

EVENT_LIMIT = 10_000
"""Steps of the clock after which a scenario is stopped."""
SETTLE_LIMIT = 1_000
"""Steps of the clock that the hotline gets to close what the caller has left."""


class SteppedClock(Protocol):
    """A clock that moves only when it is told to."""

    def now(self) -> float:
        """The present instant in seconds."""
        ...

    def step(self) -> bool:
        """Run the next callback; False if there is none."""
        ...


class Hotline(Protocol):
    """One hotline with its world as a scenario's `given` says, ready for calls."""

    @property
    def clock(self) -> SteppedClock:
        """Its virtual clock."""
        ...

    @property
    def line(self) -> MemoryLine:
        """Its line."""
        ...

    @property
    def canon(self) -> Canon:
        """Which of its prompts sound alike."""
        ...

    def entries(self, call: str) -> Sequence[Entry]:
        """The journal of a call, closed or open; empty if there is none."""
        ...

    def left(self, kind: str) -> Iterable[Mapping[str, object]]:
        """Records of `kind` that were made or changed since it was built."""
        ...


Factory = Callable[[Scenario, int], Hotline]
"""Builds the hotline that `scenario` needs, for a seed."""


def run(scenario: Scenario, factory: Factory, seed: int = 0) -> Verdict:
    """Play one scenario and judge it. The scenario's own seed wins over `seed`."""
    return run_with_journal(scenario, factory, seed)[0]


def run_with_journal(
    scenario: Scenario, factory: Factory, seed: int = 0
) -> tuple[Verdict, dict[str, Sequence[Entry]]]:
    """The verdict, and the journal of each call that was made."""
    seed = scenario.seed if scenario.seed is not None else seed
    hotline = factory(scenario, seed)
    player = Player(scenario, Chance(seed), hotline.canon)
    hotline.line.place(player, call_id(scenario))
    play_on(player, hotline, lambda: player.over)
    return judge(player, hotline, seed)


def play_on(player: Player, hotline: Hotline, until: Callable[[], bool]) -> None:
    """Let time pass until `until`; stops a caller for whom that would never come."""
    steps = 0
    while not until():
        if steps >= EVENT_LIMIT:
            hotline.line.stop_caller(player, f"stopped after {EVENT_LIMIT} events")
        elif not hotline.clock.step():
            hotline.line.stop_caller(player, "stopped: nothing is left that could happen")
        steps += 1


def judge(
    player: Player, hotline: Hotline, seed: int
) -> tuple[Verdict, dict[str, Sequence[Entry]]]:
    """The verdict on a caller who is done, and the journal of each of its calls."""
    _settle(hotline, player.calls)
    assert player.verdict is not None
    journal = {call: hotline.entries(call) for call in player.calls}
    return _judged(player.verdict, player.scenario, hotline, journal, seed), journal


def run_all(
    scenarios: Iterable[Scenario], factory: Factory, seed: int = 0
) -> Iterator[tuple[Verdict, dict[str, Sequence[Entry]]]]:
    """One verdict with its journal after the other."""
    for scenario in scenarios:
        yield run_with_journal(scenario, factory, seed)


def call_id(scenario: Scenario) -> str:
    """The id of a scenario's first call: the same in every run, so that its draws are."""
    return f"scenario-{crc32(scenario.name.encode()):08x}"


def _settle(hotline: Hotline, calls: Sequence[str]) -> None:
    """Let the hotline finish with calls that the caller has left."""
    for _ in range(SETTLE_LIMIT):
        if not hotline.line.open_calls or not hotline.clock.step():
            return


def _judged(
    verdict: Verdict,
    scenario: Scenario,
    hotline: Hotline,
    journal: Mapping[str, Sequence[Entry]],
    seed: int,
) -> Verdict:
    """`verdict` with what only journal and records can show."""
    failures = [*verdict.failures, *_too_deep(scenario, verdict, journal)]
    for left in scenario.left:
        rows = traces(left.kind, journal) if left.kind in TRACES else hotline.left(left.kind)
        failures += _missing(left, rows, verdict)
    return replace(verdict, failures=tuple(failures), passed=not failures, seed=seed)


def _too_deep(
    scenario: Scenario, verdict: Verdict, journal: Mapping[str, Sequence[Entry]]
) -> Iterator[Failure]:
    """`always: [{max_menu_depth: n}]` (5.2.6.2 counts menus on the path)."""
    limits = [watch for watch in scenario.watches if watch.kind == "max_menu_depth"]
    if not limits:
        return
    visits = [
        e.event for entries in journal.values() for e in entries if isinstance(e.event, MenuEntered)
    ]
    deepest = max(visits, key=lambda visit: visit.depth, default=None)
    for watch in limits:
        if deepest is not None and deepest.depth > watch.limit:
            yield Failure(
                None,
                watch.place.file,
                watch.place.line,
                watch.words,
                f"menu {deepest.menu} was at depth {deepest.depth}",
                verdict.transcript,
                verdict.duration,
            )


def _missing(
    left: Left, records: Iterable[Mapping[str, object]], verdict: Verdict
) -> Iterator[Failure]:
    """What is wrong with the records of one kind, if anything."""
    rows = [{name: _plain(value) for name, value in row.items()} for row in records]
    wanted = dict(left.fields)
    for name in wanted:
        if rows and name not in rows[0]:
            yield _left_failure(
                left,
                f"{left.kind} has no field {name}; available: {', '.join(sorted(rows[0]))}",
                verdict,
            )
            return
    good = [row for row in rows if wanted.items() <= row.items()]
    if left.count is not None and len(good) != left.count:
        yield _left_failure(left, f"there are {len(good)}{_rows(rows, wanted)}", verdict)
    if left.count is None and not good:
        yield _left_failure(left, f"there is none{_rows(rows, wanted)}", verdict)


def _left_failure(left: Left, got: str, verdict: Verdict) -> Failure:
    fields = ", ".join(f"{name}: {value}" for name, value in left.fields)
    count = "" if left.count is None else f" x {left.count}"
    return Failure(
        None,
        left.place.file,
        left.place.line,
        f"record {left.kind} {{{fields}}}{count}",
        got,
        verdict.transcript,
        verdict.duration,
    )


def _rows(rows: list[dict[str, str]], wanted: Mapping[str, str]) -> str:
    """The rows that are there instead, by the fields that were asked for."""
    if not rows:
        return ""
    names = list(wanted) or list(rows[0])[:4]
    shown = "; ".join("{" + ", ".join(f"{n}: {row[n]}" for n in names) + "}" for row in rows[:5])
    return f", but {len(rows)} of that kind: {shown}"


def _plain(value: object) -> str:
    """A field as a scenario would write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
