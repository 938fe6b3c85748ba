"""The jitter buffer: any packet length and any order in, 20 ms at a time out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.rtp.jitter import FRAME, LIMIT, PATIENCE, PIECES, JitterBuffer
from hotline.telephony.rtp.packet import TIMESTAMPS

SILENCE = b"\xff"


def said(samples: int, start: int = 0) -> bytes:
    return bytes((start + n) % 200 + 1 for n in range(samples))


def put(buffer: JitterBuffer, audio: bytes, start: int = 0) -> None:
    for at in range(0, len(audio), FRAME):
        buffer.put((start + at) % TIMESTAMPS, audio[at : at + FRAME])


def drained(buffer: JitterBuffer, ticks: int) -> bytes:
    return b"".join(buffer.take() for _ in range(ticks))


def played(audio: bytes) -> bytes:
    return audio.replace(SILENCE, b"")


@given(
    length=st.sampled_from([80, 160, 240, 320, 480, 133]),
    start=st.sampled_from([0, 5000, TIMESTAMPS - 700, TIMESTAMPS - 1]),
)
def test_packets_of_any_length_are_heard_whole_across_the_wrap_around(length, start):
    buffer, audio, out = JitterBuffer(SILENCE), said(length * 12), b""
    behind = 0
    for number in range(12):
        at = number * length
        buffer.put((start + at) % TIMESTAMPS, audio[at : at + length])
        behind += length
        while behind >= FRAME:
            out += buffer.take()
            behind -= FRAME
    out += drained(buffer, 12 + PATIENCE)
    assert audio in out
    assert buffer.filled == 0


@given(st.permutations(range(8)), st.lists(st.integers(0, 7), max_size=6))
def test_order_and_repetition_do_not_matter_within_the_depth(order, again):
    buffer, audio = JitterBuffer(SILENCE), said(FRAME * 8)
    buffer.put(0, audio[:FRAME])
    for number in [*order, *again]:
        buffer.put(number * FRAME, audio[number * FRAME : (number + 1) * FRAME])
    assert audio in drained(buffer, 20)


def test_a_lost_packet_is_a_hole_of_its_length():
    buffer, audio = JitterBuffer(SILENCE), said(FRAME * 5)
    for number in (0, 1, 3, 4):
        buffer.put(number * FRAME, audio[number * FRAME : (number + 1) * FRAME])
    expected = audio[: 2 * FRAME] + SILENCE * FRAME + audio[3 * FRAME :]
    assert drained(buffer, 5) == expected
    assert buffer.filled == FRAME


def test_it_collects_its_depth_before_it_plays():
    buffer = JitterBuffer(SILENCE)
    buffer.put(0, said(FRAME))
    assert buffer.take() == SILENCE * FRAME
    buffer.put(FRAME, said(FRAME))
    assert buffer.take() == said(FRAME)


def test_late_audio_moves_what_follows_and_does_not_punch_a_hole():
    buffer, audio = JitterBuffer(SILENCE), said(FRAME * 4)
    put(buffer, audio[: 2 * FRAME])
    out = drained(buffer, 2)
    assert drained(buffer, PATIENCE - 1) == b""
    put(buffer, audio[2 * FRAME :], 2 * FRAME)
    assert out + drained(buffer, 2) == audio


def test_a_packet_whose_time_is_over_is_told():
    buffer = JitterBuffer(SILENCE)
    for number in (0, 1, 3, 4):
        assert buffer.put(number * FRAME, said(FRAME))
    drained(buffer, 4)
    assert not buffer.put(2 * FRAME, said(FRAME))


def test_a_pause_in_the_timestamps_is_no_loss():
    buffer = JitterBuffer(SILENCE)
    put(buffer, said(2 * FRAME))
    drained(buffer, 2 + PATIENCE + 1)
    put(buffer, said(2 * FRAME, 7), 50 * FRAME)
    assert drained(buffer, 2) == said(2 * FRAME, 7)
    assert buffer.filled == 0


@pytest.mark.parametrize("jump", [3_000_000_000, -40_000, 1_000_000])
def test_a_sender_who_counts_from_elsewhere_is_followed_without_a_flood_of_silence(jump):
    buffer = JitterBuffer(SILENCE, hurry=True)
    put(buffer, said(2 * FRAME), 50_000)
    put(buffer, said(2 * FRAME, 9), (50_000 + jump) % TIMESTAMPS)
    assert played(drained(buffer, 20)) == said(2 * FRAME) + said(2 * FRAME, 9)


def test_a_conversation_that_is_too_far_behind_drops_its_oldest_audio():
    buffer, audio = JitterBuffer(SILENCE), said(FRAME * 30)
    put(buffer, audio)
    assert buffer.take() == audio[-LIMIT:][:FRAME]
    assert buffer.dropped == len(audio) - LIMIT


def test_a_machine_that_must_miss_nothing_catches_up_faster_than_real_time():
    buffer, audio = JitterBuffer(SILENCE, hurry=True), said(FRAME * 30)
    put(buffer, audio)
    assert len(buffer.take()) > 10 * FRAME
    assert buffer.dropped == 0


@given(st.lists(st.tuples(st.integers(0, TIMESTAMPS - 1), st.binary(max_size=400)), max_size=400))
def test_a_hostile_sender_fills_neither_memory_nor_time(packets):
    buffer = JitterBuffer(SILENCE, hurry=True)
    for timestamp, octets in packets:
        buffer.put(timestamp, octets)
        assert len(buffer._pieces) <= PIECES
    total = sum(len(octets) for _, octets in packets)
    assert len(drained(buffer, 50)) <= total + LIMIT * len(packets) + 50 * FRAME
