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

from hotline.simulation.engine.model import Model
from hotline.simulation.engine.results import Fate
from hotline.simulation.engine.run import simulate
from tests.parity.cases import HORIZON, case
from tests.parity.compare import differences

CASES = int(os.environ.get("PARITY_CASES", "1500"))


def test_thousands_of_seeded_cases_agree_call_by_call():
    fates: Counter[Fate] = Counter()
    for number in range(CASES):
        model, shifts = case(Random(number))
        assert not differences(model, shifts, number, fates), f"case {number}"
    assert set(fates) == set(Fate) - {Fate.OPEN}  # every way to end was among them


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


@pytest.mark.parametrize("single", [False, True])
def test_the_small_variants_have_the_sums_of_the_full_one(single):
    for number in range(200):
        model = plain(case(Random(number))[0])
        if single:
            model = replace(
                model, queues=model.queues[:1], groups=(replace(model.groups[0], skills=(0,)),),
                calls=replace(model.calls, queue=np.zeros_like(model.calls.queue)),
            )  # fmt: skip
        small, full = simulate(model, number), simulate(model, number, rows=True)
        for name in type(small.totals).__slots__:
            ours, theirs = getattr(small.totals, name), getattr(full.totals, name)
            assert np.array_equal(ours, theirs), (number, name)
        for name in ("ready", "talking", "after_call"):
            assert np.array_equal(getattr(small.groups, name), getattr(full.groups, name))
        assert np.array_equal(small.waits_answered, full.waits_answered)
        assert np.array_equal(small.waits_abandoned, full.waits_abandoned)
        assert small.end == full.end


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
