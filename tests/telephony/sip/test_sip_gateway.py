"""SIP calls as calls of the exchange, and call-backs as SIP calls, on real sockets."""

import asyncio
import gc

import pytest

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.clock import WallClock
from hotline.telephony.engine import Engine
from hotline.telephony.media import EngineMedia
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import (
    Answered,
    Ended,
    Invited,
    MediaAgreed,
    Rang,
    Registered,
)
from hotline.telephony.sip.gateway import SipGateway, Trunk
from hotline.telephony.sip.guard import Guard, networks
from tests.telephony.doubles import FakeExchange, FakeVoice
from tests.telephony.sip.kit import uri

WORDS = {reason: do.Prompt(f"refused.{reason}", "ab") for reason in ("trunks", "draining")}


class Rig:
    """A gateway with an exchange that writes down, and a telephone."""

    def __init__(self, settings=None, host="127.0.0.1", public="", guard=None):
        self.host, self.public, self.guard = host, public, guard
        loop = asyncio.get_running_loop()
        self.clock = WallClock(loop.time, loop.call_later)
        self.exchange = FakeExchange()
        self.media = EngineMedia(Engine(self.clock), FakeVoice())
        self.media.connect(self.exchange)
        self.settings, self.events, self.heard = settings, [], asyncio.Condition()

    async def __aenter__(self):
        ports = RtpPorts(self.media.engine, self.host)
        self.telephone = SipEndpoint(
            self.clock, self.tell, settings=Settings(users={"95598": "pw"})
        )
        await self.telephone.listen("127.0.0.1", 0)
        self.registrar = uri(f"sip:95598:pw@127.0.0.1:{self.telephone.port}")
        self.gateway = SipGateway(
            self.clock,
            self.exchange,
            self.media,
            ports,
            settings=self.settings,
            guard=self.guard,
            public=self.public,
            trunk=Trunk(self.registrar, Credentials("95598", "pw"), register=True),
        )
        await self.gateway.listen(self.host, 0)
        return self

    async def __aexit__(self, *problem):
        await self.telephone.close()
        await self.gateway.close()

    def tell(self, event):
        self.events.append(event)

    async def until(self, true, seconds=5):
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.005)

    def dial(self):
        target = uri(f"sip:95598@127.0.0.1:{self.gateway.endpoint.port}")
        agent = self.telephone.agent
        return self.telephone.act(
            lambda: agent.call(target, ("127.0.0.1", 40000), self.clock.now(), from_user="138")
        )

    async def told(self, kind):
        await self.until(lambda: [e for e in self.events if type(e) is kind])
        return next(e for e in self.events if type(e) is kind)

    async def posted(self, kind):
        await self.until(lambda: self.exchange.of(kind))
        return self.exchange.of(kind)[0]


@pytest.fixture
async def rig():
    async with Rig() as made:
        yield made


async def test_a_call_with_a_key_by_info(rig):
    session = rig.dial()
    arrived = await rig.posted(ev.CallArrived)
    assert (arrived.number, arrived.dialled, arrived.medium) == ("138", "95598", "sip")
    rig.media.answer(arrived.call)
    await rig.told(Answered)
    rig.telephone.act(lambda: session.press("5"))
    assert (await rig.posted(ev.KeyPressed)).key == "5"
    rig.telephone.act(session.hang_up)
    gone = await rig.posted(ev.HungUp)
    assert (gone.call, gone.by) == (arrived.call, ev.Party.CALLER)
    assert rig.gateway.calls == 0
    assert rig.media.engine.legs == 0


async def test_a_call_leaves_nothing_for_the_collector_of_garbage(rig):
    # which would stop the audio of all calls: what belongs to a call goes when the call goes
    session = rig.dial()
    arrived = await rig.posted(ev.CallArrived)
    rig.media.answer(arrived.call)
    await rig.told(Answered)
    rig.media.play(arrived.call, 1, do.Music("waiting"))
    gc.collect()
    gc.disable()
    try:
        rig.telephone.act(session.hang_up)
        await rig.posted(ev.HungUp)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = {type(thing).__name__ for thing in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not left & {"RtpPort", "Reports", "Line", "Leg", "Sound", "_Leg"}


async def test_the_exchange_hangs_up(rig):
    rig.dial()
    arrived = await rig.posted(ev.CallArrived)
    rig.media.answer(arrived.call)
    await rig.told(Answered)
    rig.media.hang_up(arrived.call, "done")
    assert (await rig.told(Ended)).code == 0
    assert rig.exchange.of(ev.HungUp) == []
    assert rig.gateway.calls == 0


async def test_the_exchange_refuses(rig):
    rig.dial()
    arrived = await rig.posted(ev.CallArrived)
    rig.media.reject(arrived.call, "trunks")
    assert (await rig.told(Ended)).code == 486
    assert rig.gateway.calls == 0
    assert rig.exchange.of(ev.HungUp) == []


async def test_the_caller_gives_up_before_the_answer(rig):
    session = rig.dial()
    await rig.posted(ev.CallArrived)
    await asyncio.sleep(0.25)  # 100 Trying comes after 200 ms; no CANCEL before it (9.1)
    rig.telephone.act(session.hang_up)
    assert (await rig.posted(ev.HungUp)).by is ev.Party.CALLER


@pytest.mark.parametrize("trusted", [(), networks(["127.0.0.0/8"])])
async def test_a_stranger_hears_nothing_before_his_ack(trusted):
    """Else an INVITE with another's address floods that other one; a trusted peer need not wait."""
    async with Rig(guard=Guard(trusted=trusted)) as rig:
        sent = []
        keep = rig.telephone._send_datagram
        rig.telephone._send_datagram = lambda data, to: (
            sent.append((data, to)) if data.startswith(b"ACK") else keep(data, to)
        )
        session = rig.dial()
        arrived = await rig.posted(ev.CallArrived)
        rig.media.answer(arrived.call)
        rig.media.play(arrived.call, 1, do.Music())
        await rig.told(Answered)
        assert rig.media.engine.legs == (1 if trusted else 0)
        keep(*sent[0])
        await rig.until(lambda: rig.media.engine.legs == 1)
        rig.telephone.act(session.hang_up)
        await rig.posted(ev.HungUp)
        assert rig.media.engine.legs == 0


async def test_what_is_played_before_the_answer_is_early_media(rig):
    """A ring-back tone in a 183; the answer comes when it is over."""
    rig.dial()
    arrived = await rig.posted(ev.CallArrived)
    rig.media.play(arrived.call, 1, do.Tone("ringback"))
    assert (await rig.told(Rang)).code == 183
    await rig.told(MediaAgreed)
    assert rig.media.engine.legs == 1
    await rig.posted(ev.PlaybackFinished)
    assert not [event for event in rig.events if isinstance(event, Answered)]
    rig.media.answer(arrived.call)
    await rig.told(Answered)


async def test_a_refused_caller_is_told_why_first(rig):
    rig.media._refusals = WORDS
    rig.dial()
    arrived = await rig.posted(ev.CallArrived)
    rig.media.reject(arrived.call, "trunks")
    await rig.told(MediaAgreed)
    assert (await rig.told(Ended)).code == 486
    assert (rig.gateway.calls, rig.media.engine.legs) == (0, 0)
    assert rig.exchange.of(ev.HungUp) == []


async def test_a_refused_caller_need_not_listen_to_the_end(rig):
    rig.media._refusals = {"trunks": do.Prompt("refused.trunks", "a" * 200)}
    session = rig.dial()
    arrived = await rig.posted(ev.CallArrived)
    rig.media.reject(arrived.call, "trunks")
    await rig.told(MediaAgreed)
    rig.telephone.act(session.hang_up)
    await rig.until(lambda: rig.gateway.calls == rig.media.engine.legs == 0)


async def test_beyond_the_cap_or_closing_down_a_caller_is_told_so():
    async with Rig(Settings(calls=0, announced=5)) as rig:
        rig.media._refusals = WORDS
        rig.dial()
        ended = await rig.told(Ended)
        assert (ended.code, bool(ended.retry_after)) == (503, True)
        assert [event.code for event in rig.events if isinstance(event, Rang)] == [183]
        assert rig.exchange.posted == []
        assert rig.gateway.calls == 0


async def test_a_stranger_hears_early_media_with_his_prack():
    """As with his ACK; one who knows no PRACK is only told that it rings."""
    async with Rig(guard=Guard(trusted=())) as rig:
        kept = []
        keep = rig.telephone._send_datagram
        rig.telephone._send_datagram = lambda data, to: (
            kept.append((data, to)) if data.startswith(b"PRACK") else keep(data, to)
        )
        rig.dial()
        arrived = await rig.posted(ev.CallArrived)
        rig.media.play(arrived.call, 1, do.Music())
        await rig.told(MediaAgreed)
        assert rig.media.engine.legs == 0
        keep(*kept[0])
        await rig.until(lambda: rig.media.engine.legs == 1)


async def test_draining(rig):
    rig.gateway.drain()
    rig.dial()
    ended = await rig.told(Ended)
    assert ended.code == 503
    assert ended.retry_after
    assert rig.exchange.posted == []


async def test_a_call_back_through_the_trunk(rig):
    rig.media.dial_out("call-9", "13900139000")
    invited = await rig.told(Invited)
    assert invited.dialled == "13900139000"
    rig.telephone.act(lambda: invited.session.accept(("127.0.0.1", 40000)))
    assert (await rig.posted(ev.AnsweredOut)).call == "call-9"
    rig.media.play("call-9", 1, do.Prompt("greeting", "abc"))
    assert (await rig.told(MediaAgreed)).stream.codec == "PCMA"
    rig.telephone.act(invited.session.hang_up)
    assert (await rig.posted(ev.HungUp)).call == "call-9"


async def test_a_call_back_that_is_refused(rig):
    rig.media.dial_out("call-9", "13900139000")
    invited = await rig.told(Invited)
    rig.telephone.act(lambda: invited.session.reject(486))
    gone = await rig.posted(ev.HungUp)
    assert (gone.call, gone.by) == ("call-9", ev.Party.NETWORK)
    assert rig.exchange.of(ev.AnsweredOut) == []


async def test_the_gateway_registers_with_its_trunk(rig):
    """The telephone's side is a registrar that asks for a password."""
    where = rig.telephone.agent.registrar.where
    await rig.until(lambda: where("95598", rig.clock.now()))
    assert where("95598", rig.clock.now())[0].hop.port == rig.gateway.endpoint.port


async def test_a_users_telephone_is_rung_where_it_registered():
    async with Rig(Settings(users={"1001": "pw"})) as rig:
        agent, now = rig.telephone.agent, rig.clock.now
        target = uri(f"sip:127.0.0.1:{rig.gateway.endpoint.port};transport=tcp")
        rig.telephone.act(lambda: agent.register(target, Credentials("1001", "pw"), now()))
        assert (await rig.told(Registered)).seconds == 300
        rig.media.dial_out("call-9", "1001")
        invited = await rig.told(Invited)
        assert invited.session.dialog.peer.transport == "TCP"


@pytest.mark.parametrize(("public", "said"), [("", "127.0.0.1"), ("203.0.113.5", "203.0.113.5")])
async def test_bound_to_all_addresses_a_caller_is_told_the_one_he_reaches(public, said):
    """Not 0.0.0.0, which would be a hold (RFC 3264 8.4)."""
    async with Rig(host="0.0.0.0", public=public) as rig:
        rig.dial()
        arrived = await rig.posted(ev.CallArrived)
        rig.media.answer(arrived.call)
        await rig.told(Answered)
        agreed = await rig.told(MediaAgreed)
        assert agreed.stream.remote[0] == said
        assert agreed.stream.send
