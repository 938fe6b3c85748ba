"""Figures of a load from calls that are written down, by hand where that is possible."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.figures import Limits
from hotline.load.calls import LoadCall, Outcome, Planned
from hotline.load.figures import (
    load_figures,
    missed,
    percentile,
    percentile_estimate,
    share_estimate,
)
from hotline.simulation.load_rules import LoadTarget

LIMITS = Limits()


def call(number=0, outcome=Outcome.SERVED, intended=0.0, **instants):
    given = {"started": intended, "answered": intended + 0.1, "audio": intended + 0.2,
             "asked": intended + 5.0, **instants}  # fmt: skip
    return LoadCall(Planned(number, intended, 0, 0), outcome, **given)


def served(wait, **more):
    return call(agent=5.0 + wait, ended=5.0 + wait + 60, **more)


def abandoned(wait, **more):
    return call(outcome=Outcome.ABANDONED, ended=5.0 + wait, **more)


def value(name, *calls):
    return load_figures(calls, LIMITS).value(name)


def test_twelve_seconds_from_asking_to_hearing():
    assert value("heard_agent_within", served(12.0), served(12.1)) == 0.5


def test_who_leaves_before_twelve_seconds_is_not_judged_who_leaves_later_was_failed():
    assert value("heard_agent_within", served(1.0), abandoned(8.0)) == 1.0
    assert value("heard_agent_within", served(1.0), abandoned(20.0)) == 0.5


def test_a_hotline_that_hangs_up_instead_of_an_agent_has_failed():
    gone = call(outcome=Outcome.NO_AGENT, ended=6.0)
    assert value("heard_agent_within", served(1.0), gone) == 0.5


def test_the_service_level_is_that_of_every_other_report():
    """answered within T / (offered - abandoned before 5 s)"""
    calls = (served(2.0), served(30.0), abandoned(3.0), abandoned(8.0))
    assert value("service_level", *calls) == pytest.approx(1 / 3)


def test_lateness_of_the_driver_is_part_of_every_latency():
    late = call(intended=10.0, started=19.0, answered=19.1, audio=19.2, asked=24.0, agent=28.0,
                ended=90.0)  # fmt: skip
    assert late.late
    assert late.setup == pytest.approx(9.1)
    assert late.wait == pytest.approx(13.0)
    assert value("heard_agent_within", late) == 0.0
    assert value("late", late, served(1.0)) == 0.5


def test_calls_that_were_cut_say_nothing_unless_they_had_waited_too_long():
    young = call(outcome=Outcome.CUT, ended=9.0)
    old = call(outcome=Outcome.CUT, ended=40.0)
    assert value("heard_agent_within", served(1.0), young) == 1.0
    assert value("heard_agent_within", served(1.0), old) == 0.5
    assert value("offered", served(1.0), young) == 1


def test_what_was_never_started_is_late_and_not_failed():
    never = LoadCall(Planned(0, 5.0, 0, 0), Outcome.NOT_STARTED)
    assert value("late", never, served(1.0)) == 0.5
    assert value("failed", never, served(1.0)) == 0.0
    assert value("started", never, served(1.0)) == 1


def test_refusals_and_failures_by_their_reasons():
    refused = LoadCall(Planned(0, 0.0, 0, 0), Outcome.REFUSED, 0.0, ended=0.1, code=486,
                       why="486 Busy Here")  # fmt: skip
    broken = LoadCall(Planned(1, 0.0, 0, 0), Outcome.FAILED, 0.0, ended=0.1, why="gone")
    found = load_figures([refused, refused, broken, served(1.0)], LIMITS)
    assert found.codes == {"486 Busy Here": 2, "gone": 1}
    assert (found.value("refused"), found.value("failed")) == (0.5, 0.25)


def test_a_threshold_is_missed_by_value_and_never_by_what_was_not_seen():
    found = load_figures([served(20.0)], LIMITS)
    limits = [LoadTarget("heard_agent_within", 0.9), LoadTarget("setup_p99", 2.0),
              LoadTarget("mos_p5", 3.5)]  # fmt: skip
    assert [bad for _, bad in missed(found, limits)] == [True, False, False]


def test_the_exact_interval_of_a_share():
    """Clopper and Pearson: 9 of 10, and the rule of three for nothing of 100."""
    found = share_estimate(9, 10)
    assert (found.low, found.high) == pytest.approx((0.5550, 0.9975), abs=1e-4)
    assert share_estimate(0, 100).high == pytest.approx(3.62e-2, abs=1e-4)


def test_the_interval_of_a_percentile_covers_the_truth_as_often_as_it_says():
    """A thousand samples of 60 waits, exponential with mean 10: the median is 10 ln 2."""
    truth = 10 * math.log(2)
    covered = 0
    for number in range(1000):
        draw = Random(number)
        found = percentile_estimate(sorted(draw.expovariate(0.1) for _ in range(60)), 0.5)
        covered += found.low <= truth <= found.high
    assert 0.95 <= covered / 1000 <= 0.99  # at least: the ranks are whole numbers


def test_a_small_sample_bounds_no_rare_percentile_from_above():
    found = percentile_estimate(tuple(range(30)), 0.99)
    assert found.high is None
    assert found.low is not None


@given(st.lists(st.floats(0, 1e3), min_size=1, max_size=50), st.floats(0.01, 1.0))
def test_a_percentile_is_one_of_the_values_and_covers_its_share(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(v <= found for v in values) >= share * len(values) - 1e-9
