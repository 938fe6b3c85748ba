"""An agent's SIP telephone at a hotline with its real exchange, ACD and menus; SIP goes through the
network in memory, audio through real sockets."""

from __future__ import annotations

import pytest

from agents.acd import Acd
from agents.desk import DeskAgent
from agents.roster import AgentProfile
from agents.settings import AcdSettings
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import AgentState, OfferOutcome, Party
from hotline.switch.exchange import Exchange
from hotline.switch.record import Entry, fold
from hotline.telephony.engine import Engine
from hotline.telephony.media import EngineMedia
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.rtp.profile import transcode
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.desks import SipDesks
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import Ended, Invited, MediaAgreed, TransferWent
from ivr import Call
from menus.loader import loads
from tests.telephony.doubles import FakeVoice, HandClock, Tape
from tests.telephony.sip.kit import Network, uri

HOTLINE, TELEPHONE = "192.0.2.1", "192.0.2.50"
AGENTS = [AgentProfile("a1", "1001", sip="wang")]
STEP = 0.02


BOOK = loads("""
version: 1
language: zh-CN
start: main
common_keys: {"0": agent}
menus:
  main: {title: 主菜单, prompt: 转人工服务请按0，电费请按1。, keys: {"1": "agent:bill"}}
""")


class NoServices:
    """Every service fails."""

    def call(self, call, service, inputs, reply):
        reply("failed", {})


class Journal:
    """Keeps all entries."""

    def __init__(self):
        self.entries = []

    def append(self, to, event):
        self.entries.append(Entry(to, event))

    def closed(self, closing):
        """Nothing to make durable."""


class World:
    """A hotline, an agent's telephone (`phone`) and a caller on a line that writes down."""

    def __init__(self, roster=AGENTS):
        self.clock, self.network = HandClock(), Network()
        self.engine = Engine(self.clock)
        self.media = EngineMedia(self.engine, FakeVoice())
        self.ports = RtpPorts(self.engine)
        self.journal, self.told = Journal(), []
        self.exchange = Exchange(
            clock=self.clock,
            media=self.media,
            services=NoServices(),
            journal=self.journal,
            acd=Acd(roster, AcdSettings(wrap_up=5.0)),
            make_call=lambda event: Call(BOOK),
            agents={profile.id: DeskAgent(profile) for profile in roster},
        )
        self.media.connect(self.exchange)
        self.agent = self.network.join(
            HOTLINE, lambda event: self.desks.handle(event), Settings(users={"wang": "secret"})
        )
        users = {profile.id: profile.sip for profile in roster}
        self.desks = SipDesks(users, self, self.exchange, self.media, self.ports, self.clock)
        self.exchange.desks = self.desks
        self.phone = self.network.join(TELEPHONE, self.on_phone, Settings(user="wang"))
        self.port = self.ports.open()  # of the telephone
        self.leg, self.heard = self.engine.attach(self.port), bytearray()
        self.port.listen(self.heard.extend)

    # what SipDesks needs of its endpoint
    def act(self, what):
        self.agent.timer(self.network.now)
        result = what()
        self.network.flush()
        return result

    def local(self, hop):
        return "127.0.0.1", 5060

    def on_phone(self, event):
        self.told.append(event)
        if isinstance(event, MediaAgreed):
            self.port.connect(event.stream, trusted=True)

    def run(self, seconds):
        for _ in range(round(seconds / STEP)):
            self.network.run(STEP)
            self.clock.run(STEP)

    def until(self, true, seconds=60):
        for _ in range(round(seconds / STEP)):
            if true():
                return
            self.run(STEP)
        pytest.fail("it did not come to that")

    def events(self, kind):
        return [entry.event for entry in self.journal.entries if type(entry.event) is kind]

    def state(self, agent="a1"):
        changes = [e.state for e in self.events(ev.AgentStateChanged) if e.agent == agent]
        return changes[-1] if changes else AgentState.OFFLINE

    def at_phone(self, what):
        """Something at the telephone."""
        self.phone.timer(self.network.now)
        what()
        self.network.flush()

    def register(self, seconds=300):
        credentials = Credentials("wang", "secret")
        self.at_phone(
            lambda: self.phone.register(
                uri(f"sip:{HOTLINE}"), credentials, self.network.now, seconds=seconds
            )
        )
        self.until(lambda: self.state() is AgentState.READY)

    def ask(self):
        """A caller asks for an agent; the telephone's call."""
        self.line = Tape(self.clock)
        self.media.add_line("x", self.line)
        self.exchange.post(ev.CallArrived(self.clock.now(), "x", "13800138000"))
        self.until(lambda: self.events(ev.MenuEntered))
        self.exchange.post(ev.KeyPressed(self.clock.now(), "x", "0"))
        self.until(lambda: self.rung)
        return self.rung[-1].session

    def talk(self):
        """Caller and agent speak with each other."""
        session = self.ask()
        self.at_phone(lambda: session.accept(("127.0.0.1", self.port.address[1])))
        self.until(lambda: do.Bridge("a1") in [did.action for did in self.events(ev.Did)])
        return session

    def dial(self, number, from_user="wang"):
        """The agent's telephone calls."""
        target, address = uri(f"sip:{number}@{HOTLINE}"), ("127.0.0.1", 4000)
        now = self.network.now
        self.at_phone(lambda: self.phone.call(target, address, now, from_user=from_user))

    def record(self):
        """The call's row."""
        self.until(lambda: self.events(ev.CallClosed))
        return fold(entry for entry in self.journal.entries if entry.event.call == "x")

    @property
    def rung(self):
        return [event for event in self.told if isinstance(event, Invited)]

    @property
    def over(self):
        return [event for event in self.told if isinstance(event, Ended)]

    def close(self):
        self.port.close()
        self.ports.close()


@pytest.fixture
def world():
    made = World()
    yield made
    made.close()


def test_registering_signs_in_and_expiry_signs_out(world):
    world.register(seconds=60)
    assert len(world.events(ev.AgentSignedIn)) == 1
    # the telephone falls silent: nothing renews the registration
    world.network._agents.pop((TELEPHONE, 5060))
    world.until(lambda: world.state() is AgentState.OFFLINE, 70)


def test_a_refresh_changes_nothing(world):
    world.register(seconds=60)
    world.run(100)
    assert len(world.events(ev.AgentSignedIn)) == 1
    assert world.state() is AgentState.READY


def test_both_hear_each_other_and_the_caller_hangs_up(world):
    world.register()
    world.talk()
    said, answer = bytes([0x31]) * 160, bytes([0x17]) * 8000
    world.leg.play(answer)
    for _ in range(50):
        world.media.heard("x", said)
        world.run(STEP)
    assert transcode(said * 5, "PCMU", "PCMA") in world.heard
    assert answer[:800] in world.line.audio
    world.media.remove_line("x")
    world.exchange.post(ev.HungUp(world.clock.now(), "x", Party.CALLER, "hung up"))
    world.until(lambda: world.over)
    assert (world.over[0].by_peer, world.over[0].code) == (True, 0)
    assert world.state() is AgentState.WRAP_UP
    world.until(lambda: world.state() is AgentState.READY, 6)
    [request] = world.record().requests
    assert request.ended_by is Party.CALLER


def test_the_agent_hangs_up_and_the_caller_is_asked_how_it_was(world):
    world.register()
    session = world.talk()
    world.at_phone(session.hang_up)
    world.until(lambda: world.events(ev.AgentLeft))
    assert [event.to for event in world.events(ev.AgentLeft)] == ["survey"]
    world.record()
    assert world.line.said[-1][0] == "close"


def test_he_refers_the_caller_to_another_skill(world):
    world.register()
    session = world.talk()
    world.at_phone(lambda: session.refer(f"sip:bill@{HOTLINE}"))
    world.until(lambda: world.over)
    assert [event.to for event in world.events(ev.AgentLeft)] == ["transfer:bill"]
    assert [event.skill for event in world.events(ev.AgentRequested)] == ["", "bill"]
    assert [event.code for event in world.told if isinstance(event, TransferWent)][-1:] == [200]


def test_keys_of_the_agent_are_his_and_not_the_callers(world):
    world.register()
    session = world.talk()
    keys = len(world.events(ev.KeyPressed))
    for key in "*8":
        world.at_phone(lambda key=key: session.press(key))
    record = world.record()
    assert len(world.events(ev.KeyPressed)) == keys
    [request] = record.requests
    assert (request.ended_by, record.reason) == (Party.AGENT, "harassment")


def test_hold(world):
    world.register()
    session = world.talk()
    agents = bytes([0x17]) * 8000
    music = bytes(range(100))
    for direction in ("sendonly", "inactive"):
        world.at_phone(lambda to=direction: session.renegotiate(to))
        world.until(lambda: world.state() is AgentState.HOLD)
        world.leg.play(agents)
        before = len(world.line.audio)
        world.run(1)
        # the caller hears the music, and neither silence nor what is said in the room (5.2.6.4)
        heard = world.line.audio[before + 160 :]
        assert music in heard
        assert agents[:160] not in heard
        world.at_phone(lambda: session.renegotiate("sendrecv"))
        world.until(lambda: world.state() is AgentState.TALKING)
        world.leg.play(agents)
        before = len(world.line.audio)
        world.run(1)
        assert agents[:800] in world.line.audio[before:]
        assert music not in world.line.audio[before + 160 :]


def test_an_agent_on_hold_may_be_silent_as_long_as_he_likes(world):
    world.register()
    session = world.talk()
    world.at_phone(lambda: session.renegotiate("sendonly"))
    world.run(2)
    world.engine.detach(world.leg)  # his telephone sends nothing any more
    world.run(70)
    assert world.state() is AgentState.HOLD


def test_the_caller_hangs_up_on_hold(world):
    world.register()
    session = world.talk()
    world.at_phone(lambda: session.renegotiate("sendonly"))
    world.until(lambda: world.state() is AgentState.HOLD)
    world.exchange.post(ev.HungUp(world.clock.now(), "x", Party.CALLER, "hung up"))
    world.until(lambda: world.over)
    assert world.state() is AgentState.WRAP_UP


@pytest.mark.parametrize("code", [486, 603, 480])
def test_he_declines(world, code):
    world.register()
    session = world.ask()
    world.at_phone(lambda: session.reject(code))
    world.until(lambda: world.state() is AgentState.NOT_READY)
    assert [e.outcome for e in world.events(ev.OfferEnded)][-1] is OfferOutcome.DECLINED


def test_nobody_answers_and_the_ringing_stops(world):
    world.register()
    world.ask()
    world.until(lambda: world.over, 25)
    assert world.over[0].code == 487
    assert world.state() is AgentState.NOT_READY


def test_the_caller_leaves_while_it_rings(world):
    world.register()
    world.ask()
    world.run(3)
    world.media.remove_line("x")
    world.exchange.post(ev.HungUp(world.clock.now(), "x", Party.CALLER, "hung up"))
    world.until(lambda: world.over)
    assert world.over[0].code == 487
    assert world.state() is AgentState.READY


class TestSeveralTelephones:
    """They all ring; who answers first has the call (RFC 3261 16.7)."""

    @pytest.fixture
    def other(self, world):
        """A second telephone of the same agent; what it is told."""
        told = []
        phone = world.network.join("192.0.2.51", told.append, Settings(user="wang"))
        world.register()
        phone.timer(world.network.now)
        phone.register(uri(f"sip:{HOTLINE}"), Credentials("wang", "secret"), world.network.now)
        world.run(1)

        def do(what):
            phone.timer(world.network.now)
            what([e for e in told if isinstance(e, Invited)][-1].session)
            world.network.flush()

        return do, told

    def accept(self, session):
        session.accept(("127.0.0.1", 4000))

    def ends(self, told):
        return [(e.by_peer, e.code) for e in told if isinstance(e, Ended)]

    def test_the_first_answer_wins_and_the_other_stops_ringing(self, world, other):
        _do_there, told = other
        first = world.talk()
        world.until(lambda: self.ends(told), 1)
        assert self.ends(told) == [(True, 487)]
        assert world.over == []
        world.at_phone(first.hang_up)
        world.record()
        assert len(world.events(ev.OfferMade)) == 1

    def test_the_other_may_be_the_first(self, world, other):
        do_there, told = other
        world.ask()
        do_there(self.accept)
        world.until(lambda: do.Bridge("a1") in [did.action for did in world.events(ev.Did)])
        world.until(lambda: world.over, 1)
        assert [e.code for e in world.over] == [487]
        assert self.ends(told) == []

    def test_answers_that_cross_leave_one_call(self, world, other):
        """13.2.2.4: the second 200 is acknowledged and ended with a BYE."""
        do_there, told = other
        session = world.ask()
        world.at_phone(lambda: session.accept(("127.0.0.1", world.port.address[1])))
        do_there(self.accept)
        world.run(2)
        assert self.ends(told) == [(True, 0)]
        assert world.over == []
        assert len(world.events(ev.AgentConnected)) == 1
        assert world.agent.calls == 1

    def test_busy_on_one_rings_on_the_other(self, world, other):
        do_there, _told = other
        session = world.ask()
        world.at_phone(lambda: session.reject(486))
        world.run(1)
        assert world.events(ev.OfferEnded) == []
        do_there(self.accept)
        world.until(lambda: do.Bridge("a1") in [did.action for did in world.events(ev.Did)])

    @pytest.mark.parametrize("code", [603, 600])
    def test_declined_on_one_is_declined_on_all(self, world, other, code):
        _do_there, told = other
        session = world.ask()
        world.at_phone(lambda: session.reject(code))
        world.until(lambda: world.state() is AgentState.NOT_READY)
        world.run(1)
        assert self.ends(told) == [(True, 487)]
        assert [e.outcome for e in world.events(ev.OfferEnded)] == [OfferOutcome.DECLINED]

    def test_one_of_them_goes_away_and_the_agent_is_still_there(self, world, other):
        world.network._agents.pop((TELEPHONE, 5060))
        world.run(310)
        assert world.state() is AgentState.READY


def test_how_the_agents_audio_went_is_in_the_row_beside_the_callers(world):
    world.register()
    world.talk()
    world.leg.play(bytes([0x17]) * 24000)
    world.run(3)
    world.media.remove_line("x")
    world.exchange.post(ev.HungUp(world.clock.now(), "x", Party.CALLER, "hung up"))
    record = world.record()
    [request] = record.requests
    assert record.media is not None
    assert record.media.codec == "PCMU"
    assert request.media is not None
    assert request.media.received >= 140
    assert request.media.mos > 4


def test_a_wish_is_dialled(world):
    world.register()
    world.dial("*6")
    world.until(lambda: world.state() is AgentState.NOT_READY)
    world.dial("*5")
    world.until(lambda: world.state() is AgentState.READY)
    world.run(1)
    assert [(event.by_peer, event.code) for event in world.over] == [(True, 0)] * 2
    assert world.events(ev.CallArrived) == []


def test_nobody_else_can_dial_an_agents_wish(world):
    world.register()
    stranger = world.network.join("192.0.2.66", lambda event: None)
    target = uri(f"sip:*6@{HOTLINE}")
    stranger.call(target, ("127.0.0.1", 4000), world.network.now, from_user="wang")
    world.dial("*6", from_user="li")
    world.run(1)
    assert world.state() is AgentState.READY
