"""Two ports on the loopback interface, under a clock moved by hand: real sockets, no waiting."""

from __future__ import annotations

import socket
from dataclasses import replace
from random import Random

import pytest

from hotline.telephony.engine import Engine
from hotline.telephony.leg import FRAME, QUIET, TICK
from hotline.telephony.rtp.dense import DensePorts
from hotline.telephony.rtp.port import INACTIVE, RtpPort, RtpPorts
from hotline.telephony.rtp.profile import transcode
from hotline.telephony.rtp.stream import Stream
from tests.telephony.doubles import HandClock

SAID = bytes(number % 100 + 20 for number in range(FRAME * 40))
"""0.8 s of mu-law without a silent sample."""


def stream(to: tuple[str, int], **changes) -> Stream:
    agreed = Stream("PCMU", 0, 101, 0.020, to, send=True, receive=True)
    return replace(agreed, **changes)


class Ends:
    """A hotline's port and a caller's, connected with each other."""

    def __init__(self, **agreed) -> None:
        self.clock = HandClock()
        self.engine = Engine(self.clock)
        self.ports = RtpPorts(self.engine, chance=Random(1))
        self.keys: list[str] = []
        self.events: list[object] = []
        self.hotline = self.open(keyed=self.keys.append)
        self.caller = self.open()
        self.heard = bytearray()
        self.caller.listen(self.heard.extend)
        self.connect(**agreed)
        self.legs = [self.engine.attach(self.hotline), self.engine.attach(self.caller)]

    def open(self, **options) -> RtpPort:
        return self.ports.open(
            lost=lambda: self.events.append("lost"),
            released=lambda code, reason: self.events.append((code, reason)),
            **options,
        )

    def connect(self, **agreed) -> None:
        self.hotline.connect(stream(self.caller.address, **agreed))
        self.caller.connect(stream(self.hotline.address, **agreed))

    def close(self) -> None:
        self.hotline.close()
        self.caller.close()
        self.ports.close()


@pytest.fixture
def ends():
    made: list[Ends] = []

    def make(**agreed) -> Ends:
        made.append(Ends(**agreed))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_rtp_is_on_an_even_port_and_its_reports_on_the_next(ends):
    both = ends()
    assert both.hotline.address[1] % 2 == 0
    assert both.hotline.address[0] == "127.0.0.1"
    assert both.hotline.address != both.caller.address


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@pytest.mark.parametrize("ptime", [0.010, 0.020, 0.030, 0.040, 0.060])
def test_what_is_played_is_heard_whatever_the_packet_time(ends, codec, ptime):
    both = ends(codec=codec, payload=8 if codec == "PCMA" else 0, ptime=ptime)
    both.legs[0].play(SAID)
    both.clock.run(1.5)
    assert transcode(SAID, "PCMU", codec) in bytes(both.heard)
    assert both.caller.session.reception.lost == 0
    size = {len(QUIET[codec]) * ptime / TICK}
    assert both.hotline.session.octets / both.hotline.session.sent in size


def test_a_key_is_heard_once_although_it_takes_seven_packets(ends):
    both = ends()
    for key in "19*0#":
        both.caller.press(key)
    both.clock.run(2.0)
    assert both.keys == list("19*0#")


def test_the_first_packet_of_a_key_is_the_key(ends):
    both = ends()
    both.clock.run(0.1)
    both.caller.press("5")
    both.clock.run(2 * TICK)
    assert both.keys == ["5"]


def test_event_payload_number_is_the_negotiated_one(ends):
    both = ends(event_payload=96)
    both.caller.press("7")
    both.clock.run(0.5)
    assert both.keys == ["7"]


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_without_events_a_key_is_heard_by_its_tones(ends, codec):
    both = ends(event_payload=None, codec=codec, payload=8 if codec == "PCMA" else 0)
    for key in "4*":
        both.caller.press(key)
    both.clock.run(1.0)
    assert both.keys == ["4", "*"]


def test_where_events_were_agreed_on_tones_in_the_audio_are_not_keys(ends):
    both = ends()
    both.caller.press("4", in_band=True)
    both.clock.run(1.0)
    assert both.keys == []


def test_on_hold_nothing_is_sent_and_afterwards_audio_goes_on(ends):
    both = ends()
    both.clock.run(0.2)
    both.connect(send=False, receive=False)
    before = both.hotline.session.sent
    both.clock.run(1.0)
    assert both.hotline.session.sent == before
    both.connect()
    both.legs[0].play(SAID)
    both.clock.run(1.5)
    assert SAID in bytes(both.heard)


def test_a_call_without_a_sign_of_life_is_lost_once(ends):
    both = ends()
    both.engine.detach(both.legs[1])
    both.clock.run(INACTIVE * 2)
    assert both.events == ["lost"]


@pytest.mark.parametrize("receive", [False, True])
def test_a_call_on_hold_may_be_silent_for_as_long_as_it_likes(ends, receive):
    """Whether the telephone calls it `inactive` or, with nothing to play, `sendonly`."""
    both = ends()
    both.engine.detach(both.legs[1])
    both.hotline.connect(stream(both.caller.address, send=False, receive=receive))
    both.clock.run(INACTIVE * 3)
    assert both.events == []


def test_reports_alone_are_a_sign_of_life(ends):
    both = ends()
    both.clock.run(1.0)
    both.caller.connect(stream(both.hotline.address, send=False))  # silent, but reporting
    both.clock.run(INACTIVE * 2)
    assert both.events == []


def test_a_fault_over_one_calls_key_does_not_deafen_the_others(ends, caplog):
    both = ends()

    def fail(key: str) -> None:
        raise RuntimeError(f"a machine broke over {key}")

    faulty, other = both.open(keyed=fail), both.open()
    faulty.connect(stream(other.address))
    other.connect(stream(faulty.address))
    both.engine.attach(other)
    other.press("8")
    both.caller.press("5")
    both.clock.run(0.5)
    assert both.keys == ["5"]
    assert "RuntimeError" in caplog.text
    assert "broke over 8" not in caplog.text  # no digit in a log
    faulty.close()
    other.close()


def speaks_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not speaks_ipv6(), reason="this machine has no IPv6 at all")
@pytest.mark.parametrize("make", [RtpPorts, DensePorts])
def test_calls_over_ipv6(make):
    clock = HandClock()
    engine = Engine(clock)
    hotline, callers = make(engine, "::1"), RtpPorts(engine, "::1")
    keys: list[str] = []
    ours, theirs = hotline.open(keyed=keys.append), callers.open()
    ours.connect(stream(theirs.address))
    theirs.connect(stream(ours.address))
    engine.attach(ours)
    engine.attach(theirs)
    theirs.press("6")
    clock.run(0.5)
    assert keys == ["6"]
    assert theirs.session.reception.received > 20
    for one in (ours, theirs, hotline, callers):
        one.close()


def test_the_last_words_are_heard_although_signalling_ended_the_call_before_them(ends):
    both = ends()
    both.legs[0].play(SAID)
    both.engine.detach(both.legs[1])  # the caller's side has had no time to listen
    both.clock.run(len(SAID) / 8000 + 0.1)
    assert SAID not in bytes(both.heard)
    rest = both.caller.rest()
    assert SAID in bytes(both.heard) + rest
    assert both.caller.rest() == b""


def test_closing_tells_once_and_frees_the_ports(ends):
    both = ends()
    both.hotline.close(1000, "goodbye")
    both.hotline.close(1000, "goodbye")
    both.clock.run(0.1)
    assert both.events == [(1000, "goodbye")]


def test_a_range_of_ports_is_kept_to_and_its_end_is_said(ends):
    engine = Engine(HandClock())
    free = RtpPorts(engine).open()
    first = free.address[1]
    free.close()
    ports = RtpPorts(engine, first=first, last=first + 1)
    port = ports.open()
    assert port.address[1] == first
    with pytest.raises(OSError, match="no pair of RTP ports"):
        ports.open()
    port.close()
    ports.close()
