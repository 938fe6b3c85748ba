"""RFC 4733: keys as telephone events, in and out."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.rtp.errors import RtpError, TooShortError
from hotline.telephony.rtp.event import KEYS, LONGEST, Event, Listener, Sender, build, parse
from hotline.telephony.rtp.packet import TIMESTAMPS

EVENTS = st.builds(
    Event, st.integers(0, 255), st.booleans(), st.integers(0, 63), st.integers(0, 0xFFFF)
)


def pressed(keys: str, start: int = 1000) -> list[tuple[bool, int, bytes]]:
    """(marker, timestamp, payload) of all packets that these keys take."""
    sender = Sender()
    for key in keys:
        sender.press(key)
    packets, timestamp = [], start
    while sender.busy:
        packet = sender.next(timestamp)
        if packet is not None:
            packets.append(packet)
        timestamp = (timestamp + 160) % TIMESTAMPS
    return packets


def heard(packets) -> str:
    listener = Listener()
    return "".join(listener.take(timestamp, payload) for _, timestamp, payload in packets)


# --- section 2.3: the payload --------------------------------------------------------------------


@given(st.lists(EVENTS, min_size=1, max_size=4))
def test_what_is_built_is_parsed_again(events):
    assert parse(b"".join(map(build, events))) == tuple(events)


def test_the_payload_is_laid_out_as_drawn():
    assert build(Event(11, True, 10, 800)) == bytes.fromhex("0b8a0320")


def test_a_short_payload_is_told_with_both_numbers():
    with pytest.raises(TooShortError, match="telephone-event size insufficient: 3 < 4"):
        parse(b"\x01\x0a\x00")


@given(st.integers(0, TIMESTAMPS - 1), st.binary(max_size=20))
def test_no_payload_raises_anything_but_our_errors(timestamp, payload):
    try:
        keys = Listener().take(timestamp, payload)
    except RtpError:
        return
    assert set(keys) <= set(KEYS)


# --- section 2.5.1: sending ----------------------------------------------------------------------


def test_a_key_is_one_timestamp_a_marker_growing_durations_and_three_ends():
    packets = pressed("5")
    events = [parse(payload)[0] for _, _, payload in packets]
    assert [marker for marker, _, _ in packets] == [True] + [False] * 6
    assert {timestamp for _, timestamp, _ in packets} == {1000}
    assert [event.duration for event in events] == [160, 320, 480, 640, 800, 800, 800]
    assert [event.end for event in events] == [False] * 4 + [True] * 3
    assert {event.key for event in events} == {"5"}


def test_keys_follow_each_other_with_a_pause_and_new_timestamps():
    starts = sorted({timestamp for _, timestamp, _ in pressed("123")})
    assert len(starts) == 3
    # Q.24: at least 40 ms between the end of a key and the next
    assert all(later - earlier - 800 >= 320 for earlier, later in pairwise(starts))


@pytest.mark.parametrize("key", ["", "E", "12", "一", " "])
def test_what_is_no_key_is_refused_without_saying_what_it_was(key):
    with pytest.raises(ValueError, match="not a key of a telephone"):
        Sender().press(key)


# --- section 2.5.2: receiving --------------------------------------------------------------------


@given(st.text(KEYS, min_size=1, max_size=12), st.integers(0, TIMESTAMPS - 1))
def test_every_key_is_heard_once_wherever_the_timestamp_stands(keys, start):
    assert heard(pressed(keys, start)) == keys


@given(st.text(KEYS, min_size=1, max_size=8), st.data())
def test_lost_repeated_and_reordered_packets_neither_lose_nor_double_a_key(keys, data):
    starts: dict[int, list] = {}
    for packet in pressed(keys):
        starts.setdefault(packet[1], []).append(packet)
    arriving = []
    for packets in starts.values():
        kept = data.draw(st.lists(st.sampled_from(packets), min_size=1, max_size=10))
        arriving += kept
    assert heard(arriving) == keys


def test_the_first_packet_is_the_key_and_the_end_may_be_lost():
    listener = Listener()
    assert listener.take(0, build(Event(7, False, 10, 160))) == "7"
    assert listener.take(0, build(Event(7, False, 10, 320))) == ""
    assert listener.take(1600, build(Event(7, False, 10, 160))) == "7"


def test_a_late_packet_of_the_key_before_is_not_a_new_key():
    listener = Listener()
    assert listener.take(0, build(Event(1, False, 10, 160))) == "1"
    assert listener.take(1600, build(Event(2, False, 10, 160))) == "2"
    assert listener.take(0, build(Event(1, True, 10, 800))) == ""
    assert listener.repeated == 1


def test_a_key_that_comes_wholly_behind_a_later_one_is_dropped_and_counted():
    listener = Listener()
    assert listener.take(1600, build(Event(2, False, 10, 160))) == "2"
    assert listener.take(0, build(Event(1, True, 10, 800))) == ""
    assert listener.late == 1


def test_a_very_long_press_in_segments_is_one_key():
    """Section 2.5.1.3: the next segment begins where the longest duration ended."""
    listener = Listener()
    assert listener.take(0, build(Event(3, False, 10, 0xFF00))) == "3"
    assert listener.take(0, build(Event(3, False, 10, LONGEST))) == ""
    assert listener.take(LONGEST, build(Event(3, False, 10, 160))) == ""
    assert listener.take(LONGEST, build(Event(3, True, 10, 320))) == ""
    assert listener.take(LONGEST + 2000, build(Event(3, False, 10, 160))) == "3"


def test_several_keys_in_one_packet_follow_each_other():
    """Section 2.5.1.5."""
    both = build(Event(1, True, 10, 800)) + build(Event(2, False, 10, 160))
    assert Listener().take(0, both) == "12"


def test_an_event_that_is_no_key_is_none():
    assert Listener().take(0, build(Event(16, False, 10, 160))) == ""  # flash


def test_a_stranger_with_random_timestamps_fills_no_memory():
    listener, chance = Listener(), Random(1)
    for _ in range(10_000):
        listener.take(chance.getrandbits(32), build(Event(1, True, 10, 800)))
    assert len(listener._starts) <= 16
