"""All calls on one pair of ports: each caller hears his own call, and nobody is guessed at."""

from __future__ import annotations

import socket
from random import Random

import pytest

from hotline.telephony.engine import Engine
from hotline.telephony.leg import FRAME
from hotline.telephony.rtp import burst, gather
from hotline.telephony.rtp.burst import Burst
from hotline.telephony.rtp.dense import DensePorts
from hotline.telephony.rtp.gather import Gather
from hotline.telephony.rtp.packet import Packet, build, parse
from hotline.telephony.rtp.port import RtpPorts
from tests.telephony.doubles import HandClock
from tests.telephony.rtp.test_port import stream

CALLS = 5


class Hotline:
    """A dense hotline with callers on ports of their own."""

    def __init__(self, calls: int = CALLS) -> None:
        self.clock = HandClock()
        self.engine = Engine(self.clock)
        self.dense = DensePorts(self.engine, chance=Random(1))
        self.own = RtpPorts(self.engine, chance=Random(2))
        self.keys: list[tuple[int, str]] = []
        self.heard = [bytearray() for _ in range(calls)]
        self.ports, self.callers, self.legs = [], [], []
        for number in range(calls):
            self.ports.append(
                self.dense.open(keyed=lambda key, n=number: self.keys.append((n, key)))
            )
            self.callers.append(self.own.open())
            self.callers[-1].listen(self.heard[number].extend)
            self.callers[-1].connect(stream(self.ports[-1].address))
            self.ports[-1].connect(stream(self.callers[-1].address))
            self.legs.append(self.engine.attach(self.ports[-1]))
            self.engine.attach(self.callers[-1])

    def close(self) -> None:
        for port in (*self.ports, *self.callers):
            port.close()
        self.dense.close()
        self.own.close()


def only_one_by_one(monkeypatch) -> None:
    """A system without calls for many datagrams."""
    monkeypatch.setattr(burst, "system_call", lambda name: None)
    monkeypatch.setattr(gather, "system_call", lambda name: None)


@pytest.fixture(params=["many", "one by one"])
def hotline(request, monkeypatch):
    if request.param != "many":
        only_one_by_one(monkeypatch)
    one = Hotline()
    yield one
    one.close()


def test_all_calls_have_the_same_address(hotline):
    assert len({port.address for port in hotline.ports}) == 1


def test_each_caller_hears_his_own_call_and_his_keys_reach_it(hotline):
    said = [bytes([number + 1]) * FRAME * 10 for number in range(CALLS)]
    for leg, octets in zip(hotline.legs, said, strict=True):
        leg.play(octets)
    hotline.clock.run(0.3)
    for number, caller in enumerate(hotline.callers):
        caller.press(str(number))
    hotline.clock.run(0.5)
    assert sorted(hotline.keys) == [(number, str(number)) for number in range(CALLS)]
    for number, octets in enumerate(said):
        assert octets in bytes(hotline.heard[number])
        assert not set(bytes(hotline.heard[number])) - {number + 1, 0xFF}


def test_reports_find_their_calls(hotline):
    hotline.clock.run(20.0)
    assert all(port.reports.far is not None for port in hotline.ports)
    assert all(port.quality().lost == 0 for port in hotline.ports)


def test_a_caller_whose_source_changes_is_still_known_by_his_address(hotline):
    hotline.clock.run(0.2)
    hotline.callers[2].session.ssrc ^= 1
    hotline.callers[2].press("7")
    hotline.clock.run(0.3)
    assert hotline.keys == [(2, "7")]


def test_a_call_that_is_over_gets_nothing_more_and_the_others_go_on(hotline):
    hotline.clock.run(0.2)
    hotline.ports[0].close()
    for caller in hotline.callers:
        caller.press("1")
    hotline.clock.run(0.3)
    assert sorted(hotline.keys) == [(number, "1") for number in range(1, CALLS)]
    assert hotline.dense.counted["ambiguous"] > 0  # which of the calls behind this host is it?


def test_two_calls_behind_one_address_are_told_apart_or_not_served():
    clock = HandClock()
    engine = Engine(clock)
    dense = DensePorts(engine, chance=Random(1))
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    keys: list[str] = []
    first = dense.open(keyed=keys.append)
    first.connect(stream(sock.getsockname()))
    engine.attach(first)

    def press(source: int, key: int) -> None:
        packet = Packet(101, key, key * 1600, source, bytes([key, 10, 0, 160]))
        sock.sendto(build(packet), first.address)
        clock.run(0.02)

    press(11, 1)
    second = dense.open(keyed=lambda key: keys.append("second " + key))
    second.connect(stream(sock.getsockname()))
    press(22, 2)  # the first is known, so it is the second's
    press(11, 3)
    press(33, 4)  # a third source: either of them could have changed
    assert keys == ["1", "second 2", "3"]
    assert dense.counted["ambiguous"] == 1
    sock.sendto(b"\x80", first.address)
    clock.run(0.02)
    assert dense.counted["too_short"] == 1
    for port in (first, second):
        port.close()
    dense.close()
    sock.close()


# --- many datagrams with one call ----------------------------------------------------------------


@pytest.fixture
def ends():
    socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(8)]
    for sock in socks:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
    yield socks
    for sock in socks:
        sock.close()


@pytest.mark.parametrize("system", ["sendmmsg", "none"])
def test_datagrams_of_any_length_reach_their_addresses_in_order(ends, system, monkeypatch):
    if system == "none":
        only_one_by_one(monkeypatch)
    sender, *receivers = ends
    gathered = Burst(sender)
    wanted: dict[int, list[bytes]] = {number: [] for number in range(len(receivers))}
    for length in (172, 172, 16, 12, 492, *range(50, 60)):
        for number, receiver in enumerate(receivers):
            datagram = bytes([number]) * length
            gathered.add(datagram, receiver.getsockname())
            wanted[number].append(datagram)
    assert gathered.flush() == 0
    assert gathered.flush() == 0
    for number, receiver in enumerate(receivers):
        got = [receiver.recv(2048) for _ in wanted[number]]
        assert sorted(got) == sorted(wanted[number])


def test_more_datagrams_than_one_call_takes_are_sent_in_several(ends, monkeypatch):
    monkeypatch.setattr(burst, "MOST", 3)
    sender, receiver, *_ = ends
    gathered = Burst(sender)
    for number in range(10):
        gathered.add(bytes([number]) * 20, receiver.getsockname())
    assert gathered.flush() == 0
    assert [receiver.recv(99)[0] for _ in range(10)] == list(range(10))


def test_one_that_cannot_be_sent_is_counted_and_the_rest_go_out(ends):
    sender, receiver, *_ = ends
    gathered = Burst(sender)
    gathered.add(b"a" * 20, receiver.getsockname())
    gathered.add(b"b" * 20, ("127.0.0.1", 0))
    gathered.add(b"c" * 20, receiver.getsockname())
    gathered.add(b"d" * 21, ("not.an.address.invalid", 5))
    assert gathered.flush() == 2
    assert [receiver.recv(99)[:1] for _ in range(2)] == [b"a", b"c"]


def test_what_has_come_is_read_with_its_senders_and_headers(ends, monkeypatch):
    monkeypatch.setattr(gather, "MOST", 16)
    receiver, *senders = ends
    sent = []
    for number in range(40):
        sender = senders[number % len(senders)]
        data = build(Packet(8, number, 160 * number, 2**32 - 1 - number, bytes(number % 200)))
        sender.sendto(data, receiver.getsockname())
        sent.append((data, sender.getsockname()))
    senders[0].sendto(b"ab", receiver.getsockname())
    many = Gather(receiver)
    assert many.possible
    got = []
    for expected in (16, 16, 9, 0):
        caught = list(many.look())
        assert len(caught) == expected
        for at, length, place, start, sequence, timestamp, ssrc in caught:
            data = many.datagram(at, length)
            got.append((data, many.sender(place)))
            if length >= 12:
                packet = parse(data)
                assert (packet.sequence, packet.timestamp) == (sequence, timestamp)
                assert (packet.ssrc, start) == (ssrc, 0x8008)
    assert got == [*sent, (b"ab", senders[0].getsockname())]
