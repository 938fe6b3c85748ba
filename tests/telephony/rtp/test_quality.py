"""The E-model (ITU-T G.107) for G.711: known points, and what makes it worse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.rtp.quality import burst_ratio, mos, opinion, rating

SHARES, SECONDS = st.floats(0.0, 0.5), st.floats(0.0, 1.0)


def test_the_default_rating_is_that_of_g107_and_so_is_its_opinion():
    """G.107: the default parameters give R = 93.2, which Annex B turns into MOS 4.41."""
    assert rating(0.0, 0.0) == 93.2
    assert opinion(93.2) == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(
    ("r", "score"), [(50, 2.58), (60, 3.10), (70, 3.60), (80, 4.03), (90, 4.34)]
)
def test_the_limits_of_user_satisfaction(r, score):
    """G.107 table B.1: MOS at the limits of the categories of satisfaction."""
    assert opinion(r) == pytest.approx(score, abs=0.01)


def test_opinions_end_at_one_and_four_and_a_half():
    assert (opinion(-5), opinion(0), opinion(100), opinion(120)) == (1.0, 1.0, 4.5, 4.5)
    assert mos(1.0, 0.0) == 1.0


@given(SHARES, SHARES, SECONDS)
def test_more_loss_is_never_better(one, other, delay):
    assert mos(max(one, other), delay) <= mos(min(one, other), delay)


@given(SHARES, SECONDS, SECONDS)
def test_more_delay_is_never_better(loss, one, other):
    assert mos(loss, max(one, other)) <= mos(loss, min(one, other))


def test_a_burst_is_worse_than_the_same_loss_spread_out():
    assert mos(0.03, 0.1, burst_ratio=3.0) < mos(0.03, 0.1)
    assert burst_ratio(30, 30, 1000) == 1.0
    assert burst_ratio(30, 10, 1000) == pytest.approx(2.91)
    assert burst_ratio(0, 0, 0) == 1.0
