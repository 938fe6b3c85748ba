"""The far side of RTP, foreign or faulty: what telephones and gateways really send (RFC 3550, 4733)."""

from random import Random

import pytest

from hotline.telephony.rtp import event
from hotline.telephony.rtp.event import Event
from hotline.telephony.rtp.packet import Packet, build
from tests.telephony.rtp.test_session import ELSEWHERE, FRAME, MEDIA, STRANGER, audio, session


def key(number, timestamp, code=5, *, end=False, duration=160, marker=False, sequence=None, **more):
    payload = event.build(Event(code, end, 10, duration))
    at = 100 + number if sequence is None else sequence
    return build(Packet(101, at % 65536, timestamp % 2**32, 77, payload, marker, **more))


def pressed(one, packets, start=0.0):
    return "".join(
        one.receive(data, MEDIA, start + number * 0.02) for number, data in enumerate(packets)
    )


class TestKeys:
    """RFC 4733"""

    def test_no_marker_anywhere(self):
        assert pressed(session(), [key(n, 800, duration=160 * (n + 1)) for n in range(5)]) == "5"

    def test_only_end_packets_arrive(self):
        ends = [key(n, 800, end=True, duration=800) for n in range(3)]
        assert pressed(session(), ends) == "5"

    def test_no_end_packet_arrives_and_the_next_key_is_the_same(self):
        packets = [key(n, 800, duration=160 * (n + 1)) for n in range(4)]
        packets += [key(n + 4, 8000, duration=160 * (n + 1)) for n in range(4)]
        assert pressed(session(), packets) == "55"

    def test_a_duration_that_wraps_instead_of_being_cut_in_segments(self):
        """Some gateways let the 16 bits run over during a press of more than 8 s."""
        packets = [key(n, 800, duration=(n + 1) * 160 % 65536) for n in range(500)]
        assert pressed(session(), packets) == "5"

    def test_the_last_packet_is_sent_again_and_again(self):
        packets = [key(n, 800, end=n > 2, duration=480) for n in range(300)]
        assert pressed(session(), packets) == "5"

    def test_across_the_end_of_sequence_and_timestamp(self):
        packets = [key(n, 2**32 - 100, sequence=65534 + n, duration=160 * n) for n in range(5)]
        packets += [key(n, 8000, code=6, sequence=3 + n, duration=160 * n) for n in range(5)]
        assert pressed(session(), packets) == "56"

    @pytest.mark.parametrize("back", [120_000, 2**30, 2**31 - 1])
    def test_a_clock_that_was_set_back(self, back):
        """After a transfer some gateways go on with the old SSRC and another clock."""
        one, start = session(), 2**31
        assert pressed(one, [key(n, start) for n in range(3)]) == "5"
        assert pressed(one, [key(3 + n, start - back, code=6) for n in range(3)], 1) == "6"
        assert pressed(one, [key(6 + n, start - back + 8000, code=7) for n in range(3)], 2) == "7"

    def test_a_new_source_in_the_middle(self):
        one = session()
        assert pressed(one, [key(n, 800) for n in range(3)]) == "5"
        other = [build(Packet(101, n, 99 + 8000, 78, event.build(Event(6, False, 10, 160)))) for n in range(3)]  # fmt: skip
        assert pressed(one, other, 1) == "6"

    def test_in_extensions_and_padding(self):
        first = key(0, 800, csrc=(1, 2), extension=(0xBEDE, b"\x10\x7f\0\0"))
        assert pressed(session(), [first]) == "5"

    def test_a_volume_and_a_reserved_bit_make_no_other_key(self):
        payload = bytes((5, 0x40 | 63, 0, 160))
        assert session().receive(build(Packet(101, 1, 800, 77, payload)), MEDIA, 0.0) == "5"

    def test_from_a_third_host_there_are_none(self):
        one = session()
        assert one.receive(key(0, 800), STRANGER, 0.0) == ""
        assert one.receive(key(0, 800), ELSEWHERE, 0.0) == ""


class TestAudio:
    def test_comfort_noise_that_was_not_agreed_on_is_a_sign_of_life_and_no_loss(self):
        """RFC 3389: payload 13 in the pauses, in the same row of sequence numbers."""
        one = session()
        one.receive(audio(0), MEDIA, 0.0)
        for number in range(1, 50):
            one.receive(audio(number, payload_type=13, payload=b"\x40"), MEDIA, number * 0.2)
        one.receive(audio(50), MEDIA, 10.0)
        assert one.reception.lost == 0
        assert one.alive_at == 10.0
        assert one.counted["other_payload"] == 49

    def test_other_payloads_of_a_stranger_or_another_source_are_nothing(self):
        one = session()
        one.receive(audio(0), MEDIA, 0.0)
        one.receive(audio(1, payload_type=13), STRANGER, 5.0)
        one.receive(audio(1, payload_type=13, ssrc=5), MEDIA, 5.0)
        assert one.alive_at == 0.0
        assert one.source == 77

    @pytest.mark.parametrize("drift", [-500e-6, -50e-6, 50e-6, 500e-6])
    def test_a_clock_that_runs_fast_or_slow(self, drift):
        """Ten minutes of a sender whose second is not ours: the delay stays, little is lost."""
        one = session()
        one.listen()
        arrival, sent = 0.0, 0
        heard = 0
        for tick in range(30_000):
            while arrival <= tick * 0.02:
                one.receive(audio(sent), MEDIA, arrival)
                sent += 1
                arrival += 0.02 * (1 - drift)
            heard += len(one.take())
        assert one.jitter.waiting <= 1600
        assert abs(heard - sent * 160) < 0.002 * heard + 1600

    def test_silence_suppression(self):
        """The timestamps go on while nothing is sent: what follows a pause is heard whole."""
        one = session()
        one.listen()
        heard, sent = b"", 0
        for tick in range(400):
            if tick % 100 < 50:
                marker = tick % 100 == 0
                one.receive(audio(sent, timestamp=tick * 160, marker=marker), MEDIA, tick * 0.02)
                sent += 1
            heard += one.take()
        assert heard.count(FRAME[:1]) == sent * 160

    def test_anything_on_both_ports_of_a_call_changes_nothing(self):
        one, chance = session(), Random(7)
        one.receive(audio(0), MEDIA, 0.0)
        for _ in range(2000):
            data = chance.randbytes(chance.randrange(0, 60))
            assert one.receive(data, STRANGER, 0.0) == ""
        assert (one.source, one.latched) == (77, MEDIA)


def test_the_first_packets_of_a_key_after_a_restart_of_the_numbers():
    """The first packet after a wild jump is not believed (A.1), the key is heard by the second."""
    one = session()
    one.receive(audio(0), MEDIA, 0.0)
    packets = [key(n, 80_000, sequence=40_000 + n, duration=160 * (n + 1)) for n in range(4)]
    assert pressed(one, packets) == "5"
