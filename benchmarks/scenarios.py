"""How fast suites of scenarios run: the rate, what coverage adds, and starting up.

    python benchmarks/scenarios.py [--pairs 11] [--scenarios 1000]

- rate: the shipped scenarios, in turn until there are so many, on one core (budget: 1,000 in 10 s);
- coverage: the shipped scenarios with coverage, clauses of the standard included, to the same
  without, in turns; the median of the passes' ratios by processor time (budget: 1.20);
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

PORTION = 20
"""scenarios played at once before it is the other's turn"""
ONE = "scenario: main menu\nstory:\n  - hear: {prompt: root}\n  - hang_up:\n"


def once(suite: Suite, scenarios: Sequence[Scenario]) -> float:
    """Seconds of processor time for all of them, without reading the files."""
    began = time.process_time()
    verdicts = [suite.play(scenario).verdict for scenario in scenarios]
    took = time.process_time() - began
    failed = [verdict.scenario for verdict in verdicts if not verdict.passed]
    if failed:
        raise SystemExit(f"scenarios fail, which makes their time worthless: {failed[:5]}")
    return took


def overhead(scenarios: Sequence[Scenario], pairs: int) -> list[float]:
    """Time with coverage to time without, for each pass over the scenarios.

    They are played in small portions with and without in turns, so that a busy spell of the machine
    hits both; each pass begins with new suites, because coverage learns most at first.
    """
    ratios = []
    for _ in range(pairs):
        suites = {covers: Suite(covers=covers) for covers in (False, True)}
        took = {False: 0.0, True: 0.0}
        for at in range(0, len(scenarios), PORTION):
            for covers in ((False, True), (True, False))[at // PORTION % 2]:
                took[covers] += once(suites[covers], scenarios[at : at + PORTION])
        ratios.append(took[True] / took[False])
    return ratios


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pairs", type=int, default=11)
    options.add_argument("--scenarios", type=int, default=1000)
    chosen = options.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}")
    shipped = list(scenarios_of(()))
    many = list(itertools.islice(itertools.cycle(shipped), chosen.scenarios))
    once(Suite(covers=True), shipped)  # imports, caches
    took = once(Suite(), many)
    print(
        f"suite: {len(many)} scenarios in {took:.2f} s of processor time, {len(many) / took:.0f}/s"
    )
    ratios = overhead(shipped, max(3, chosen.pairs // 2))
    print(f"coverage: ratio {median(ratios):.3f} ({min(ratios):.3f}-{max(ratios):.3f})")
    script = Path(sys.executable).with_name("hotline")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "one.yaml"
        file.write_text(ONE, "utf-8")
        children([sys.executable, str(script), "test", str(file)], chosen.pairs, folder)


if __name__ == "__main__":
    main()
