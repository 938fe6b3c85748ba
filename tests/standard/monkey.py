"""The real hotline in virtual time with callers who press anything: what the checks must not blame.

Real book, call machine, ACD, simulated agents and services; only the line is a stand-in on which
every prompt lasts a few seconds.
"""

from dataclasses import asdict
from datetime import datetime
from random import Random

from agents.acd import Acd
from agents.behaviours import behaviour
from agents.roster_file import load_roster
from agents.settings import AcdSettings
from agents.simulated import SimulatedAgent
from hotline.services.live import DirectServices
from hotline.services.model import Binding, WorkOrder
from hotline.services.seed import seeded
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.exchange import Exchange
from hotline.switch.journal import MemoryJournal
from hotline.switch.record import fold
from ivr import Call
from ivr.speech import Speaker
from menus.loader import load

NOON = datetime(2026, 11, 23, 12, 0)
LENGTH = 3.0
KEYS = "1112223334455678900**9#"


class Line:
    """Plays every prompt for LENGTH seconds; hears everything else in silence."""

    def __init__(self):
        self.clock, self.exchange, self.current = None, None, {}

    def play(self, call, play, what):
        self.current[call] = play
        if not isinstance(what, do.Music):
            self.clock.call_at(self.clock.now() + LENGTH, lambda: self._end(call, play))

    def _end(self, call, play):
        if self.current.get(call) == play:
            self.exchange.post(ev.PlaybackFinished(self.clock.now(), call, play))

    def stop(self, call, play):
        self.current.pop(call, None)

    def __getattr__(self, name):
        return lambda *arguments: None


def run(calls=100, seed=1, roster=None, book=None, spread=20.0):
    """(rows with journals, general entries, work orders, book, roster) of a crowd of callers."""
    luck, clock, line, rows = Random(seed), VirtualClock(), Line(), []
    book, roster = book or load(), roster or load_roster()
    records = seeded(NOON, customers=50)
    numbers = sorted(binding.phone for binding in records.own(Binding))
    journal = MemoryJournal(lambda entries: rows.append((fold(entries), list(entries))))
    speaker, chance = Speaker(book.language), Chance(seed)
    exchange = Exchange(
        clock=clock,
        media=line,
        services=DirectServices(records, lambda: NOON),
        journal=journal,
        acd=Acd(roster, AcdSettings()),
        make_call=lambda event: Call(book, speaker=speaker),
        agents={p.id: SimulatedAgent(p, behaviour("normal"), chance) for p in roster},
    )
    line.clock, line.exchange = clock, exchange
    for profile in roster:
        exchange.post(ev.AgentSignedIn(0.0, "", profile.id))
        exchange.post(ev.AgentReady(0.0, "", profile.id))
    for number in range(calls):
        # Half of the callers are customers whose telephone leads to an account.
        bound = numbers[luck.randrange(len(numbers))]
        phone = bound if luck.random() < 0.5 else f"138{luck.randrange(10**8):08d}"
        _caller(exchange, clock, luck, f"call-{number:04d}", phone, luck.uniform(0, calls * spread))
    clock.run(until=calls * spread + 7200)
    orders = [asdict(order) for order in records.own(WorkOrder)]
    return rows, journal.general, orders, book, roster


def _caller(exchange, clock, luck, call, number, at):
    """Calls, presses any keys at any time, and hangs up after a while unless let go before."""

    def post(make):
        return lambda: exchange.post(make(clock.now()))

    clock.call_at(at, post(lambda now: ev.CallArrived(now, call, number)))
    when = at
    for _ in range(luck.randrange(12)):
        when += luck.choice((0.05, 0.4, 2.0, 4.0, 9.0))
        key = luck.choice(KEYS)
        clock.call_at(when, post(lambda now, key=key: ev.KeyPressed(now, call, key)))
    when += luck.choice((0.1, 5.0, 40.0, 400.0, 1200.0))
    clock.call_at(when, post(lambda now: ev.HungUp(now, call)))
