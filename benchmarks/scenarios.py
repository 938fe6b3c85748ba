"""How fast suites of scenarios run: the rate, what coverage adds, and starting up.

    python benchmarks/scenarios.py [--pairs 11] [--scenarios 1000]

- rate: the shipped scenarios, in turn until there are so many, on one core (budget: 1,000 in 10 s);
- coverage: each pair plays the same scenarios once without and once with coverage, clauses of the
  standard included, in turns; the median of the pairs' ratios by processor time (budget: 1.20);
- start-up: `hotline test ONE.yaml` from the shell, one scenario (budget: 1 s).

A scenario that fails makes its time worthless: the program stops.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from calls import machine
from commands import children

from hotline.callers.scenario import Scenario
from hotline.cli.choosing import scenarios_of
from hotline.cli.suite import Suite

ONE = "scenario: main menu\nstory:\n  - hear: {prompt: root}\n  - hang_up:\n"


def once(scenarios: Sequence[Scenario], *, covers: bool) -> float:
    """Seconds of processor time for all of them, without reading the files."""
    suite = Suite(covers=covers)
    began = time.process_time()
    verdicts = [suite.play(scenario).verdict for scenario in scenarios]
    took = time.process_time() - began
    failed = [verdict.scenario for verdict in verdicts if not verdict.passed]
    if failed:
        raise SystemExit(f"scenarios fail, which makes their time worthless: {failed[:5]}")
    return took


def overhead(scenarios: Sequence[Scenario], pairs: int) -> float:
    """Time with coverage to time without: the median of pairs, whose order alternates."""
    ratios = []
    for pair in range(pairs):
        took = {covers: once(scenarios, covers=covers) for covers in (pair % 2 == 0, pair % 2 == 1)}
        ratios.append(took[True] / took[False])
    return median(ratios)


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pairs", type=int, default=11)
    options.add_argument("--scenarios", type=int, default=1000)
    chosen = options.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}")
    shipped = list(scenarios_of(()))
    many = list(itertools.islice(itertools.cycle(shipped), chosen.scenarios))
    once(shipped, covers=True)  # imports, caches
    took = once(many, covers=False)
    print(
        f"suite: {len(many)} scenarios in {took:.2f} s of processor time, {len(many) / took:.0f}/s"
    )
    print(f"coverage: ratio {overhead(shipped, chosen.pairs):.3f} ({chosen.pairs} pairs)")
    script = Path(sys.executable).with_name("hotline")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "one.yaml"
        file.write_text(ONE, "utf-8")
        children([sys.executable, str(script), "test", str(file)], chosen.pairs, folder)


if __name__ == "__main__":
    main()
