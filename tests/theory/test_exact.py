"""Exact theory against values computed elsewhere, and against itself where two theories meet."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.simulation.durations import law_from, limited_mean, survival, variance
from hotline.simulation.erlang import UnstableError, Wanted, erlang_b, erlang_c, markov_queue
from hotline.simulation.patience import general_patience
from hotline.simulation.priorities import priority_queue
from tests.theory.reference import outputs

MINUTE = 60.0
NAMES = {
    "Pwait": "waited_fraction",
    "Pab": "abandoned_fraction",
    "EW": "mean_wait",
    "ASA_served": "mean_wait_answered",
    "ASA": "mean_wait",
    "SL": "service_level",
    "SL_offered": "answered_within_of_offered",
    "SL_answered": "answered_within_of_answered",
    "SL_excl_ab_by_T": "service_level",
    "Lq": "mean_queue",
    "occ": "occupancy",
    "Pblock": "blocked_fraction",
}
"""Names of the reference -> ours. Times there are in minutes."""


def agrees(exact, row, unit=MINUTE):
    compared = 0
    for name, value in outputs(row).items():
        if name not in NAMES:
            continue
        mine = getattr(exact, NAMES[name])
        if name in ("EW", "ASA", "ASA_served"):
            mine /= unit
        assert mine == pytest.approx(value, rel=6e-8, abs=1e-12), name
        compared += 1
    return compared


def exponential(mean):
    return law_from({"distribution": "exponential", "mean": mean})


@pytest.mark.parametrize(("row", "agents", "load"), [("B1", 10, 5.0), ("B2", 100, 90.0)])
def test_erlang_b(row, agents, load):
    assert erlang_b(agents, load) == pytest.approx(outputs(row)["Pblock"], rel=1e-6)


@pytest.mark.parametrize(
    ("row", "per_minute", "handle", "agents", "within"),
    [("C1", 48, 60, 50, 20), ("C3", 47.5, 240, 200, 12)],
)
def test_erlang_c(row, per_minute, handle, agents, within):
    exact = markov_queue(per_minute / MINUTE, handle, agents, wanted=Wanted(within, 5))
    assert agrees(exact, row) == 4


def test_erlang_c_percentile_of_the_wait():
    waits = erlang_c(50, 48.0)
    p90 = math.log(waits / 0.1) / (50 / 60 - 48 / 60) / MINUTE
    assert p90 == pytest.approx(outputs("C1")["P90wait"], rel=1e-7)


@pytest.mark.parametrize(
    ("row", "per_minute", "handle", "agents", "patience", "within", "room"),
    [
        ("A1", 47.5, 240, 200, 180, 12, None),
        ("A3", 102, 60, 100, 60, 6, 200),
        ("A6", 10 / 3, 180, 13, 300, 20, None),
    ],
)
def test_erlang_a(row, per_minute, handle, agents, patience, within, room):
    exact = markov_queue(
        per_minute / MINUTE,
        handle,
        agents,
        patience=patience,
        room=room,
        wanted=Wanted(within, short=within),
    )
    assert agrees(exact, row) >= 9


@pytest.mark.parametrize(
    ("row", "agents", "patience"),
    [
        ("G0", 200, {"distribution": "exponential", "mean": 180}),
        ("G1", 195, {"distribution": "deterministic", "mean": 180}),
        ("G3", 190, {"distribution": "lognormal", "mean": 180, "cv": 2}),
    ],
)
def test_general_patience(row, agents, patience):
    exact = general_patience(47.5 / MINUTE, 240, agents, law_from(patience), Wanted(12, 5))
    assert agrees(exact, row) == 7


def test_priorities():
    high, low = priority_queue([30 / MINUTE, 17 / MINUTE], 240, 200)
    expected = outputs("P1")
    assert high.waited_fraction == pytest.approx(expected["Pwait"], rel=1e-7)
    assert high.mean_wait / MINUTE == pytest.approx(expected["EW1"], rel=1e-7)
    assert low.mean_wait / MINUTE == pytest.approx(expected["EW2"], rel=1e-7)


def test_the_fewest_agents_for_a_target():
    expected = outputs("S1")

    def level(agents, name="answered_within_of_offered"):
        exact = markov_queue(47.5 / MINUTE, 240, agents, patience=180)
        return getattr(exact, name)

    for agents in (190, 191, 202, 203):
        assert level(agents) == pytest.approx(expected[f"SL_off({agents})"], rel=1e-6)
    for agents in (189, 190, 201, 202):
        of_answered = level(agents, "answered_within_of_answered")
        assert of_answered == pytest.approx(expected[f"SL_ans({agents})"], rel=1e-6)
    assert min(s for s in range(150, 250) if level(s) >= 0.8) == 191


# --- where theories meet -----------------------------------------------------------------------


loads = st.floats(0.3, 1.3)
crews = st.integers(1, 300)


@given(crews, st.floats(0.05, 0.97))
def test_patience_without_end_is_erlang_c(agents, load):
    rate = agents * load / 240
    patient = markov_queue(rate, 240, agents)
    nearly = markov_queue(rate, 240, agents, patience=1e10)
    roomy = markov_queue(rate, 240, agents, room=200_000)
    for other in (nearly, roomy):
        assert np.allclose(astuple(patient), astuple(other), rtol=2e-3, atol=1e-6)


@given(crews, loads, st.floats(20, 900))
def test_exponential_patience_is_erlang_a(agents, load, patience):
    rate = agents * load / 240
    chain = markov_queue(rate, 240, agents, patience=patience)
    integral = general_patience(rate, 240, agents, exponential(patience))
    assert np.allclose(astuple(chain), astuple(integral), rtol=1e-6, atol=1e-9)


@given(crews, loads)
def test_no_patience_at_all_is_erlang_b(agents, load):
    rate = agents * load / 240
    gone_at_once = markov_queue(rate, 240, agents, patience=1e-6)
    blocked = markov_queue(rate, 240, agents, room=0)
    assert gone_at_once.abandoned_fraction == pytest.approx(blocked.blocked_fraction, abs=1e-5)


@given(crews, loads, st.floats(20, 900))
def test_calls_and_people_balance(agents, load, patience):
    """Little's law, and: who was not turned away and did not give up was served."""
    rate = agents * load / 240
    exact = markov_queue(rate, 240, agents, patience=patience, room=agents)
    served = 1 - exact.abandoned_fraction - exact.blocked_fraction
    assert exact.occupancy * agents == pytest.approx(served * rate * 240, rel=1e-9)
    assert exact.mean_queue == pytest.approx(rate * exact.mean_wait, rel=1e-9)
    assert 0 <= exact.answered_within_of_offered <= exact.service_level <= 1 + 1e-9


@given(st.integers(1, 299), st.floats(0.3, 1.3), st.floats(20, 900))
def test_one_more_agent_never_hurts(agents, load, patience):
    rate = agents * load / 240
    fewer = markov_queue(rate, 240, agents, patience=patience)
    more = markov_queue(rate, 240, agents + 1, patience=patience)
    assert more.service_level >= fewer.service_level - 1e-12
    assert more.abandoned_fraction <= fewer.abandoned_fraction + 1e-12
    assert more.mean_wait <= fewer.mean_wait + 1e-12


@given(st.lists(st.floats(0.01, 0.3), min_size=1, max_size=3), st.integers(1, 200))
def test_priorities_share_the_wait_among_the_classes(shares, agents):
    """Whoever goes first, agents work all the time: the mean wait over all is Erlang C's."""
    rates = [share * agents / 240 for share in shares]
    classes = priority_queue(rates, 240, agents)
    together = markov_queue(sum(rates), 240, agents)
    mean = sum(r * c.mean_wait for r, c in zip(rates, classes, strict=True)) / sum(rates)
    assert mean == pytest.approx(together.mean_wait, rel=1e-9)
    waits = [c.mean_wait for c in classes]
    assert waits == sorted(waits)


def test_the_last_class_of_two_has_the_wait_of_the_transform():
    """A class below next to nobody waits as if it were alone."""
    alone = markov_queue(47 / MINUTE, 240, 200)
    _, low = priority_queue([1e-9, 47 / MINUTE], 240, 200)
    assert low.service_level == pytest.approx(alone.service_level, abs=1e-7)


@pytest.mark.parametrize("load", [0.9, 1.0, 1.5])
def test_ten_thousand_agents(load):
    rate = 10_000 * load / 240
    chain = markov_queue(rate, 240, 10_000, patience=180)
    integral = general_patience(rate, 240, 10_000, exponential(180))
    assert np.allclose(astuple(chain), astuple(integral), rtol=1e-8, atol=1e-12)


def test_more_work_than_agents_needs_an_end_of_patience():
    with pytest.raises(UnstableError):
        markov_queue(201 / 240, 240, 200)
    with pytest.raises(UnstableError):
        erlang_c(10, 10.0)


# --- laws --------------------------------------------------------------------------------------

LAWS = [
    {"distribution": "exponential", "mean": 3},
    {"distribution": "deterministic", "mean": 3},
    {"distribution": "erlang", "mean": 3, "shape": 4},
    {"distribution": "lognormal", "mean": 3, "cv": 1.5},
    {"distribution": "uniform", "low": 1, "high": 5},
    {"distribution": "hyperexponential", "weights": [1, 3], "means": [1, 5]},
    {"distribution": "weibull", "mean": 3, "shape": 0.7},
    {"distribution": "empirical", "file": "x"},
]


@pytest.mark.parametrize("data", LAWS, ids=lambda data: data["distribution"])
def test_survival_and_its_integrals_belong_together(data):
    law = law_from(data, (1.0, 2.0, 7.0))
    x = np.linspace(0, 400, 400_001)
    alive = survival(law, x)
    steps = (alive[1:] + alive[:-1]) / 2 * np.diff(x)
    integral = np.concatenate(([0.0], np.cumsum(steps)))
    assert np.allclose(integral, limited_mean(law, x), atol=2e-3)
    assert limited_mean(law, np.array([1e6]))[0] == pytest.approx(law.mean, rel=1e-3)
    second = np.concatenate(([0.0], 2 * x[1:] * alive[1:])).sum() * (x[1] - x[0])
    assert second - law.mean**2 == pytest.approx(variance(law), rel=0.02, abs=0.01)
