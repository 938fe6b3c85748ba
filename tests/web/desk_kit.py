"""A hotline with agents in browsers, on a clock moved by hand: real exchange, ACD, media and control
channel; only the sockets are left out."""

from __future__ import annotations

import json

import pytest

from agents.acd import Acd
from agents.desk import DeskAgent
from agents.roster import AgentProfile
from agents.settings import AcdSettings
from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.switch.exchange import Exchange
from hotline.switch.record import Entry, fold
from hotline.telephony.browser import BrowserDesks
from hotline.telephony.engine import Engine
from hotline.telephony.media import EngineMedia
from hotline.telephony.places import Places
from hotline.web.desk import DeskControl, DeskRules
from hotline.web.live import Hub
from hotline.web.messages import caption
from ivr import Call
from menus.loader import loads
from tests.telephony.doubles import FakeVoice, HandClock, Tape
from tests.telephony.test_gateway import FakeWire
from tests.telephony.test_twilio import payload, say

AGENTS = (
    AgentProfile("a1", "1001", "王敏", skills=("", "*"), sip="wang"),
    AgentProfile("a2", "1002", "李静", skills=("bill",)),
    AgentProfile("a3", "1003", "赵磊", putonghua=None),
)
PASSWORDS = {"1001": "secret", "1002": None, "1003": None}
STEP = 0.02
BOOK = loads("""
version: 1
language: zh-CN
start: main
common_keys: {"0": agent}
menus:
  main: {title: {zh-CN: 主菜单, en-US: Main menu}, prompt: 转人工服务请按0，电费请按1。, keys: {"1": "menu:bill"}}
  bill: {title: 电费, skill: bill, prompt: 余额请按1，转人工服务请按0。, keys: {"1": "menu:main"}}
""")


class NoServices:
    """Every service fails."""

    def call(self, call, service, inputs, reply):
        reply("failed", {})


class Voice(FakeVoice):
    """Says values as well."""

    def render(self, template, values, language):
        return super().render(caption(template, values), {}, language)


class Desk:
    """A client of the control channel and of the audio, without a network."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.wire, self.sound = FakeWire(), FakeWire()
        self.control = world.control.open(self.wire)
        self.media = None

    def do(self, name: str, **fields: object) -> None:
        self.control.message(json.dumps({"do": name, **fields}))

    def sign_in(self, number="1001", password="secret", *, audio=True):
        self.do("sign_in", number=number, password=password)
        if audio and self.told("signed_in"):
            self.connect(self.last("signed_in")["token"])
        return self

    def connect(self, token):
        self.media = self.world.desks.open(self.sound)
        start = {"streamSid": "MZ1", "customParameters": {"token": token}}
        self.media.message(say(event="start", start=start))

    def speak(self, octets):
        self.media.message(say(event="media", media=payload(octets)))

    def told(self, kind):
        return [message for message in self.wire.texts if message["t"] == kind]

    def last(self, kind):
        assert self.told(kind), f"no {kind}; told {[m['t'] for m in self.wire.texts]}"
        return self.told(kind)[-1]

    @property
    def state(self):
        return self.last("state")["state"]

    @property
    def audio(self):
        return b"".join(self.sound.frames)


class World:
    """`hotline` for the hub, and callers on lines that write down."""

    def __init__(self, hangs_up="survey", passwords=PASSWORDS, agents=AGENTS) -> None:
        self.clock, self.book, self.roster = HandClock(), BOOK, agents
        self.engine = Engine(self.clock)
        self.media = EngineMedia(self.engine, Voice())
        self.entries, self._observers = [], []
        self.exchange = Exchange(
            clock=self.clock,
            media=self.media,
            services=NoServices(),
            journal=self,
            acd=Acd(agents, AcdSettings(wrap_up=5.0)),
            make_call=lambda event: Call(BOOK),
            agents={profile.id: DeskAgent(profile, hangs_up) for profile in agents},
        )
        self.media.connect(self.exchange)
        self.places = Places(self.exchange, self.clock)
        self.exchange.desks = self.places
        self.desks = BrowserDesks(self.places.place("browser"), self.media)
        self.hub = Hub(self)
        self.control = DeskControl(
            self.hub,
            self.desks,
            {profile.id: profile for profile in agents},
            passwords,
            DeskRules(wrap_up=5.0, hangs_up=hangs_up),
        )
        self.lines: dict[str, Tape] = {}

    # the journal, and the hub's hotline
    def append(self, to, event):
        entry = Entry(to, event)
        self.entries.append(entry)
        for observer in self._observers:
            observer(entry)

    def closed(self, closing):
        """Nothing to make durable."""

    def observe(self, callback):
        self._observers.append(callback)

    def run(self, seconds):
        for _ in range(round(seconds / STEP)):
            self.clock.run(STEP)

    def until(self, true, seconds=60):
        for _ in range(round(seconds / STEP)):
            if true():
                return
            self.run(STEP)
        pytest.fail("it did not come to that")

    def events(self, kind):
        return [entry.event for entry in self.entries if type(entry.event) is kind]

    def state(self, agent="a1"):
        changes = [e.state for e in self.events(ev.AgentStateChanged) if e.agent == agent]
        return changes[-1] if changes else AgentState.OFFLINE

    # people
    def desk(self, **how) -> Desk:
        return Desk(self).sign_in(**how)

    def arrive(self, call="x", keys="0"):
        """A caller who presses these keys, each when a menu has been entered."""
        self.lines[call] = Tape(self.clock)
        self.media.add_line(call, self.lines[call])
        self.exchange.post(ev.CallArrived(self.clock.now(), call, "13800138000"))
        for number, key in enumerate(keys, 1):
            entered = lambda n=number: len(self.of_call(ev.MenuEntered, call)) >= n  # noqa: E731
            self.until(entered)
            self.exchange.post(ev.KeyPressed(self.clock.now(), call, key))

    def of_call(self, kind, call="x"):
        return [event for event in self.events(kind) if event.call == call]

    def hang_up(self, call="x"):
        self.media.remove_line(call)
        self.exchange.post(ev.HungUp(self.clock.now(), call))

    def talk(self, desk, call="x"):
        """Caller and agent speak with each other."""
        self.arrive(call)
        self.until(lambda: desk.told("offer"))
        desk.do("answer")
        self.until(lambda: any(m["phase"] == "talking" for m in desk.told("talk")))

    def record(self, call="x"):
        """The call's row."""
        self.until(lambda: self.of_call(ev.CallClosed, call))
        return fold(entry for entry in self.entries if entry.event.call == call)
