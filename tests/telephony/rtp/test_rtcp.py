"""RFC 3550 section 6: reports, descriptions, goodbyes, and the round trip they measure."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.rtp.errors import FieldError, RtpError, TooShortError
from hotline.telephony.rtp.reports import INTERVAL, Reports
from hotline.telephony.rtp.rtcp import Block, Description, Goodbye, Report, build, parse
from hotline.telephony.rtp.session import Session
from hotline.telephony.rtp.stream import Stream

WORD = st.integers(0, 0xFFFFFFFF)
BLOCKS = st.lists(
    st.builds(
        Block, WORD, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), WORD, WORD, WORD, WORD
    ),
    max_size=31,
).map(tuple)
REPORTS = st.builds(Report, WORD, BLOCKS) | st.builds(
    Report, WORD, BLOCKS, st.integers(0, 2**64 - 1), WORD, WORD, WORD
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
OTHERS = st.builds(
    Description, st.lists(st.tuples(WORD, NAMES), max_size=4).map(tuple)
) | st.builds(Goodbye, st.lists(WORD, max_size=8).map(tuple), NAMES)


@given(REPORTS, st.lists(OTHERS | REPORTS, max_size=4))
def test_what_is_built_is_parsed_again(first, others):
    assert parse(build(first, *others)) == (first, *others)


def test_a_receiver_report_is_laid_out_as_drawn():
    report = Report(0xA1A2A3A4, (Block(0xB1B2B3B4, 0x40, -1, 7, 9, 11, 13),))
    words = "81c90007 a1a2a3a4 b1b2b3b4 40ffffff 00000007 00000009 0000000b 0000000d"
    assert build(report).hex() == words.replace(" ", "")


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ("80", TooShortError, "RTCP header size insufficient: 1 < 4"),
        ("80c90002" + "00" * 4, TooShortError, "RTCP packet size insufficient: 8 < 12"),
        ("81c90001" + "00" * 4, TooShortError, "receiver report size insufficient: 4 < 28"),
        ("80c80001" + "00" * 4, TooShortError, "sender report size insufficient: 4 < 24"),
        ("80cb0000", FieldError, "first RTCP packet: 203 is not a report"),
        ("40c90001" + "00" * 4, FieldError, "version: 1 is not 2"),
        ("a0c90001" + "00" * 4, FieldError, "RTCP padding: 0 is not 1 to 4"),
    ],
)
def test_a_malformed_datagram_is_told_with_both_numbers(data, error, message):
    with pytest.raises(error, match=message):
        parse(bytes.fromhex(data))


@given(st.binary(max_size=120))
def test_no_datagram_raises_anything_but_our_errors(data):
    for head in (b"", b"\x80\xc9\x00\x01abcd", b"\x81\xc9\x00\x07" + bytes(28)):
        try:
            parse(head + data)
        except RtpError:
            continue


def test_unknown_types_are_passed_over():
    unknown = bytes.fromhex("80cc0001") + b"abcd"  # APP
    report = Report(1)
    assert parse(build(report) + unknown + build(Goodbye((1,)))) == (report, Goodbye((1,)))


# --- who reports what ----------------------------------------------------------------------------


class Side:
    """A session and its reports, towards a peer at `remote`."""

    def __init__(self, seed: int, remote: str) -> None:
        self.counted: Counter[str] = Counter()
        self.session = Session(Random(seed), self.counted)
        agreed = Stream("PCMU", 0, 101, 0.020, (remote, 4000), send=True, receive=True)
        self.session.connect(agreed)
        self.reports = Reports(self.session, Random(seed), self.counted, "a@b", 0.0)


def talk(left: Side, right: Side, seconds: float, delay: float, lose: bool = False) -> None:
    """Both speak; `delay` one way; every tenth packet to the right is lost if `lose`."""
    for tick in range(round(seconds * 50)):
        now = tick * 0.020
        for data in left.session.send(b"\xff" * 160):
            if not lose or tick % 10:
                right.session.receive(data, ("192.0.2.1", 4000), now + delay)
        for data in right.session.send(b"\xff" * 160):
            left.session.receive(data, ("192.0.2.2", 4000), now + delay)
        for one, other, host in ((left, right, "192.0.2.1"), (right, left, "192.0.2.2")):
            if now >= one.reports.due:
                data = one.reports.report(now)
                other.reports.receive(data, (host, 4001), now + delay)


def pair() -> tuple[Side, Side]:
    return Side(1, "192.0.2.2"), Side(2, "192.0.2.1")


def test_the_round_trip_is_measured_from_the_reports():
    left, right = pair()
    talk(left, right, 30.0, delay=0.070)
    assert left.reports.round_trip == pytest.approx(0.140, abs=0.001)
    assert right.reports.round_trip == pytest.approx(0.140, abs=0.001)


def test_each_side_learns_what_the_other_did_not_get():
    left, right = pair()
    talk(left, right, 30.0, delay=0.010, lose=True)
    assert left.reports.far is not None
    assert left.reports.far.lost == pytest.approx(150, abs=20)
    assert left.reports.far.fraction == pytest.approx(256 / 10, abs=3)
    quality = left.reports.quality()
    assert quality.lost == 0
    assert quality.mos is not None
    assert quality.far_mos is not None
    assert quality.mos > 4.2 > 3.5 > quality.far_mos


def test_reports_come_every_five_seconds_on_average_and_never_in_step():
    """6.2 and 6.3.1: half to one and a half times the interval."""
    side = Side(1, "192.0.2.2")
    instants = [side.reports.due]
    for _ in range(500):
        side.reports.report(instants[-1])
        instants.append(side.reports.due)
    gaps = [later - earlier for earlier, later in pairwise(instants)]
    assert INTERVAL / 2 / 1.22 <= min(gaps) < max(gaps) <= INTERVAL * 1.5 / 1.21
    assert sum(gaps) / len(gaps) == pytest.approx(INTERVAL / 1.21828, rel=0.05)


def test_who_sent_nothing_since_the_last_report_reports_as_a_receiver():
    side = Side(1, "192.0.2.2")
    side.session.send(b"\xff" * 160)
    first, again = side.reports.report(1.0), side.reports.report(2.0)
    assert parse(first)[0].ntp is not None
    assert parse(again)[0].ntp is None


def test_reports_of_strangers_and_malformed_ones_are_counted_and_change_nothing():
    left, right = pair()
    data = right.reports.report(1.0)
    left.reports.receive(data, ("203.0.113.9", 4001), 1.0)
    left.reports.receive(b"\x80", ("192.0.2.2", 4001), 1.0)
    left.reports.receive(data[:10], ("192.0.2.2", 4001), 1.0)
    assert left.counted == {"stranger": 1, "rtcp_too_short": 2}
    assert left.reports.far is None


def test_a_goodbye_is_noted_and_does_not_end_the_call():
    left, right = pair()
    talk(left, right, 1.0, delay=0.0)
    left.reports.receive(right.reports.goodbye(2.0), ("192.0.2.2", 4001), 2.0)
    assert left.reports.left
