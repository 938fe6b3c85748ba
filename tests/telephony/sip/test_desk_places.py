"""An agent with a SIP telephone who may sit at a page as well: real signalling for the one, a page
that only listens for the other."""

from __future__ import annotations

import pytest

from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.telephony.browser import BrowserDesks
from hotline.telephony.places import Places
from hotline.telephony.sip.desks import SipDesks
from hotline.telephony.sip.digest import Credentials
from tests.telephony.doubles import Tape
from tests.telephony.sip.kit import uri
from tests.telephony.sip.test_desks import AGENTS, HOTLINE, World
from tests.telephony.test_gateway import FakeWire
from tests.telephony.test_twilio import say


class Page:
    """Counts how often it rings."""

    rung = 0

    def audio(self, *, there): ...

    def rings(self):
        self.rung += 1

    def stops(self): ...


class Both(World):
    def __init__(self):
        super().__init__()
        places = self.exchange.desks = Places(self.exchange, self.clock)
        place = places.place("telephone")
        users = {profile.id: profile.sip for profile in AGENTS}
        self.desks = SipDesks(users, self, place, self.media, self.ports, self.clock)
        place.desks = self.desks
        self.pages = BrowserDesks(places.place("browser"), self.media)
        self.page = Page()

    def sit(self):
        """He signs in on the page."""
        seat = self.pages.sit("a1", self.page)
        sound = self.pages.open(FakeWire())
        start = {"streamSid": "MZ1", "customParameters": {"token": seat.token}}
        sound.message(say(event="start", start=start))
        return seat

    def register_as_well(self):
        """His telephone registers, which nobody waits for."""
        target, credentials = uri(f"sip:{HOTLINE}"), Credentials("wang", "secret")
        self.at_phone(lambda: self.phone.register(target, credentials, self.network.now))
        self.run(1)
        assert self.agent.registrar.where("wang", self.network.now)

    def arrive(self):
        """A caller asks for an agent."""
        self.line = Tape(self.clock)
        self.media.add_line("x", self.line)
        self.exchange.post(ev.CallArrived(self.clock.now(), "x", "13800138000"))
        self.until(lambda: self.events(ev.MenuEntered))
        self.exchange.post(ev.KeyPressed(self.clock.now(), "x", "0"))


@pytest.fixture
def world():
    made = Both()
    yield made
    made.close()


def test_his_telephone_rings_while_he_has_no_page(world):
    world.register()
    assert world.pages.place.elsewhere("a1") == "telephone"
    world.talk()
    assert (len(world.rung), world.page.rung) == (1, 0)


def test_the_page_rings_and_the_telephone_that_registers_meanwhile_does_not(world):
    seat = world.sit()
    seat.wish("not_ready")
    world.register_as_well()
    assert world.state() is AgentState.NOT_READY
    seat.wish("ready")
    world.arrive()
    world.until(lambda: world.page.rung)
    assert seat.answer()
    assert world.rung == []
    world.until(lambda: world.state() is AgentState.TALKING)


def test_wishes_dialled_at_the_telephone_do_not_count_while_he_sits_at_the_page(world):
    world.sit()
    world.register_as_well()
    world.dial("*6")
    world.run(1)
    assert world.state() is AgentState.READY
    assert len(world.events(ev.AgentSignedIn)) == 1
