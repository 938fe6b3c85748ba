"""Two legs joined: a caller on RTP, and an agent on a SIP telephone or in a browser."""

from __future__ import annotations

from random import Random

import pytest

from hotline.telephony.engine import Engine
from hotline.telephony.leg import FRAME, TICK
from hotline.telephony.media import EngineMedia
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.rtp.profile import PAYLOADS, transcode
from tests.telephony.doubles import PROMPT, FakeExchange, FakeVoice, HandClock, Tape, octets
from tests.telephony.rtp.test_port import stream

CALL, AGENT = "c1", "a1"


class Call:
    """A caller's telephone and an agent's, each with its own law, at one hotline."""

    def __init__(self, caller: str, agent: str) -> None:
        self.clock = HandClock()
        self.engine = Engine(self.clock)
        self.exchange = FakeExchange()
        self.media = EngineMedia(self.engine, FakeVoice(), self.exchange)
        self.ports = RtpPorts(self.engine, chance=Random(1))
        self.opened = []
        self.caller, line = self.telephone(caller)
        self.agent, desk = self.telephone(agent)
        self.media.add_line(CALL, line)
        self.media.answer(CALL)
        self.media.add_desk(AGENT, desk)

    def telephone(self, codec):
        """A telephone, and the hotline's port for it; the leg that it speaks through."""
        ours, theirs = self.ports.open(), self.ports.open()
        self.opened += [ours, theirs]
        theirs.connect(stream(ours.address, codec=codec, payload=PAYLOADS[codec]))
        ours.connect(stream(theirs.address, codec=codec, payload=PAYLOADS[codec]))
        heard = bytearray()
        theirs.listen(heard.extend)
        leg = self.engine.attach(theirs)
        return (leg, heard, codec), ours

    def close(self) -> None:
        for port in self.opened:
            port.close()
        self.ports.close()


@pytest.fixture
def joined(request):
    call = Call(*request.param)
    yield call
    call.close()


LAWS = [("PCMA", "PCMA"), ("PCMU", "PCMA"), ("PCMA", "PCMU"), ("PCMU", "PCMU")]


@pytest.mark.parametrize("joined", LAWS, indirect=True, ids="-".join)
def test_caller_and_agent_hear_each_other_whatever_their_laws(joined):
    joined.media.bridge(CALL, AGENT)
    joined.clock.run(0.2)
    said = [bytes(range(20, 120)) * 32, bytes(range(130, 180)) * 64]
    ends = [joined.caller, joined.agent]
    for (leg, _, codec), octets_ in zip(ends, said, strict=True):
        leg.play(transcode(octets_, codec, "PCMU") if codec == "PCMA" else octets_)
    joined.clock.run(1.2)
    for (talker, hearer), octets_ in zip((ends, ends[::-1]), said, strict=True):
        _, heard, law = hearer
        own = transcode(transcode(octets_, talker[2], "PCMU"), "PCMU", talker[2])
        expected = transcode(own if talker[2] == "PCMA" else octets_, talker[2], law)
        assert expected[FRAME : -2 * FRAME] in bytes(heard)


def test_after_the_bridge_neither_hears_the_other_and_the_caller_hears_the_hotline():
    call = Call("PCMA", "PCMA")
    call.media.bridge(CALL, AGENT)
    call.clock.run(0.2)
    call.media.unbridge(CALL, AGENT)
    call.media.play(CALL, 1, PROMPT)
    leg, heard, _ = call.agent
    leg.play(b"\x01" * FRAME * 40)
    before = len(heard)
    call.caller[0].play(b"\x02" * FRAME * 40)
    call.clock.run(0.6)
    assert set(heard[before + 5 * FRAME :]) <= {0xD5}
    assert transcode(octets("abc"), "PCMU", "PCMA") in bytes(call.caller[1])
    call.close()


def test_a_browser_agent_and_a_telephone_caller_are_joined_through_the_same_engine():
    call = Call("PCMA", "PCMA")
    browser = Tape(call.clock)
    desk = call.media.add_desk("browser", browser)
    call.media.bridge(CALL, "browser")
    call.clock.run(0.1)
    leg, heard, _ = call.caller
    leg.play(b"\x21" * FRAME * 20)
    for _ in range(30):
        desk.receive(b"\x31" * FRAME)
        call.clock.run(TICK)
    talk = transcode(b"\x21" * FRAME * 10, "PCMU", "PCMA")
    assert transcode(talk, "PCMA", "PCMU") in browser.audio
    assert transcode(b"\x31" * FRAME * 10, "PCMU", "PCMA") in bytes(heard)
    call.close()


def test_how_the_audio_went_is_told_once_at_the_end_of_the_call():
    call = Call("PCMA", "PCMU")
    call.media.play(CALL, 1, PROMPT)
    call.clock.run(15.0)
    call.media.hang_up(CALL, "")
    [report] = call.exchange.measured
    assert (report.call, report.quality.codec, report.quality.lost) == (CALL, "PCMA", 0)
    assert report.quality.received == pytest.approx(750, abs=3)
    assert report.quality.mos is not None
    assert report.quality.mos > 4.3
    assert report.quality.far_lost == 0
    call.close()


@pytest.mark.parametrize("parted", [False, True])
def test_an_agent_whose_telephone_is_answered_after_the_bridge_is_joined_then(parted):
    call = Call("PCMA", "PCMA")
    desk = call.opened[2]
    call.media.remove_desk(AGENT)
    call.media.bridge(CALL, AGENT)
    call.clock.run(0.2)
    if parted:
        call.media.unbridge(CALL, AGENT)
    call.media.add_desk(AGENT, desk)
    leg, _, _ = call.agent
    leg.play(bytes(range(20, 120)) * 32)
    call.clock.run(0.6)
    _, heard, _ = call.caller
    assert (len(set(heard)) > 50) is not parted
    call.close()
