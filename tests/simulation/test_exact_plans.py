"""Which theory a plan has: the figures where there is one, the reason where there is none."""

import pytest

from hotline.simulation.erlang import erlang_b
from hotline.simulation.exact import components, occupancy_of, theory_of
from hotline.simulation.theory_json import theory_json
from tests.simulation.plans import GONE, exponential, group, plan, queue


def models(**changes):
    return [theory.model for theory in theory_of(plan(**changes))]


def test_the_theory_that_fits():
    never = [queue(patience=GONE)]
    assert models() == ["M/M/s+M (Erlang A)"]
    assert models(queues=never) == ["M/M/s (Erlang C)"]
    assert models(queues=never, waiting_room=50) == ["M/M/s/K"]
    assert models(trunks=250) == ["M/M/s/K+M"]
    assert models(queues=[queue(patience=120)]) == ["M/M/s+G"]
    talk = {"distribution": "lognormal", "mean": 240, "cv": 1}
    assert models(queues=[queue(handle=talk)], waiting_room=0) == ["M/G/s/s (Erlang B)"]
    ranks = [queue(patience=GONE, calls_per_hour=1800), queue(name="b", patience=GONE, priority=-1, calls_per_hour=1020)]  # fmt: skip
    both = group(skills=["mandarin", "b"])
    assert set(models(queues=ranks, groups=[both])) == {"M/M/s, non-preemptive priorities"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"queues": [queue(handle={"distribution": "lognormal", "mean": 240, "cv": 1})]}, "lognormal"),
        ({"queues": [queue(after_call=30)]}, "after-call work"),
        ({"ring": 3}, "ring time"),
        ({"redial": {"probability": 0.5, "delay": 60}}, "redials"),
        ({"busyness": {"cv": 0.1}}, "time of day"),
        ({"queues": [queue(patience=120)], "trunks": 250}, "limit of places"),
        ({"queues": [queue(), queue(name="b", priority=1)], "groups": [group(skills=["mandarin", "b"])]}, "priorities with abandonment"),
        ({"queues": [queue(), queue(name="b")], "groups": [group(skills=["mandarin", "b"]), group(name="b", skills=["b"])]}, "different skills"),
    ],
)  # fmt: skip
def test_the_reason_why_there_is_none(changes, why):
    theories = theory_of(plan(**changes))
    assert all(theory.exact is None for theory in theories)
    assert why in theories[0].reason.en
    data = theory_json(plan(**changes), theories)
    found = data["queues"]["mandarin"]
    assert found["service_level"] is None
    assert found["reason"] == theories[0].reason.en
    assert data["groups"]["a"]["occupancy"] is None


def test_queues_that_share_nothing_are_apart():
    two = plan(queues=[queue(), queue(name="b", calls_per_hour=100)],
               groups=[group(), group(name="b", agents=9, skills=["b"])])  # fmt: skip
    assert components(two) == [[0], [1]]
    alone = theory_of(plan())[0].exact
    assert theory_of(two)[0].exact == alone


def test_queues_of_one_kind_are_one_line():
    """Two halves of the calls, the same agents: the figures of the whole."""
    halves = [queue(calls_per_hour=1425), queue(name="b", calls_per_hour=1425)]
    both = plan(queues=halves, groups=[group(skills=["mandarin", "b"])])
    first, second = (theory.exact for theory in theory_of(both))
    whole = theory_of(plan())[0].exact
    assert first.service_level == second.service_level == whole.service_level
    assert first.mean_queue + second.mean_queue == pytest.approx(whole.mean_queue)


def test_groups_that_do_the_same_are_one_crew():
    two = plan(groups=[group(agents=120), group(name="b", agents=80)])
    whole = theory_of(plan())
    assert theory_of(two)[0].exact == whole[0].exact
    # but which of the two is busier depends on who is asked first
    assert occupancy_of(two, two.groups[0], theory_of(two)) is None
    assert occupancy_of(plan(), plan().groups[0], whole) == whole[0].exact.occupancy


def test_fewer_lines_than_agents():
    lines = theory_of(plan(groups=[group(agents=300)], trunks=200))[0].exact
    crew = theory_of(plan(groups=[group(agents=200)], trunks=200))[0].exact
    assert lines.blocked_fraction == crew.blocked_fraction
    assert lines.occupancy == pytest.approx(crew.occupancy * 2 / 3)


def test_counts_are_those_of_an_hour():
    read = plan(queues=[queue(patience=exponential(60))], trunks=205)
    found = theory_json(read, theory_of(read))["queues"]["mandarin"]
    assert found["offered"] == 2850
    assert found["answered"] + found["abandoned"] + found["blocked"] == pytest.approx(2850)
    assert found["confidence"]["abandoned"] == [found["abandoned"]] * 2


def test_callers_without_any_patience_are_lost_as_by_erlang_b():
    (found,) = theory_of(plan(queues=[queue(patience=exponential(0))]))
    assert found.exact.abandoned_fraction == pytest.approx(erlang_b(200, 190.0), rel=1e-3)
