"""One call's RTP without sockets: whom it listens to, whom it sends to, and what a bad network,
or a bad neighbour, can do to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from heapq import heappop, heappush
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.telephony.rtp.packet import HEADER, Packet, build, parse
from hotline.telephony.rtp.profile import PAYLOADS, SILENCE, transcode
from hotline.telephony.rtp.session import RELATCH, START, Session
from hotline.telephony.rtp.stream import Stream

PEER = "192.0.2.7"
MEDIA = (PEER, 4000)
ELSEWHERE = ("198.51.100.9", 4000)
STRANGER = ("203.0.113.5", 4000)
FRAME = b"\x55" * 160


def stream(**changes) -> Stream:
    return replace(Stream("PCMU", 0, 101, 0.020, MEDIA, send=True, receive=True), **changes)


def session(peer: str = PEER, *, trusted: bool = False, **changes) -> Session:
    made = Session(Random(1), Counter())
    made.connect(stream(**changes), peer, trusted=trusted)
    return made


def audio(number: int = 0, **changes) -> bytes:
    packet = Packet(0, 100 + number, 16_000 + number * 160, 77, FRAME)
    return build(replace(packet, **changes))


def sends_to(one: Session) -> tuple[str, int] | None:
    return one.target if one.send(FRAME) else None


# --- whom we send to -----------------------------------------------------------------------------


def test_media_at_the_signalling_peer_is_sent_at_once():
    assert sends_to(session()) == MEDIA


def test_nobody_can_point_our_audio_at_a_third_party():
    one = session(remote=ELSEWHERE)
    assert sends_to(one) is None
    one.receive(audio(), STRANGER, 0.0)
    assert sends_to(one) is None
    assert one.counted["stranger"] == 1


def test_media_elsewhere_is_sent_to_once_that_address_has_sent_some():
    one = session(remote=ELSEWHERE)
    one.receive(audio(payload_type=3), ELSEWHERE, 0.0)  # not what was agreed on
    assert sends_to(one) is None
    one.receive(audio(), ELSEWHERE, 0.0)
    assert sends_to(one) == ELSEWHERE


def test_a_trusted_peer_may_have_its_media_elsewhere():
    assert sends_to(session(remote=ELSEWHERE, trusted=True)) == ELSEWHERE


def test_the_port_that_a_nat_gave_is_latched_on_to():
    one = session()
    one.receive(audio(), (PEER, 61_000), 0.0)
    assert sends_to(one) == (PEER, 61_000)


def test_a_latch_holds_against_the_same_host_while_the_peer_goes_on_sending():
    one = session()
    one.receive(audio(), MEDIA, 0.0)
    one.receive(audio(1), (PEER, 61_000), 0.1)
    assert sends_to(one) == MEDIA
    assert one.counted["stranger"] == 1


def test_a_nat_that_forgot_its_mapping_is_followed_after_a_silence():
    one = session()
    one.receive(audio(), MEDIA, 0.0)
    one.receive(audio(1), (PEER, 61_000), RELATCH + 0.1)
    assert sends_to(one) == (PEER, 61_000)
    one.receive(audio(2), STRANGER, 10 * RELATCH)
    assert sends_to(one) == (PEER, 61_000)


def test_signalling_may_move_the_media_and_a_repeated_answer_does_not():
    one = session()
    one.receive(audio(), (PEER, 61_000), 0.0)
    one.connect(stream(), PEER)
    assert sends_to(one) == (PEER, 61_000)
    one.connect(stream(remote=(PEER, 5000)), PEER)
    assert sends_to(one) == (PEER, 5000)


# --- what comes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{"csrc": (1, 2, 3)}, {"extension": (0xBEDE, b"abcd")}, {"marker": True}],
    ids=["CSRC", "extension", "marker"],
)
def test_options_of_the_header_do_not_get_into_the_audio(options):
    one = session()
    one.listen()
    for number in range(3):
        one.receive(audio(number, **options), MEDIA, number * 0.02)
    assert one.take() == FRAME


def test_padding_does_not_get_into_the_audio():
    one = session()
    one.listen()
    for number in range(2):
        packet = parse(audio(number))
        one.receive(build(packet, padding=20), MEDIA, 0.0)
    assert one.take() + one.take() == FRAME * 2


def test_another_source_at_the_same_address_is_heard_and_counted():
    one = session()
    one.listen()
    for number in range(2):
        one.receive(audio(number), MEDIA, 0.0)
    for number in range(2):
        one.receive(audio(number, ssrc=88, sequence=9 + number, payload=b"\x44" * 160), MEDIA, 0.1)
    assert one.take() == b"\x44" * 160
    assert one.counted["new_source"] == 1
    assert one.reception.lost == 0


def test_a_source_that_took_our_number_makes_us_take_another():
    """RFC 3550 section 8.2."""
    one = session()
    ours = one.ssrc
    one.receive(audio(ssrc=ours), MEDIA, 0.0)
    assert one.ssrc != ours


def test_a_key_counts_although_audio_of_its_packet_number_came_before_it():
    one = session()
    one.receive(audio(), MEDIA, 0.0)
    key = audio(1, payload_type=101, payload=b"\x05\x0a\x00\xa0")
    assert one.receive(key, MEDIA, 0.02) == "5"
    assert one.receive(key, MEDIA, 0.02) == ""


def test_on_hold_keys_and_audio_are_not_listened_to_but_are_a_sign_of_life():
    one = session(receive=False, send=False)
    one.listen()
    assert one.receive(audio(payload_type=101, payload=b"\x05\x0a\x00\xa0"), MEDIA, 3.0) == ""
    assert one.heard_at == 3.0


def test_before_anything_was_agreed_on_nothing_is_believed():
    one = Session(Random(1), Counter())
    one.receive(audio(), MEDIA, 0.0)
    assert one.counted == {"early": 1}
    assert one.send(FRAME) == ()


@given(st.lists(st.binary(max_size=60) | st.binary(max_size=60).map(lambda b: b"\x80\x00" + b)))
def test_no_datagram_raises_or_is_sent_anything_for_and_all_are_counted(datagrams):
    one = session()
    one.listen()
    for data in datagrams:
        one.receive(data, MEDIA, 0.0)
    wrong = sum(one.counted[name] for name in ("too_short", "bad_field", "other_payload"))
    assert wrong + one.reception.received <= len(datagrams)
    assert wrong >= sum(len(data) < HEADER.size for data in datagrams)


def whole(one: Session) -> tuple[object, ...]:
    """All that a packet may change."""
    reception = tuple(getattr(one.reception, name) for name in one.reception.__slots__)
    return (
        *reception,
        one.heard_at,
        one.alive_at,
        one.latched,
        one.target,
        one.source,
        one.counted,
    )


@given(
    st.lists(
        st.tuples(
            st.integers(-3, 3),
            st.sampled_from([160, 160, 160, 0, 480, 2**31, -160]),
            st.sampled_from([0, 0, 0, 0, 101, 8]),
            st.sampled_from([77, 77, 77, 77, 78]),
            st.sampled_from([MEDIA, MEDIA, MEDIA, MEDIA, STRANGER, (PEER, 4002)]),
            st.booleans(),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_the_short_way_of_plain_audio_leads_where_the_long_one_does(packets):
    short, long = session(), session()
    number, timestamp = 65_520, 2**32 - 1000
    for at, (step, more, kind, ssrc, address, marker, cut) in enumerate(packets):
        number, timestamp = (number + step) % 2**16, (timestamp + more) % 2**32
        data = build(Packet(kind, number, timestamp, ssrc, FRAME, marker and step > 1))
        data = data[: 9 if cut and step > 2 else None]
        now = at * 0.02
        if len(data) < START.size or not short.follow(*START.unpack_from(data), address, now):
            short.receive(data, address, now)
        long.receive(data, address, now)
        assert whole(short) == whole(long)


def test_plain_audio_goes_the_short_way_until_somebody_listens():
    one = session()
    one.receive(audio(0), MEDIA, 0.0)
    for number in range(1, 10):
        assert one.follow(*START.unpack_from(audio(number)), MEDIA, number * 0.02)
    one.listen()
    assert not one.follow(*START.unpack_from(audio(10)), MEDIA, 0.2)


# --- what goes out -------------------------------------------------------------------------------


@pytest.mark.parametrize("ptime", [0.010, 0.020, 0.030, 0.040, 0.060])
def test_packets_have_the_agreed_length_and_follow_each_other_without_a_gap(ptime):
    one, packets = session(ptime=ptime), []
    for _ in range(30):
        packets += map(parse, one.send(FRAME))
    assert {len(packet.payload) for packet in packets} == {round(ptime * 8000)}
    for before, after in pairwise(packets):
        assert after.sequence == (before.sequence + 1) % 2**16
        assert after.timestamp == (before.timestamp + len(before.payload)) % 2**32
    assert [packet.marker for packet in packets] == [True] + [False] * (len(packets) - 1)


def test_a_key_takes_the_place_of_the_audio_and_the_audio_begins_anew_behind_it():
    one = session()
    one.send(FRAME)
    one.press("1")
    packets = [parse(data) for _ in range(12) for data in one.send(FRAME)]
    kinds = [packet.payload_type for packet in packets]
    assert kinds == [101] * 7 + [0] * 5
    assert [packet.marker for packet in packets] == [True] + [False] * 6 + [True] + [False] * 4
    assert packets[7].timestamp == (packets[0].timestamp + 7 * 160) % 2**32


@pytest.mark.parametrize("ptime", [0.010, 0.030, 0.060])
def test_whatever_the_packet_time_a_key_costs_no_time(ptime):
    one = session(ptime=ptime)
    began = one.timestamp
    for tick in range(50):
        if tick == 4:
            one.press("1")
        one.send(FRAME)
    passed = (one.timestamp - began) % 2**32
    assert 0 <= 50 * 160 - passed < round(ptime * 8000)


def test_without_agreement_on_events_a_key_is_its_tones():
    one = session(event_payload=None)
    one.press("1")
    packets = [parse(data) for _ in range(10) for data in one.send(FRAME)]
    assert {packet.payload_type for packet in packets} == {0}
    assert len({packet.payload for packet in packets}) > 2


def test_numbers_wrap_around():
    one = session()
    one.sequence, one.timestamp = 0xFFFF, 0xFFFFFFFF
    first, second = (parse(one.send(FRAME)[0]) for _ in range(2))
    assert (first.sequence, second.sequence) == (0xFFFF, 0)
    assert (first.timestamp, second.timestamp) == (0xFFFFFFFF, 159)


# --- a bad network, in virtual time --------------------------------------------------------------


def carried(seed: int, *, loss: float, jitter: float, repeat: float, codec: str, ptime: float):
    """Two sessions over a network that loses, delays and repeats: (keys, audio heard, receiver)."""
    chance, ends = Random(seed), []
    for number in (1, 2):
        end = Session(Random(number), Counter())
        agreed = stream(codec=codec, payload=PAYLOADS[codec], ptime=ptime)
        end.connect(agreed, PEER)
        end.sequence, end.timestamp = 0xFFF0, 2**32 - 3000  # both wrap around during the call
        ends.append(end)
    sender, receiver = ends
    receiver.listen()
    wire: list[tuple[float, int, bytes]] = []
    keys, heard, serial = "", b"", 0
    for tick in range(400):
        now = tick * 0.020
        if tick in (100, 120, 140):
            sender.press("12#"[tick // 20 - 5])
        for data in sender.send(bytes([1 + tick % 99]) * 160):
            for _ in range(1 + (chance.random() < repeat)):
                if chance.random() >= loss:
                    serial += 1
                    heappush(wire, (now + 0.02 + chance.random() * jitter, serial, data))
        while wire and wire[0][0] <= now:
            instant, _, data = heappop(wire)
            keys += receiver.receive(data, MEDIA, instant)
        heard += receiver.take()
    return keys, heard, receiver


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    codec=st.sampled_from(["PCMU", "PCMA"]),
    ptime=st.sampled_from([0.010, 0.020, 0.030]),
)
def test_keys_survive_loss_reordering_and_repetition(seed, codec, ptime):
    keys, _, receiver = carried(seed, loss=0.05, jitter=0.015, repeat=0.1, codec=codec, ptime=ptime)
    assert keys == "12#"
    assert receiver.reception.lost > 0
    assert receiver.reception.repeated > 0


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), ptime=st.sampled_from([0.020, 0.040]))
def test_a_network_that_only_jitters_loses_nothing_of_the_audio(seed, ptime):
    _, heard, receiver = carried(
        seed, loss=0.0, jitter=0.018, repeat=0.0, codec="PCMU", ptime=ptime
    )
    first = b"".join(bytes([1 + tick % 99]) * 160 for tick in range(2, 96))
    assert first in heard
    assert (receiver.reception.lost, receiver.late) == (0, 0)
    assert 0 < receiver.reception.jitter < 0.018


def test_either_law_crosses_into_the_other_and_silence_stays_silence():
    assert transcode(SILENCE["PCMA"], "PCMA", "PCMU") == SILENCE["PCMU"]
    assert transcode(SILENCE["PCMU"], "PCMU", "PCMA") == SILENCE["PCMA"]
    assert transcode(FRAME, "PCMA", "PCMA") is FRAME
