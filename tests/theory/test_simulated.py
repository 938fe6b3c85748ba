"""The engine against exact values: confidence intervals cover them, whatever the seed.

Every run has another seed, told when a test fails. The intervals are so wide that all of them
together miss once in a thousand runs of this file (Bonferroni), and yet so narrow that one agent
more is noticed.
"""

import secrets
from functools import cache

import pytest

from hotline.simulation.experiment import Wish, experiment
from tests.theory.cases import CASES, ROWS, estimate
from tests.theory.reference import outputs

FAMILY = 0.001
"""Chance that any of the intervals misses by luck."""
TOGETHER = 120
"""More intervals than this file has."""
LEVEL = 1 - FAMILY / TOGETHER
REPLICATIONS = 30


@cache
def simulated(row, more=0):
    case = CASES[row]
    seed = secrets.randbelow(2**31)
    wish = Wish(calls=case.calls, replications=REPLICATIONS, seed=seed)
    return experiment(case.plan(more), wish), f"{row}, seed {seed}"


def misses(row, found):
    """The figures whose interval does not cover the exact value."""
    wrong = []
    for name, place, figure, value in CASES[row].expected():
        seen = estimate(found, place, figure, LEVEL)
        if not seen.covers(value):
            wrong.append(f"{name}: {value:g} not in [{seen.low:g}, {seen.high:g}]")
    return wrong


@pytest.mark.parametrize("row", ROWS)
def test_the_interval_covers_the_exact_value(row):
    found, run = simulated(row)
    assert CASES[row].expected(), "nothing is compared"
    assert misses(row, found) == [], run


@pytest.mark.parametrize("row", ["B1", "C1", "A1", "A6", "G3", "N1", "R1"])
def test_one_agent_more_is_noticed(row):
    found, run = simulated(row, more=1)
    assert misses(row, found) != [], run


def test_redials_come_as_often_as_theory_says():
    found, run = simulated("R1")
    exact = outputs("R1")
    totals = found.slots
    first = (totals["offered"] - totals["redials"]).sum()
    tries = totals["offered"].sum() / first
    assert tries == pytest.approx(exact["total_attempt_rate"] / 4.5, rel=0.01), run
    lost = (totals["offered"] - totals["answered"] - totals["redials"]).sum() / first
    assert lost == pytest.approx(exact["final_loss_per_call"], rel=0.05), run
