"""A hotline of several nodes in virtual time: real exchanges, ACD, agents and octets; bare calls."""

from __future__ import annotations

from agents.acd import Acd
from agents.behaviours import Behaviour
from agents.roster import AgentProfile
from agents.settings import AcdSettings
from agents.simulated import SimulatedAgent
from hotline.nodes.centre import Nodes, NoLines
from hotline.nodes.node import RemoteAcd
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.distributions import deterministic
from hotline.switch.events import AgentState, Party
from hotline.switch.exchange import Exchange
from hotline.switch.journal import MemoryJournal
from hotline.switch.record import fold
from tests.nodes.cable import Cable

ENGAGED = (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)


class BareCall:
    """A call without menus: 0 asks for an agent, 1 leaves the queue, 2 prefers a call-back."""

    def __init__(self):
        self.state, self.request, self.agent, self.heard = "free", 0, "", []

    def handle(self, event):
        self.out = []
        match event:
            case ev.CallArrived():
                self.out.append(do.Answer())
            case ev.CallbackDue(request=request, agent=agent, number=number):
                self.state, self.request, self.agent = "dialling", request, agent
                self.out.append(do.DialOut(number))
            case ev.KeyPressed(key="0") if self.state == "free":
                self.ask(event)
            case ev.KeyPressed(key="1") if self.state == "waiting":
                self.state = "free"
                self.tell(ev.RequestWithdrawn(event.at, event.call, self.request, "menu"))
            case ev.KeyPressed(key="2") if self.state == "waiting":
                self.tell(ev.CallbackRequested(event.at, event.call, self.request, "13800138000"))
            case ev.RequestRefused(request=self.request, reason=why) if self.state == "waiting":
                self.state = "free"
                self.heard.append(why)
            case ev.CallbackBooked(request=self.request) if self.state == "waiting":
                self.state = "free"
            case ev.AnsweredOut() if self.state == "dialling":
                self.tell(event)
            case ev.AgentConnected(request=self.request) if self.state in ("waiting", "dialling"):
                self.state, self.agent = "talking", event.agent
                self.out.append(do.Bridge(event.agent))
            case ev.AgentLeft() if self.state == "talking":
                self.state = "free"
                self.heard.append(f"left {event.reason}")
                if event.to.startswith("transfer:"):
                    self.ask(event)
            case ev.HungUp() if self.state != "ended":
                self.hang_up(event)
        return self.out

    def ask(self, event):
        self.state, self.request = "waiting", self.request + 1
        self.tell(ev.AgentRequested(event.at, event.call, self.request))

    def hang_up(self, event):
        if self.state == "waiting":
            self.tell(ev.RequestWithdrawn(event.at, event.call, self.request, "hung_up"))
        elif self.state == "talking":
            self.tell(ev.TalkEnded(event.at, event.call, self.agent, event.by))
        self.state = "ended"
        self.tell(ev.CallClosed(event.at, event.call, event.by, "hung up"))

    def tell(self, event):
        self.out.append(do.Tell(do.ACD, event))


class Place:
    """One node: its exchange, calls and journal."""

    def __init__(self, hotline, name):
        self.hotline, self.name = hotline, name
        self.shown = {}
        self.remote = RemoteAcd(hotline.clock, lambda e: self.shown.update({e.agent: e.state}))
        self.closed = {}
        self.journal = MemoryJournal(
            lambda entries: self.closed.update({entries[0].event.call: entries})
        )
        lines = NoLines()
        self.exchange = Exchange(
            clock=hotline.clock, media=lines, services=lines, journal=self.journal,
            acd=self.remote, make_call=lambda event: BareCall(), elsewhere=self.remote,
        )  # fmt: skip
        self.remote.connect(self.exchange)
        self.cable = None

    @property
    def joined(self):
        return self.cable is not None and self.cable.whole and self.cable.node.joined

    def join(self):
        if self.cable is None or not self.cable.whole:
            hotline = self.hotline
            self.cable = Cable(
                hotline.nodes, self.remote, self.name, clock=hotline.clock, transit=hotline.transit
            )

    def cut(self):
        if self.cable is not None and self.cable.whole:
            self.cable.cut()

    def arrive(self, call):
        self.exchange.post(ev.CallArrived(self.hotline.clock.now(), call, "13800138000"))

    def press(self, call, key):
        self.exchange.post(ev.KeyPressed(self.hotline.clock.now(), call, key))

    def hang_up(self, call):
        self.exchange.post(ev.HungUp(self.hotline.clock.now(), call, Party.CALLER))

    def pick_up(self, call):
        self.exchange.post(ev.AnsweredOut(self.hotline.clock.now(), call))

    def row(self, call):
        return fold(self.closed[call])

    def call(self, call):
        return self.exchange.calls[call]


class Hotline:
    """An ACD with agents, and nodes that may join it. `transit`: seconds that octets take."""

    def __init__(self, *names, agents=2, transit=0.0, behaviour=None, **settings):
        self.clock, self.transit = VirtualClock(), transit
        self._agents = [AgentProfile(f"a{n}", f"{1000 + n}") for n in range(1, agents + 1)]
        self._settings = AcdSettings(**settings)
        self._behaviour = behaviour or Behaviour(
            ring=deterministic(2.0), talk=deterministic(20.0), wrap_up=deterministic(5.0)
        )
        self.places = {}
        self.start_acd()
        for name in names:
            self.start(name)

    def start_acd(self):
        """A new ACD; who was joined with a former one is not any more."""
        for place in self.places.values():
            place.cut()
        self.facts = MemoryJournal()
        self.acd = Acd(self._agents, self._settings)
        self.nodes = Nodes(self.clock, self.facts, self.acd.has_agent)
        lines, chance = NoLines(), Chance(1)
        self.exchange = Exchange(
            clock=self.clock, media=lines, services=lines, journal=self.nodes, acd=self.acd,
            make_call=self.nodes.make_call,
            agents={p.id: SimulatedAgent(p, self._behaviour, chance) for p in self._agents},
        )  # fmt: skip
        self.nodes.connect(self.exchange)
        for agent in self._agents:
            self.exchange.post(ev.AgentSignedIn(self.clock.now(), "", agent.id))
            self.exchange.post(ev.AgentReady(self.clock.now(), "", agent.id))

    def start(self, name):
        """A node starts (again) and joins; what it had before is forgotten without a word."""
        former = self.places.get(name)
        self.places[name] = place = Place(self, name)
        if former is not None:
            former.cut()
        place.join()
        return place

    def wait(self, seconds):
        self.clock.run(self.clock.now() + seconds)

    def states(self):
        return {name: agent.state for name, agent in self.acd.floor.agents.items()}
