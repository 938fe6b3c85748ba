"""Rates of calls: profiles, weeks and surges add up to one table."""

import numpy as np
import pytest

from hotline.simulation.arrivals import KINDS, expected_calls, rate_table, steady, surge_pieces
from hotline.simulation.building import run_of
from tests.simulation.plans import GONE, group, plan, queue

HOUR = 3600.0
DAY = 24 * HOUR


def day(**changes):
    shape = {"every": 30, "calls": [10 * (1 + n % 7) for n in range(48)]}
    return plan(queues=[queue(calls_per_hour=GONE, profile=shape, **changes)])


def expected(read, days=1):
    table = rate_table([q.profile for q in read.queues], days * DAY, surges=read.surges,
                       week=read.week, weekday=read.weekday)  # fmt: skip
    return expected_calls(*table)


def test_a_profile_gives_its_calls_each_day():
    per_day = sum(10 * (1 + n % 7) for n in range(48))
    assert expected(day()) == pytest.approx(per_day)
    assert expected(day(), days=3) == pytest.approx(3 * per_day)


def test_a_shape_is_scaled_to_the_calls_of_a_day():
    shape = {"every": 15, "shares": [1.0] * 48 + [3.0] * 48}
    read = plan(queues=[queue(calls_per_hour=GONE, profile=shape, calls_per_day=200_000)])
    assert expected(read) == pytest.approx(200_000)
    morning, evening = read.queues[0].profile.at(np.array([6 * HOUR, 18 * HOUR]))
    assert evening == pytest.approx(3 * morning)


def test_a_shared_profile():
    shape = {"every": 60, "shares": [1.0] * 24}
    two = [
        queue(calls_per_hour=GONE, profile="flat", calls_per_day=2400),
        queue(name="b", calls_per_hour=GONE, profile="flat", calls_per_day=4800),
    ]
    read = plan(queues=two, groups=[group(skills=["mandarin", "b"])], profiles={"flat": shape})
    assert [q.profile.rates[0] * HOUR for q in read.queues] == pytest.approx([100, 200])


def test_days_of_the_week():
    week = [1.2, 1.0, 1.0, 1.0, 1.1, 0.5, 0.4]
    read = plan(week=week, weekday="friday")
    assert expected(read) == pytest.approx(1.1 * 2850 * 24)
    assert expected(read, days=7) == pytest.approx(sum(week) * 2850 * 24)


def test_a_surge_of_ones_own_multiplies_its_queues_only():
    surge = {"name": "news", "start": "10:00", "end": "10:05", "factor": 12, "queues": ["b"]}
    two = [queue(), queue(name="b", calls_per_hour=180)]
    read = plan(queues=two, groups=[group(skills=["mandarin", "b"])], surges=[surge])
    edges, rates = rate_table([q.profile for q in read.queues], DAY, surges=read.surges)
    assert edges.tolist() == [0.0, 10 * HOUR, 10 * HOUR + 300, DAY]
    assert rates[1] * HOUR == pytest.approx([180, 2160, 180])
    assert rates[0] * HOUR == pytest.approx([2850, 2850, 2850])


def test_a_typhoon_brings_180_calls_in_the_five_minutes_in_which_15_are_usual():
    """The burst in Shandong on 25 July 2013, and its day of two to three times the calls."""
    usual = steady(15 * 12)
    edges, rates = rate_table([usual], DAY, surges=surge_pieces("typhoon", start=14 * HOUR))
    burst = rates[0][np.searchsorted(edges, 14 * HOUR)]
    assert burst * 300 == pytest.approx(180)
    assert 2 <= expected_calls(edges, rates) / usual.per_day <= 3


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_known_surge_moves_and_scales(name):
    pieces = surge_pieces(name, start=3 * HOUR, factor=2.0, centre="north")
    assert max(piece.factor for piece in pieces) in (1.0, 2.0)
    assert all(0 <= piece.start < piece.end for piece in pieces)
    # pieces of one surge follow each other, so they never multiply each other
    ends = [piece.end for piece in pieces]
    assert all(a <= b.start for a, b in zip(ends, pieces[1:], strict=False))


def test_surges_at_the_same_time_multiply():
    hot = {"name": "a", "start": "10:00", "end": "12:00", "factor": 2}
    bills = {"name": "b", "start": "11:00", "end": "13:00", "factor": 3}
    read = plan(surges=[hot, bills])
    _, rates = rate_table([q.profile for q in read.queues], DAY, surges=read.surges)
    assert rates[0] / (2850 / HOUR) == pytest.approx([1, 2, 6, 3, 1])


def test_a_run_of_so_many_calls():
    run = run_of(plan(), calls=10_000)
    counted = run.model.horizon - run.warm_up
    assert counted * 2850 / HOUR == pytest.approx(10_000)
    assert run.warm_up == pytest.approx(0.1 * counted)
    timed = run_of(day(), calls=1_000)
    come = np.diff(timed.model.rate_edges) @ timed.model.rates[0]
    assert come == pytest.approx(1_000)


def test_given_arrivals_are_taken_in_order_of_time():
    two = [
        queue(calls_per_hour=GONE, arrivals=[5, 1, 9]),
        queue(name="b", calls_per_hour=GONE, arrivals=[1, 2]),
    ]
    read = plan(queues=two, groups=[group(skills=["mandarin", "b"])])
    calls = run_of(read).model.calls
    assert calls.at.tolist() == [1, 1, 2, 5, 9]
    assert calls.queue.tolist() == [0, 1, 1, 0, 0]
