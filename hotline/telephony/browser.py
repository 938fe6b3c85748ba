"""Agents in a browser: the port `Desks` of the exchange, by pages and a WebSocket for the sound.

    exchange          page                       exchange is told
                      signs in, audio is there   DeskOpened      (signs out, is closed: DeskClosed)
    RingDesk          rings
                      answer                     DeskAnswered    (his audio is at the engine now)
                      decline                    DeskLeft(declined)
                      hold, transfer, a key      DeskHeld, DeskTransfer, DeskKey
                      hang up                    DeskLeft(hung up, and why)
                      closed, audio lost         DeskLeft(lost)
    ReleaseDesk       stops

What all this means is decided by `agents.desk` and the ACD; here are only seats and their audio. A
page that is closed while it rings has not declined: the ACD ends the offer as lost when it hears
that the agent is gone.
"""

from __future__ import annotations

import secrets
from enum import Enum
from typing import Protocol

from hotline.switch import events as ev
from hotline.switch.events import DeskEnd, Party
from hotline.telephony import twilio
from hotline.telephony.connection import START_WITHIN, Connection, Door, Wire
from hotline.telephony.leg import Leg
from hotline.telephony.media import EngineMedia
from hotline.telephony.places import Place

SEATS = 1000
"""Audio connections of agents at once by default; one more is closed with 1013."""


class Page(Protocol):
    """What a seat tells the page, or whatever else sits there. Nothing waits, nothing raises."""

    def audio(self, *, there: bool) -> None:
        """His audio is connected, or lost."""
        ...

    def rings(self) -> None:
        """A caller is offered."""
        ...

    def stops(self) -> None:
        """It neither rings nor is he off hook any more, and not by his doing."""
        ...


class Hook(Enum):
    """The receiver of a seat."""

    ON = "on"
    RINGING = "ringing"
    OFF = "off"


class Seat:
    """One agent at his page, from sign-in to sign-out. Methods that give a bool say whether it
    could be done now."""

    def __init__(self, desks: BrowserDesks, agent: str, page: Page) -> None:
        self._desks, self.agent, self._page = desks, agent, page
        self.token = secrets.token_urlsafe(16)
        """with this the audio connection says whose it is"""
        self.hook = Hook.ON
        self.held = False
        self.opened = False
        """whether the exchange knows that he is there"""
        self._media: DeskConnection | None = None
        self._leg: Leg | None = None

    # --- the agent does ------------------------------------------------------------------------

    def wish(self, wish: str) -> bool:
        """ready (in wrap-up: done) | not_ready | break."""
        self._post(ev.DeskAsked(self._now(), "", self.agent, wish))
        return self.opened

    def answer(self) -> bool:
        """Take the caller: his audio is at the engine from now on."""
        if self.hook is not Hook.RINGING or self._media is None:
            return False
        self.hook = Hook.OFF
        self._media.count_anew()
        self._leg = self._desks.media.add_desk(self.agent, self._media)
        self._post(ev.DeskAnswered(self._now(), "", self.agent))
        return True

    def decline(self) -> bool:
        """Let it pass to somebody else."""
        return self.hook is Hook.RINGING and self._leave(DeskEnd.DECLINED)

    def hang_up(self, reason: str = "") -> bool:
        """On hook; for a `reason` of 5.2.7.3 the caller's line is released too."""
        return self.hook is Hook.OFF and self._leave(DeskEnd.HUNG_UP, reason)

    def transfer(self, skill: str) -> bool:
        """Hand the caller to an agent of `skill`, or to the `survey`."""
        if self.hook is not Hook.OFF:
            return False
        self._post(ev.DeskTransfer(self._now(), "", self.agent, skill))
        return True

    def hold(self, *, on: bool) -> bool:
        """Hold the caller, or take him back."""
        if self.hook is not Hook.OFF:
            return False
        if self.held is not on:
            self.held = on
            self._desks.media.mute_desk(self.agent, on=on)
            self._post(ev.DeskHeld(self._now(), "", self.agent, on))
        return True

    def leave(self) -> None:
        """He signs out, or his page is gone."""
        self._desks.vacate(self)
        media, self._media = self._media, None
        if self.hook is not Hook.ON:
            self._leave(DeskEnd.LOST)
        if self.opened:
            self.opened = False
            self._post(ev.DeskClosed(self._now(), "", self.agent))
        if media is not None:
            media.close(1000, "signed out")

    # --- his audio -----------------------------------------------------------------------------

    def connect(self, media: DeskConnection) -> bool:
        """His audio is there; at the first time he is signed in with it."""
        if self._media is not None:
            return False
        self._media = media
        self._page.audio(there=True)
        if not self.opened:
            self.opened = True
            self._post(ev.DeskOpened(self._now(), "", self.agent))
        return True

    def says(self, ulaw: bytes) -> None:
        """Audio came; between calls nobody hears it."""
        if self._leg is not None:
            self._leg.receive(ulaw)

    def pressed(self, key: str) -> None:
        """A key of his telephone, as `*1`."""
        if self.hook is Hook.OFF:
            self._post(ev.DeskKey(self._now(), "", self.agent, key))

    def disconnect(self) -> None:
        """His audio is lost: a conversation with it, and an offer passes to somebody else."""
        if self._media is None:
            return
        self._media = None
        self._page.audio(there=False)
        if self.hook is not Hook.ON:
            self._leave(DeskEnd.LOST if self.hook is Hook.OFF else DeskEnd.DECLINED)
            self._page.stops()

    # --- the exchange does ---------------------------------------------------------------------

    def ring(self) -> None:
        """Ring; without audio he cannot be reached."""
        if self._media is None:
            self._post(ev.DeskLeft(self._now(), "", self.agent, DeskEnd.DECLINED))
        else:
            self.hook = Hook.RINGING
            self._page.rings()

    def release(self) -> None:
        """On hook by the hotline's doing."""
        if self._on_hook():
            self._page.stops()

    # --- inside --------------------------------------------------------------------------------

    def _leave(self, how: DeskEnd, reason: str = "") -> bool:
        self._on_hook()
        self._post(ev.DeskLeft(self._now(), "", self.agent, how, reason))
        return True

    def _on_hook(self) -> bool:
        was, self.hook = self.hook, Hook.ON
        self.held = False
        if self._leg is not None:
            self._leg = None
            self._desks.media.remove_desk(self.agent)
        return was is not Hook.ON

    def _now(self) -> float:
        return self._desks.now()

    def _post(self, event: ev.Event) -> None:
        self._desks.place.post(event)


class BrowserDesks(Door["DeskConnection"]):
    """The seats, and the door of their audio: a WebSocket in the format of Media Streams whose
    `start.customParameters.token` is the seat's."""

    def __init__(
        self,
        place: Place,
        media: EngineMedia,
        *,
        limit: int = SEATS,
        start_within: float = START_WITHIN,
    ) -> None:
        super().__init__(media.engine.clock, limit, start_within)
        self.place, self.media = place, media
        place.desks = self
        self._seats: dict[str, Seat] = {}

    def sit(self, agent: str, page: Page) -> Seat | None:
        """`agent` signs in: he is there when his audio is connected. None: he sits here already."""
        if agent in self._seats:
            return None
        seat = self._seats[agent] = Seat(self, agent, page)
        return seat

    def vacate(self, seat: Seat) -> None:
        """He has left."""
        if self._seats.get(seat.agent) is seat:
            del self._seats[seat.agent]

    def seat_of(self, token: str) -> Seat | None:
        """Whose audio it is."""
        found = (seat for seat in self._seats.values() if secrets.compare_digest(seat.token, token))
        return next(found, None)

    def admit(self, wire: Wire) -> DeskConnection:
        """An agent's audio."""
        return DeskConnection(self, wire)

    def ring(self, agent: str) -> None:
        """Ring at his page; an agent who is not there has left."""
        seat = self._seats.get(agent)
        if seat is None:
            self.place.post(ev.DeskLeft(self.now(), "", agent, DeskEnd.DECLINED))
        else:
            seat.ring()

    def release(self, agent: str) -> None:
        """Stop ringing or put him on hook."""
        seat = self._seats.get(agent)
        if seat is not None:
            seat.release()


class DeskConnection(Connection):
    """The audio of one seat."""

    def __init__(self, desks: BrowserDesks, wire: Wire) -> None:
        super().__init__(desks, wire)
        self._desks = desks
        self._seat: Seat | None = None

    def started(self, start: twilio.Started) -> None:
        """The client shows its token."""
        token = start.parameters.get("token", "")
        seat = self._desks.seat_of(token) if token.isascii() else None
        if seat is None:
            self.refuse(1008, "customParameters.token is not that of a sign-in; sign in first")
        elif not seat.connect(self):
            self.refuse(1008, "the audio of this sign-in is connected already")
        else:
            self._seat = seat

    def audio(self, ulaw: bytes) -> None:
        """The agent speaks."""
        if self._seat is not None:
            self._seat.says(ulaw)

    def key(self, digit: str) -> None:
        """The agent pressed a key."""
        if self._seat is not None:
            self._seat.pressed(digit)

    def over(self, by: Party, reason: str) -> None:
        """The audio is lost."""
        if self._seat is not None:
            self._seat.disconnect()
