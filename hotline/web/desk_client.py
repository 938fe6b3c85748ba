"""One client of the control channel: a page, or a program that answers calls.

    before sign-in   sign_in only, within SIGN_IN_WITHIN
    signed in        wishes -> its seat; journal entries and the seat -> messages
    refused, closed  its seat is left

The driver of its connection sees no exception.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents.roster import AgentProfile
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.switch.record import Entry
from hotline.telephony.browser import Seat
from hotline.telephony.connection import STALLED, Wire
from hotline.telephony.engine import log_error
from hotline.web import desk_protocol as said

if TYPE_CHECKING:
    from hotline.web.desk import DeskControl

AUDIO = "/desk/media"
"""Path of the audio."""
SIGN_IN_WITHIN = 300.0
"""Seconds a connection may be there without an agent: a page that waits for a person."""
AFTER_WRONG = 1.0
"""Seconds until a wrong password is answered; meanwhile no other is looked at for that number."""

log = logging.getLogger(__name__)

Words = tuple[str, str]
UNKNOWN = ("工号或密码不对", "number or password is wrong")
TOO_SOON = ("请稍后再试", "try again in a moment")
TAKEN = ("该工号已在另一页面签入", "this agent is signed in on another page")
TELEPHONE = ("该工号已在电话机上签入", "this agent is signed in on his telephone")
MAY_NOT = "不能签入。5.2.5.2：普通话水平达标并通过岗前培训后方可签入"
NO_AUDIO = ("没有收到音频连接", "no audio connection came")
SIGN_IN_FIRST = ("请先签入", "sign in first")
ALREADY = ("已经签入", "signed in already")
NOT_NOW = ("现在不能这样做", "that cannot be done now")
NO_SUCH_SKILL = ("没有这个技能组", "there is no such skill")
CLOSING = ("热线正在关闭", "the hotline is closing down")


class DeskClient:
    """One client; the `Page` of its seat."""

    def __init__(self, control: DeskControl, wire: Wire) -> None:
        self._control, self._wire = control, wire
        self._seat: Seat | None = None
        self._profile: AgentProfile | None = None
        self._closed = False
        self.call = ""
        """the call that rings, or that he speaks with"""
        self._talking = False
        self._keys = 0
        self._deadline = control.after(SIGN_IN_WITHIN, lambda: self._refuse(SIGN_IN_FIRST))

    # --- from the driver -----------------------------------------------------------------------

    def message(self, message: str | bytes) -> None:
        """The client asks for something."""
        if self._closed:
            return
        try:
            self._do(said.read(message))
        except Exception as error:
            log_error(log, "an agent's wish could not be handled", error)
            self.close(1011, "internal error")

    def gone(self, code: int | None, clean: bool) -> None:
        """The page is closed."""
        if not self._closed:
            self._forget()

    # --- what it asks --------------------------------------------------------------------------

    def _do(self, asked: said.Asked) -> None:
        match asked:
            case said.Bad(reason, fatal):
                if fatal:
                    self.close(1007, reason)
                else:
                    self._tell("problem", zh="无法理解", en=reason)
            case said.SignIn():
                self._sign_in(asked)
            case said.SignOut():
                self.close(1000, "signed out")
            case _ if self._seat is None:
                self._problem(SIGN_IN_FIRST)
            case said.Transfer(skill) if skill not in ("survey", *self._control.titles.skills):
                self._problem(NO_SUCH_SKILL)
            case _:
                if not self._at(self._seat, asked):
                    self._problem(NOT_NOW)

    def _at(self, seat: Seat, asked: said.Asked) -> bool:
        match asked:
            case said.Wish(wish):
                return seat.wish(wish)
            case said.Answer():
                return self._answer(seat)
            case said.Decline():
                return seat.decline()
            case said.Hold(on):
                return self._hold(seat, on=on)
            case said.Transfer(skill):
                return seat.transfer(skill)
            case said.HangUp(reason):
                return seat.hang_up(reason)
        return False

    def _answer(self, seat: Seat) -> bool:
        done = seat.answer()
        if done:
            self._tell("answered")
        return done

    def _hold(self, seat: Seat, *, on: bool) -> bool:
        done = self._talking and seat.hold(on=on)
        if done:
            self._tell("held", on=on)
        return done

    def _sign_in(self, asked: said.SignIn) -> None:
        if self._profile is not None:
            self._problem(ALREADY)
            return
        found = self._control.agent_of(asked)
        if found is UNKNOWN:
            self._control.after(AFTER_WRONG, lambda: self._refuse(UNKNOWN))
        elif not isinstance(found, AgentProfile):
            self._refuse(found)
        else:
            seat = self._control.sit(found, self)
            if isinstance(seat, Seat):
                self._welcome(found, seat)
            else:
                self._refuse(seat)

    def _welcome(self, profile: AgentProfile, seat: Seat) -> None:
        self._profile, self._seat = profile, seat
        self._deadline.cancel()
        within = self._control.desks.start_within
        self._deadline = self._control.after(within, lambda: self._refuse(NO_AUDIO))
        skills = self._control.titles.skills.items()
        self._tell(
            "signed_in",
            agent={
                "id": profile.id,
                "number": profile.number,
                "name": profile.name,
                "skills": list(profile.skills),
                "languages": list(profile.languages),
            },
            audio=AUDIO,
            token=seat.token,
            rules=asdict(self._control.rules),
            skills=[{"skill": skill, **asdict(words)} for skill, words in skills],
        )
        self.figures()

    # --- the page of its seat ------------------------------------------------------------------

    def audio(self, *, there: bool) -> None:
        """His audio is connected, or lost."""
        self._deadline.cancel()
        self._tell("audio", there=there)

    def rings(self) -> None:
        """A caller is offered, or a customer whom the hotline called back is on the line."""
        self._tell("offer", caller=self._control.caller(self.call))

    def stops(self) -> None:
        """He is on hook again; the journal says why."""
        self._tell("stopped")

    # --- the journal ---------------------------------------------------------------------------

    def see(self, entry: Entry) -> None:
        """One entry that concerns him."""
        match entry.to, entry.event:
            case _, ev.AgentStateChanged() as event:
                self._state(event)
            case do.JOURNAL, ev.SignInRefused(reason=reason):
                self._refuse((MAY_NOT, f"may not sign in: {reason}"))
            case do.JOURNAL, ev.BreakDecided(approved=approved):
                self._tell("break", approved=approved)
            case do.CALL, (ev.OfferMade() | ev.CallbackDue()) as event:
                self.call, self._talking = event.call, False
            case _, ev.OfferEnded(outcome=outcome):
                self._tell("offer_ended", outcome=str(outcome))
                self.figures()
            case do.CALL, ev.AgentConnected(call=call):
                self.call, self._keys = call, 0
                self._tell("talk", phase="announcement")
            case do.JOURNAL, ev.Did(action=do.Bridge()):
                self._talking = True
                self._tell("talk", phase="talking")
            case do.CALL, ev.KeyPressed() if self._talking:
                self._keys += 1
                self._tell("keys", count=self._keys)
            case do.CALL, ev.AgentLeft(to=to):
                self._over("agent", to)
            case do.ACD, ev.TalkEnded(by=by):
                self._over(str(by), "")

    def _state(self, event: ev.AgentStateChanged) -> None:
        wrapping = event.state is AgentState.WRAP_UP
        limit = self._control.rules.wrap_up if wrapping else None
        self._tell("state", state=str(event.state), reason=event.reason, ends_in=limit)

    def _over(self, by: str, to: str) -> None:
        self.call, self._talking = "", False
        self._tell("over", by=by, to=to)

    def figures(self) -> None:
        """His own figures, as they are now."""
        if self._profile is not None:
            self._tell("figures", **self._control.figures(self._profile))

    def close(self, code: int, reason: str) -> None:
        """End the connection."""
        if not self._closed:
            self._forget()
            self._wire.close(code, reason)

    # --- inside --------------------------------------------------------------------------------

    def _tell(self, kind: str, /, **fields: Any) -> None:
        if self._closed:
            return
        if self._wire.pending() > STALLED:
            self._forget()
            self._wire.abort()
            return
        at = round(self._control.now(), 3)
        message = {"t": kind, "at": at, **fields}
        self._wire.write_text(json.dumps(message, ensure_ascii=False))

    def _problem(self, words: Words) -> None:
        self._tell("problem", zh=words[0], en=words[1])

    def _refuse(self, words: Words) -> None:
        self._tell("refused", zh=words[0], en=words[1])
        self.close(1008, words[1])

    def _forget(self) -> None:
        self._closed = True
        self._deadline.cancel()
        self._control.gone(self, self._profile.id if self._profile is not None else "")
        if self._seat is not None:
            self._seat.leave()
