"""One call on a real exchange in virtual time, with a line of fixed durations and a tame ACD."""

from pathlib import Path

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.actions import CALL, Tell
from hotline.switch.clock import VirtualClock
from hotline.switch.exchange import Exchange
from hotline.switch.journal import MemoryJournal
from hotline.switch.record import fold
from ivr import Call, Settings
from ivr.call import always_monday_noon
from menus.loader import load

LENGTH = 3.0
"""every prompt lasts so long, seconds"""

BOOK = Path(__file__).with_name("book.yaml")


class Line:
    """Plays every prompt for LENGTH seconds and writes down what the caller heard and when."""

    def __init__(self, rig):
        self.rig, self.current, self.heard = rig, None, []

    def play(self, call, play, what):
        self.current = play
        self.heard.append((self.rig.clock.now(), what))
        if not isinstance(what, do.Music):
            self.rig.clock.call_at(self.rig.clock.now() + LENGTH, lambda: self._end(call, play))

    def _end(self, call, play):
        if self.current == play:
            self.rig.exchange.post(ev.PlaybackFinished(self.rig.clock.now(), call, play))

    def stop(self, call, play):
        if self.current == play:
            self.current = None

    def __getattr__(self, name):
        return lambda *arguments: self.rig.effects.append((name, *arguments))


class Acd:
    """Admits every call and remembers what it is told; the test answers for it."""

    def __init__(self):
        self.told = []

    def handle(self, event):
        self.told.append(event)
        return [Tell(CALL, event)] if isinstance(event, ev.CallArrived) else []


class Services:
    """Replies at once from a table; a service that is not in it never replies."""

    def __init__(self, replies):
        self.replies, self.asked = replies, []

    def call(self, call, service, inputs, reply):
        self.asked.append((service, dict(inputs)))
        if service in self.replies:
            outcome, values = self.replies[service]
            reply(outcome, values)


class Rig:
    """A call in progress: `press`, `wait`, look at `heard`."""

    def __init__(self, book=BOOK, services=None, calendar=always_monday_noon, area="", start=True):
        self.book = load(book) if isinstance(book, Path) else book
        self.clock, self.effects, self.rows = VirtualClock(), [], []
        self.line, self.acd = Line(self), Acd()
        self.services = Services({"bulletin": ("none", {})} | (services or {}))
        self.journal = MemoryJournal(self.rows.append)
        self.call = None
        self.exchange = Exchange(
            clock=self.clock,
            media=self.line,
            services=self.services,
            journal=self.journal,
            acd=self.acd,
            make_call=lambda event: self._make(calendar),
        )
        if start:
            self.exchange.post(ev.CallArrived(0.0, "c1", "13800138000", area=area))

    def _make(self, calendar):
        self.call = Call(self.book, calendar=calendar, settings=Settings())
        return self.call

    def press(self, keys):
        for key in keys:
            self.exchange.post(ev.KeyPressed(self.clock.now(), "c1", key))
        return self

    def wait(self, seconds=LENGTH):
        self.clock.run(self.clock.now() + seconds)
        return self

    def tell(self, kind, **fields):
        """The ACD or the network says something to the call."""
        self.exchange._queue.append((CALL, kind(self.clock.now(), "c1", **fields)))
        self.exchange._drain()
        return self

    def connect(self, number="1001"):
        return self.tell(ev.AgentConnected, request=self.call.request, agent="a1", number=number)

    def to_root(self):
        """Past the greeting, into the silence after the root menu."""
        return self.wait(2 * LENGTH)

    @property
    def heard(self):
        return [what.id for _, what in self.line.heard]

    @property
    def last(self):
        return self.line.heard[-1][1]

    @property
    def phase(self):
        return self.call.state

    @property
    def entries(self):
        return self.rows[0] if self.rows else self.journal.open["c1"]

    def facts(self, kind):
        return [entry.event for entry in self.entries if type(entry.event) is kind]

    @property
    def record(self):
        return fold(self.entries)
