"""RFC 3550 appendices A.1, A.3 and A.8: sequence numbers, loss and jitter of one source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.rtp.packet import SEQUENCES, TIMESTAMPS
from hotline.telephony.rtp.reception import Reception


def taken(sequences) -> Reception:
    reception = Reception()
    for sequence in sequences:
        reception.take(sequence % SEQUENCES)
    return reception


@given(st.integers(0, SEQUENCES - 1), st.integers(1, 400))
def test_an_unbroken_stream_loses_nothing_wherever_it_begins(first, count):
    reception = taken(range(first, first + count))
    assert (reception.expected, reception.received, reception.lost) == (count, count, 0)


@given(
    first=st.integers(SEQUENCES - 60, SEQUENCES + 60),
    gone=st.sets(st.integers(1, 98), max_size=30),
)
def test_what_is_missing_is_counted_across_the_wrap_around(first, gone):
    reception = taken(first + n for n in range(100) if n not in gone)
    assert reception.lost == len(gone)
    runs = sum(n - 1 not in gone for n in gone)
    assert reception.bursts == runs


@given(st.permutations(range(1, 40)))
def test_reordering_is_not_loss(order):
    reception = taken([0, *order])
    assert (reception.lost, reception.repeated) == (0, 0)


def test_a_repetition_is_told_and_counted_and_is_no_gain():
    reception = taken(range(10))
    assert not reception.take(4)
    assert not reception.take(9)
    assert reception.repeated == 2
    assert reception.lost == 0


def test_a_wild_jump_is_believed_when_it_goes_on():
    """A.1: two packets in sequence restart the count; a single one is a stray."""
    reception = taken(range(100))
    assert not reception.take(40_000)
    assert reception.take(40_001)
    assert reception.restarts == 1
    assert reception.take(40_002)
    assert reception.lost == 0
    assert not taken(range(100)).take(40_000)


def test_another_source_begins_anew_and_the_totals_go_on():
    reception = taken(n for n in range(100) if n != 50)
    reception.begin_source()
    for sequence in range(7000, 7050):
        reception.take(sequence)
    assert (reception.expected, reception.lost) == (150, 1)


def test_the_report_says_what_was_lost_since_the_one_before():
    """A.3: fraction in 1/256 of the interval, the sum since the beginning."""
    reception = taken(n for n in range(100) if n % 4)
    first = reception.interval()
    assert (first.lost, first.fraction) == (24, 256 * 24 // 99)
    for n in range(100, 200):
        reception.take(n)
    second = reception.interval()
    assert (second.lost, second.fraction, second.highest) == (24, 0, 199)


@pytest.mark.parametrize("start", [0, TIMESTAMPS - 400])
def test_even_spacing_has_no_jitter_and_uneven_spacing_has_its_own(start):
    even, uneven = Reception(), Reception()
    for n in range(500):
        timestamp = (start + n * 160) % TIMESTAMPS
        even.measure(timestamp, n * 0.020 + 1.0)
        uneven.measure(timestamp, n * 0.020 + 1.0 + (n % 2) * 0.010)
    assert even.jitter == pytest.approx(0.0, abs=1e-6)
    assert uneven.jitter == pytest.approx(0.010, rel=0.01)
