"""The table of docs/validation.md: reference, exact and simulated values, one row a figure.

python benchmarks/theory.py > table.md
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.simulation.exact import fraction, occupancy_of, theory_of
from hotline.simulation.experiment import Wish, experiment
from tests.theory.cases import CASES, estimate

SEED, REPLICATIONS = 95598, 30


def exact_value(plan, theories, place, figure):
    if place == "group":
        return occupancy_of(plan, plan.groups[figure], theories)
    return fraction(theories[place], figure)


def main():
    print("| row | figure | reference | our theory | simulated, 95 % interval | covered |")
    print("| --- | --- | --- | --- | --- | --- |")
    covered = total = 0
    for row, case in CASES.items():
        plan = case.plan()
        theories = theory_of(plan)
        found = experiment(plan, Wish(case.calls, None, REPLICATIONS, SEED))
        for name, place, figure, value in case.expected():
            exact = exact_value(plan, theories, place, figure)
            seen = estimate(found, place, figure, 0.95)
            inside = seen.covers(value)
            covered, total = covered + inside, total + 1
            shown = "none" if exact is None else f"{exact:.6g}"
            print(
                f"| {row} | {name} | {value:.6g} | {shown} | {seen.value:.6g} "
                f"[{seen.low:.6g}, {seen.high:.6g}] | {'yes' if inside else 'no'} |"
            )
    print(f"\n{covered} of {total} intervals cover the reference.")


if __name__ == "__main__":
    main()
