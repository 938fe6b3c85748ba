"""Calls that come and go with the time of day, against exact theory of time-varying queues.

Rows T1 and O1: 100 + 20 sin t calls in a unit of time, here a unit is 1/2pi of a day. The profile
has 288 steps, which changes the rate by less than 0.03 % of its mean over an hour.
"""

import math
import secrets

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import pdtrc

from hotline.simulation.building import model_of
from hotline.simulation.engine.model import uniform_edges
from hotline.simulation.engine.run import simulate
from hotline.simulation.estimates import ratio
from tests.simulation.plans import exponential, plan
from tests.theory.reference import outputs

DAY = 86_400.0
UNIT = DAY / (2 * math.pi)
HOURS = {"0": 0.0, "pi/2": 6.0, "pi": 12.0, "3pi/2": 18.0}
"""Times of the reference as hours of the day."""
LEVEL = 1 - 0.001 / 20
DAYS, FIRST, GROUPED = 2_000, 2, 37
"""Days run, left out at first (they start empty), and taken together as one independent unit."""


def sine(agents, handle, patience=None):
    rates = [(100 + 20 * math.sin((n + 0.5) * 2 * math.pi / 288)) * 300 / UNIT for n in range(288)]
    queue = {"name": "q", "profile": {"every": 5, "calls": rates}, "handle": handle}
    if patience is not None:
        queue["patience"] = patience
    return plan(queues=[queue], groups=[{"name": "g", "agents": agents, "skills": ["q"]}])


def run(read):
    """One long run, counted in half-hours; [units, days of a unit, 48] of a column."""
    seed = secrets.randbelow(2**31)
    result = simulate(model_of(read, uniform_edges(DAYS * DAY, DAY / 48)), seed)

    def grouped(column):
        days = np.asarray(column, float).reshape(DAYS, 48)[FIRST:]
        return days.reshape(-1, GROUPED, 48).sum(axis=1)

    return result, grouped, seed


def mean_over(f, hour):
    """The mean of `f` (of t in units) over the half-hour that begins at `hour`."""
    begin = hour * 3600 / UNIT
    width = 1800 / UNIT
    return quad(f, begin, begin + width)[0] / width


@pytest.fixture(scope="module")
def balanced():
    """mu = theta = 1, 110 agents: the number of calls present is Poisson at every moment."""
    return run(sine(110, exponential(UNIT), exponential(UNIT)))


def present(t):
    """Mean calls present at t."""
    return 100 + 10 * (math.sin(t) - math.cos(t))


def busy(mean):
    """P(at least 110 present)."""
    return pdtrc(109, mean)


@pytest.mark.parametrize("time", HOURS)
def test_the_chance_to_wait_follows_the_time_of_day(balanced, time):
    result, grouped, seed = balanced
    slot = int(HOURS[time] * 2)
    seen = ratio(grouped(result.totals.waited)[:, slot], grouped(result.totals.offered)[:, slot],
                 share=True, level=LEVEL)  # fmt: skip
    at = {"0": 0.0, "pi/2": math.pi / 2, "pi": math.pi, "3pi/2": 3 * math.pi / 2}[time]
    assert busy(present(at)) == pytest.approx(outputs("T1")[f"t={time}"], rel=1e-6)
    calls = mean_over(lambda t: 100 + 20 * math.sin(t), HOURS[time])
    met = mean_over(lambda t: (100 + 20 * math.sin(t)) * busy(present(t)), HOURS[time])
    assert seen.covers(met / calls), f"seed {seed}: {met / calls:.4f} not in {seen}"


def test_a_queue_does_not_follow_the_rate_at_once(balanced):
    """What one gets from the rate of the moment (120 calls at the peak) is told from the truth."""
    result, grouped, _ = balanced
    waited, offered = grouped(result.totals.waited), grouped(result.totals.offered)
    seen = ratio(waited[:, 12], offered[:, 12], share=True, level=LEVEL)
    assert not seen.covers(float(busy(120.0)))


@pytest.mark.parametrize(
    ("handle", "name", "load"),
    [
        (UNIT, "m_det(pi/2)", lambda t: 100 + 20 * (math.cos(t - 1) - math.cos(t))),
        (exponential(UNIT), "m_exp(pi/2)", present),
    ],
)
def test_offered_load_lags_behind_the_calls(handle, name, load):
    result, grouped, seed = run(sine(250, handle))
    assert load(math.pi / 2) == pytest.approx(outputs("O1")[name], rel=1e-7)
    talking = grouped(result.groups.talking)[:, 12]
    seen = ratio(talking, np.full(len(talking), GROUPED * 1800.0), level=LEVEL)
    assert seen.covers(mean_over(load, 6.0)), f"seed {seed}: {seen}"
