"""The compiled engine does what the Python ACD does: the same row for every call, to the last bit.

`python -m tests.parity.long 20000` runs many more cases; `PARITY_CASES` sets the number here.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.simulation.engine import laws
from hotline.simulation.engine.model import Model, minimal, uniform_edges
from hotline.simulation.engine.results import Fate, Result
from hotline.simulation.engine.run import simulate
from tests.parity.cases import HORIZON, case, overloaded
from tests.parity.compare import differences

CASES = int(os.environ.get("PARITY_CASES", "1500"))


def test_thousands_of_seeded_cases_agree_call_by_call():
    fates: Counter[Fate] = Counter()
    for number in range(CASES):
        model, shifts = case(Random(number))
        assert not differences(model, shifts, number, fates), f"case {number}"
    assert set(fates) == set(Fate) - {Fate.OPEN}  # every way to end was among them


def test_long_lines_of_bookings_agree_call_by_call():
    fates: Counter[Fate] = Counter()
    for number in range(CASES // 30):
        model, shifts = overloaded(Random(number))
        assert not differences(model, shifts, number, fates), f"case {number}"
    assert fates[Fate.BOOKED] > fates[Fate.ANSWERED]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False), seed=st.integers(0, 2**32))
def test_any_case_agrees_and_a_disagreement_shrinks(random, seed):
    model, shifts = case(random)
    assert not differences(model, shifts, seed)


def plain(model: Model) -> Model:
    """The same calls and skills without anything that only the full variant knows."""
    return replace(
        model,
        queues=tuple(
            replace(q, redial=None, callback=None, ivr=type(q.ivr)("deterministic"),
                    contained=0.0, home=())
            for q in model.queues
        ),
        groups=tuple(
            replace(g, ring=type(g.ring)("deterministic"), answers=1.0, hangs_up=0.0, centre=-1)
            for g in model.groups
        ),
        calls=replace(model.calls, ring=None, home=None),
        duties=None, trunks=None, waiting_room=None, centres=(), lost=(),
    )  # fmt: skip


def assert_same_sums(small: Result, full: Result, case: object) -> None:
    """What the variant for one skill says is what the full one says, to the last bit."""
    for name in type(small.totals).__slots__:
        ours, theirs = getattr(small.totals, name), getattr(full.totals, name)
        assert np.array_equal(ours, theirs), (case, name)
    for name in ("ready", "talking", "after_call"):
        ours, theirs = getattr(small.groups, name), getattr(full.groups, name)
        assert np.array_equal(ours, theirs), (case, name)
    assert np.array_equal(small.waits_answered, full.waits_answered), case
    assert np.array_equal(small.waits_abandoned, full.waits_abandoned), case
    assert (small.calls, small.end) == (full.calls, full.end), case


def test_the_variant_for_one_skill_has_the_sums_of_the_full_one():
    for number in range(200):
        model = plain(case(Random(number))[0])
        model = replace(
            model, queues=model.queues[:1], groups=(replace(model.groups[0], skills=(0,)),),
            calls=replace(model.calls, queue=np.zeros_like(model.calls.queue)),
        )  # fmt: skip
        assert_same_sums(simulate(model, number), simulate(model, number, rows=True), number)


@pytest.mark.parametrize(
    ("agents", "per_second", "hours", "patience"),
    [
        (200, 0.8, 12, laws.exponential(180.0)),  # some wait
        (200, 0.8, 100, laws.exponential(180.0)),  # ... beyond three days, on short pages
        (20, 0.12, 48, laws.lognormal(120.0, 1.5)),  # most wait, many leave
        (3, 1.0, 4, laws.never()),  # a line of thousands, nobody leaves
        (3, 1.0, 2, laws.exponential(7200.0)),  # ... or some, from all over it
        (1, 0.01, 400, laws.exponential(900.0)),  # always someone in line for more than 12 days
        (0, 0.1, 1, laws.exponential(60.0)),  # nobody there
        (0, 0.1, 1, laws.never()),
    ],
)
def test_the_variant_for_one_skill_draws_the_same_calls(agents, per_second, hours, patience):
    model = minimal(
        laws.exponential(240.0), patience, agents, per_second, hours * 3600.0, busyness=0.2
    )
    model = replace(
        model, edges=uniform_edges(model.horizon, 1800.0), rate_edges=model.edges,
        queues=(replace(model.queues[0], after_call=laws.uniform(0.0, 60.0)),),
    )  # fmt: skip
    assert_same_sums(simulate(model, 7), simulate(model, 7, agents=True), agents)


def test_totals_rows_and_agents_say_the_same():
    for number in range(300):
        model, _ = case(Random(number))
        result = simulate(model, number, agents=True, rows=True)
        totals, rows, agents = result.totals, result.rows, result.agents
        counted = {
            Fate.ANSWERED: totals.answered, Fate.ABANDONED: totals.abandoned,
            Fate.BLOCKED: totals.blocked, Fate.REFUSED: totals.refused,
            Fate.BOOKED: totals.booked, Fate.STRANDED: totals.stranded,
            Fate.CONTAINED: totals.contained,
        }  # fmt: skip
        for fate, column in counted.items():
            assert column.sum() == (rows.fate == fate).sum(), fate
        assert totals.offered.sum() == sum(
            column.sum() for fate, column in counted.items() if fate is not Fate.CONTAINED
        )
        assert totals.arrived.sum() == len(rows.queue) == result.calls
        assert totals.redials.sum() == (rows.attempt > 0).sum()
        answered = rows.fate == Fate.ANSWERED
        waits = (rows.answered - rows.asked)[answered]
        assert totals.wait_answered.sum() == pytest.approx(waits.sum())
        assert totals.within.sum() == (waits <= model.answer_within).sum()
        assert totals.offers.sum() == rows.offers.sum() == agents.offers.sum()
        assert agents.answered.sum() == answered.sum()
        assert agents.unanswered.sum() == totals.unanswered.sum()
        assert result.waits_answered.sum() == answered.sum()
        for name in type(agents.times).__slots__:
            of_agents = getattr(agents.times, name).sum()
            assert of_agents == pytest.approx(getattr(result.groups, name).sum()), name
        present = agents.times.staffed + agents.times.not_ready + agents.times.on_break
        assert np.all(present <= HORIZON)
        assert np.all(agents.scheduled <= agents.times.staffed + agents.times.not_ready + 1e-9 +
                      agents.times.late)  # fmt: skip
