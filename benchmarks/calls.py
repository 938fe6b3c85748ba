"""Whole calls in virtual time on one core: how many a second, and what such a call is made of.

    python benchmarks/calls.py [--calls 5000] [--rounds 3] [--only calls|paths|scenarios]
                               [--profile FILE]

`calls`      callers with a goal (half want an agent) dial the built-in hotline at an open
             schedule: default book, seeded customers, 100 generated agents, the real ACD, the
             journal in memory, every closed call folded into its record. Budget: 2,000 calls/s on
             one core for calls of about 45 events of which half reach an agent.
`paths`      every path of the default book, pressed key by key on the call machine (< 3 s).
`scenarios`  the scenarios that ship, as `hotline test` runs them.

Machines differ and are shared, so each figure stands beside a yardstick taken in the same round: a
bare clock, that is a heap of callbacks that ask for the next callback. `ratio` is the callbacks the
yardstick does in the processor time of one call; a change of the program moves it, a slower
machine hardly. (It is a barer loop than `VirtualClock`, and depends on how many timers are pending;
compare ratios only with ratios of this program.) `run-queue wait` is the
time this process stood waiting for a core.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the walk of all paths is shared with the tests

AGENTS = 100
EVERY = 3.0
"""mean seconds between arrivals: about a third of the agents are busy, almost nobody waits"""

GOALS: tuple[tuple[str, ...], ...] = (
    ("1", "0"),
    ("2", "1", "0"),
    ("1", "1", "1", "0"),
    ("1", "1", "2", "0"),
    ("2", "1", "*", "2"),
    ("1", "1", "1", "*"),
    ("1", "1", "2", "*"),
    ("2", "2", "*", "1"),
)
"""What callers want, by turns: the keys that they press; the first half want an agent."""

PERSONA_SHARES = (("plain", 7), ("patient", 1), ("hurried", 1), ("elderly", 1))
NUMBERS = ("13800138000", "13800138003", "13800138008", "13800138001")


# --- measuring -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spent:
    """What a piece of work took, in seconds."""

    wall: float
    process: float
    waited: float


def run_queue_wait() -> float:
    """Seconds that this process has waited for a core; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def spent(work: Callable[[], object]) -> Spent:
    """Do `work` and say what it took."""
    gc.collect()  # else it pays for the garbage of what was measured before: twice its own time
    wall, process, waited = time.perf_counter(), time.process_time(), run_queue_wait()
    work()
    return Spent(
        time.perf_counter() - wall, time.process_time() - process, run_queue_wait() - waited
    )


def yardstick(callbacks: int = 200_000, pending: int = 200) -> float:
    """Callbacks a second of processor time of a bare clock loop with `pending` timers."""
    heap: list[tuple[float, int, Callable[[], None]]] = []
    now, serial = 0.0, 0

    def ask(seconds: float) -> None:
        nonlocal serial
        serial += 1

        def fire() -> None:
            ask(seconds)

        heappush(heap, (now + seconds, serial, fire))

    for n in range(pending):
        ask(1.0 + n / pending)
    began = time.process_time()
    for _ in range(callbacks):
        now, _, callback = heappop(heap)
        callback()
    return callbacks / (time.process_time() - began)


# --- the three measurements ----------------------------------------------------------------------


@dataclass(frozen=True)
class Mix:
    """What the calls of a round were made of."""

    calls: int
    events: float
    keys: float
    agents: float
    outcomes: dict[str, int]


def scripted_calls(calls: int, profiler: cProfile.Profile | None = None) -> tuple[Spent, Mix]:
    """`calls` callers on one hotline; building the hotline is not counted."""
    from agents.generated import generate
    from agents.roster import Roster
    from hotline.callers.personas import PERSONAS, Asks, PersonaCaller
    from hotline.cli.compose import EPOCH, Parts, built_in_pack
    from hotline.cli.virtual import VirtualHotline
    from hotline.services.seed import seeded
    from hotline.switch.chance import Chance
    from hotline.switch.record import CallRecord, Entry, RequestOutcome, fold
    from menus.loader import load

    book = load()
    chance = Chance(1)
    rows: list[CallRecord] = []
    events = 0

    def closed(entries: Sequence[Entry]) -> None:
        nonlocal events
        events += len(entries)
        rows.append(fold(entries))

    hotline = VirtualHotline(
        Parts(
            book=book,
            roster=Roster(generate(AGENTS)),
            pack=built_in_pack(),
            records=seeded(EPOCH, customers=200),
            chance=chance,
        ),
        on_closed=closed,
    )
    asks = Asks.of_book(book, hotline.canon)
    people = [PERSONAS[name] for name, share in PERSONA_SHARES for _ in range(share)]
    clock, line = hotline.clock, hotline.line
    serial = 0

    def arrive() -> None:
        nonlocal serial
        call, goal = f"c{serial}", GOALS[serial % len(GOALS)]
        # a second, independent turn, so that each persona meets each goal
        who = people[(serial // len(GOALS)) % len(people)]
        number = NUMBERS[serial % len(NUMBERS)]
        line.place(PersonaCaller(goal, who, asks, chance, call, number=number), call)
        serial += 1
        if serial < calls:
            gap = EVERY * (0.5 + chance.uniform("benchmark.arrival", call))
            clock.call_at(clock.now() + gap, arrive)

    clock.call_at(0.0, arrive)
    if profiler is not None:
        profiler.enable()
    took = spent(clock.run)
    if profiler is not None:
        profiler.disable()
    if len(rows) != calls or not events:
        raise SystemExit(f"{len(rows)} of {calls} calls closed: the hotline is not whole")
    reached = sum(
        any(request.outcome is RequestOutcome.ANSWERED for request in row.requests) for row in rows
    )
    return took, Mix(
        calls,
        events / calls,
        sum(row.keys for row in rows) / calls,
        reached / calls,
        dict(Counter(str(row.outcome) for row in rows)),
    )


def all_paths() -> tuple[Spent, int]:
    """Every path of the default book on the call machine, one call each."""
    from tests.menus.test_paths_walked import PATHS, walk

    def work() -> None:
        for path in PATHS:
            walk(path)

    return spent(work), len(PATHS)


def shipped_scenarios() -> tuple[Spent, int]:
    """The shipped scenarios from their files to their verdicts; all must pass."""
    from hotline.cli.choosing import scenarios_of
    from hotline.cli.suite import Suite

    verdicts = []

    def work() -> None:
        suite = Suite()
        verdicts.extend(suite.play(scenario).verdict for scenario in scenarios_of(()))

    took = spent(work)
    failed = [verdict.scenario for verdict in verdicts if not verdict.passed]
    if failed:
        raise SystemExit(f"scenarios fail, which makes their time worthless: {failed}")
    return took, len(verdicts)


# --- reporting -----------------------------------------------------------------------------------


def machine() -> str:
    """One line about where this runs."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def report(name: str, units: int, took: Spent, rate: float) -> None:
    """One line of figures for `units` calls, paths or scenarios."""
    each = took.process / units
    print(
        f"{name:<10} {units / took.process:9,.0f}/s by process time  "
        f"{units / took.wall:9,.0f}/s by wall  {took.process:6.2f} s  "
        f"ratio {each * rate:7.1f} callbacks  "
        f"(yardstick {rate / 1e3:,.0f} k/s, run-queue wait {took.waited:.2f} s)",
        flush=True,
    )


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--calls", type=int, default=5000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=("calls", "paths", "scenarios"))
    options.add_argument("--profile", type=Path, help="write a profile of the calls here")
    given = options.parse_args()
    print(machine())
    profiler = cProfile.Profile() if given.profile else None
    for _ in range(given.rounds):
        if given.only in (None, "calls"):
            rate = yardstick()
            took, mix = scripted_calls(given.calls, profiler)
            report("calls", mix.calls, took, (rate + yardstick()) / 2)
            print(
                f"           a call: {mix.events:.1f} events, {mix.keys:.1f} keys, "
                f"{mix.agents:.0%} reach an agent; {mix.outcomes}"
            )
        for name, work in (("paths", all_paths), ("scenarios", shipped_scenarios)):
            if given.only in (None, name):
                rate = yardstick()
                took, units = work()
                report(name, units, took, rate)
    if profiler is not None:
        profiler.dump_stats(given.profile)


if __name__ == "__main__":
    main()
