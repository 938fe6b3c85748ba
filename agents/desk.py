"""An agent on a telephone of his own: a pure machine between that telephone and the ACD.

    telephone     this machine tells the ACD              the ACD tells it         telephone
    registers     signed in, ready (5.2.5.2 may refuse)
    gone          signed out; in a call: afterwards
                                                          OfferMade                rings
    answered      OfferAnswered                           AgentConnected
    declined      OfferDeclined (he is not ready then)    OfferEnded               stops ringing
    *1, *2, ...   AgentFinished                                                    released
    hung up       AgentFinished, as `hangs_up` says; for a lawful reason: the caller too
    hold          AgentHeld
    lost          AgentFinished: another agent; not ready. While it rings: he signs out as well
                                                          TalkEnded                released

The limit of ringing, the wrap-up and who is next are the ACD's, as for everybody. A call-back rings
him when the customer has answered: until then his telephone stays free (预占用).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from agents.roster import AgentProfile
from hotline.switch import events as ev
from hotline.switch.actions import (
    ACD,
    Action,
    CancelTimer,
    ReleaseDesk,
    RingDesk,
    StartTimer,
    Tell,
)
from hotline.switch.events import DeskEnd, OfferOutcome

FINISHES: Mapping[str, tuple[str, str]] = {
    "1": ("survey", ""),
    "2": ("transfer", ""),
    "8": ("hang_up", "harassment"),
    "9": ("hang_up", "silent"),
}
"""`*` and a key during the conversation -> how it ends: the two exceptions of 5.2.7.3 included."""

COMES_WITHIN = 20.0
"""Seconds that an agent's telephone may ring for a customer who was called back (our choice)."""

HangsUp = Literal["survey", "hang_up"]


class DeskAgent:
    """One agent of the roster on his telephone. Address: `agent:<id>`.

    `hangs_up`: what it means that he hangs up during a conversation. `survey`: the caller stays and
    is asked how it was. `hang_up`: the caller's line is released, which 5.2.7.3 counts against him.
    """

    def __init__(self, profile: AgentProfile, hangs_up: HangsUp = "survey") -> None:
        self.profile, self.hangs_up = profile, hangs_up
        self.call = ""
        """the call now ringing or spoken with"""
        self._skill = ""
        self._offer = 0
        self._talking = False
        self._in_use = False
        """whether the telephone rings or is off hook for a call of ours"""
        self._up = False
        self._star = False
        """`*` was the latest key"""
        self._handlers: dict[type[ev.Event], Callable[[Any], list[Action]]] = {
            ev.DeskOpened: self._opened,
            ev.DeskClosed: lambda e: [self._tell(ev.AgentSignedOut(e.at, "", self.profile.id))],
            ev.DeskAsked: self._asked,
            ev.OfferMade: self._offered,
            ev.OfferEnded: self._offer_ended,
            ev.DeskAnswered: self._answered,
            ev.DeskLeft: self._left,
            ev.AgentConnected: self._connected,
            ev.DeskHeld: self._held,
            ev.DeskKey: self._key,
            ev.DeskTransfer: self._transfer,
            ev.TalkEnded: self._talk_ended,
            ev.TimerFired: self._did_not_come,
        }

    def handle(self, event: ev.Event) -> Sequence[Action]:
        """Consume one event of his telephone or of the ACD."""
        handler = self._handlers.get(type(event))
        return () if handler is None else handler(event)

    def _tell(self, event: ev.Event) -> Tell:
        return Tell(ACD, event)

    # --- presence ------------------------------------------------------------------------------

    def _opened(self, event: ev.DeskOpened) -> list[Action]:
        me = self.profile.id
        signed_in = self._tell(ev.AgentSignedIn(event.at, "", me))
        return [signed_in, self._tell(ev.AgentReady(event.at, "", me))]

    def _asked(self, event: ev.DeskAsked) -> list[Action]:
        """He dialled a wish rather than a number."""
        at, me = event.at, self.profile.id
        wishes: dict[str, ev.Event] = {
            "ready": ev.AgentReady(at, "", me),
            "not_ready": ev.AgentNotReady(at, "", me, "desk"),
            "break": ev.BreakRequested(at, "", me, "desk"),
        }
        return [self._tell(wishes[event.wish])]

    # --- ringing -------------------------------------------------------------------------------

    def _offered(self, event: ev.OfferMade) -> list[Action]:
        self.call, self._skill, self._offer = event.call, event.skill, event.offer
        return self._ring()

    def _ring(self) -> list[Action]:
        self._in_use, self._up, self._star = True, False, False
        return [RingDesk()]

    def _release(self) -> list[Action]:
        in_use, self._in_use, self._up = self._in_use, False, False
        return [ReleaseDesk()] if in_use else []

    def _offer_ended(self, event: ev.OfferEnded) -> list[Action]:
        if event.offer != self._offer:
            return []
        self._offer = 0
        return [] if event.outcome is OfferOutcome.ANSWERED else self._release()

    def _answered(self, event: ev.DeskAnswered) -> list[Action]:
        self._up = True
        if self._offer:
            taken = ev.OfferAnswered(event.at, self.call, self.profile.id, self._offer)
            return [self._tell(taken)]
        return [CancelTimer("come")] if self._talking else self._release()

    # --- talking -------------------------------------------------------------------------------

    def _connected(self, event: ev.AgentConnected) -> list[Action]:
        self.call, self._talking = event.call, True
        if self._in_use:
            return []
        return [*self._ring(), StartTimer("come", COMES_WITHIN)]  # a call-back

    def _held(self, event: ev.DeskHeld) -> list[Action]:
        if not self._talking:
            return []
        return [self._tell(ev.AgentHeld(event.at, self.call, self.profile.id, event.on))]

    def _key(self, event: ev.DeskKey) -> list[Action]:
        star, self._star = self._star, event.key == "*"
        if not (star and self._talking and event.key in FINISHES):
            return []
        to, reason = FINISHES[event.key]
        return self._finish(event.at, f"transfer:{self._skill}" if to == "transfer" else to, reason)

    def _transfer(self, event: ev.DeskTransfer) -> list[Action]:
        if not self._talking:
            return []
        to = "survey" if event.skill == "survey" else f"transfer:{event.skill}"
        return self._finish(event.at, to)

    def _left(self, event: ev.DeskLeft) -> list[Action]:
        """The telephone is on hook again, and not by our doing."""
        up, self._in_use, self._up = self._up, False, False
        if self._offer:
            if event.how is DeskEnd.LOST:
                return []  # he has not declined: his sign-out, which follows, ends the offer
            declined = ev.OfferDeclined(event.at, self.call, self.profile.id, self._offer)
            return [self._tell(declined)]
        if not self._talking:
            return []
        if up and event.how is DeskEnd.HUNG_UP:
            to = "hang_up" if event.reason else self.hangs_up
            return self._finish(event.at, to, event.reason)
        return self._gone(event.at)

    def _did_not_come(self, event: ev.TimerFired) -> list[Action]:
        return self._gone(event.at) if self._talking and not self._up else []

    def _gone(self, at: float) -> list[Action]:
        """His telephone failed or nobody took it: the caller gets another agent."""
        away = self._tell(ev.AgentNotReady(at, "", self.profile.id, "telephone"))
        return [away, *self._finish(at, f"transfer:{self._skill}")]

    def _finish(self, at: float, to: str, reason: str = "") -> list[Action]:
        self._talking = False
        finished = ev.AgentFinished(at, self.call, self.profile.id, to, reason)
        return [CancelTimer("come"), self._tell(finished), *self._release()]

    def _talk_ended(self, event: ev.TalkEnded) -> list[Action]:
        """The caller is gone."""
        if not self._talking or event.call != self.call:
            return []
        self._talking = False
        return [CancelTimer("come"), *self._release()]
