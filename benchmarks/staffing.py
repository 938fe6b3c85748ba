"""Staffing of a day of 48 half-hours: theory, simulation, shifts, proof. Budget: 10 s. Then the
same plans for a week, people's rosters included: without a budget.

    python benchmarks/staffing.py [--workers 2] [PLAN ...]

Without PLAN: a county's day of 600 requests with two queues, and a quiet day of 200,000 with five
queues, two centres and a random busyness. The engine is compiled before anything is timed.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLANS = ("small-hotline.yaml", "quiet-day.yaml")


def staffed_in(path: Path, workers: int, days: int) -> None:
    from hotline.simulation.reading import read_plan
    from hotline.simulation.sharing import by_threads
    from hotline.simulation.staff import staffed, with_rules_of

    plan = with_rules_of(read_plan(path), days=days)
    wall, processor = time.perf_counter(), time.process_time()
    found = staffed(plan, 0, by_threads(workers))
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    steps = found.steps
    level = found.proof.everything()["service_level"]
    print(
        f"{path.name}, {days} days: {wall:.1f} s wall, {processor:.1f} s processor; "
        f"{len(steps.starts)} steps, {found.rostered:,} on the roster, {steps.rounds} rounds, "
        f"{sum(steps.met)} reached; {steps.hours:,.0f} agent hours; "
        f"service level {level.value:.2%}"
    )


def main() -> None:
    from hotline.simulation.engine.run import compile_now

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("plans", nargs="*", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    compile_now()
    print(f"{sys.version.split()[0]}, {asked.workers} threads")
    paths = asked.plans or [ROOT / "examples" / "plans" / name for name in PLANS]
    for path in paths:
        staffed_in(path, asked.workers, 1)
    for path in paths:
        staffed_in(path, asked.workers, 7)


if __name__ == "__main__":
    main()
