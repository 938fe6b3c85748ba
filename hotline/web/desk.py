"""The control channel of agents in a browser, and of any other client that answers calls.

    client  --sign_in, answer, hold, ...--> DeskClient --> Seat --> exchange
    client <--offer, state, talk, ... ----- DeskClient <-- journal entries, and the seat
                                                |
    audio   <--------- its own WebSocket -------+  (`hotline.telephony.browser`)

One `DeskControl` watches the journal for all clients. Everything is on the event loop's thread;
nothing waits, and the driver of a connection sees no exception. Messages: docs/desk.md.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agents.roster import AgentProfile
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.switch.ports import TimerHandle
from hotline.switch.record import CallRecord, Entry, fold
from hotline.telephony.browser import BrowserDesks, Seat
from hotline.telephony.connection import STALLED, Wire
from hotline.telephony.engine import log_error
from hotline.web import desk_protocol as said
from hotline.web.desk_facts import Titles, caller_of, figures_of
from hotline.web.live import Hub

CONTROL = "/desk/control"
"""Path of the control channel."""
AUDIO = "/desk/media"
"""Path of the audio."""
SIGN_IN_WITHIN = 300.0
"""Seconds a connection may be there without an agent: a page that waits for a person."""
AFTER_WRONG = 1.0
"""Seconds until a wrong password is answered; meanwhile no other is looked at for that number."""
ROWS_KEPT = 500
"""Closed calls of an agent from which his own figures are computed."""

log = logging.getLogger(__name__)

Words = tuple[str, str]
UNKNOWN = ("工号或密码不对", "number or password is wrong")
TOO_SOON = ("请稍后再试", "try again in a moment")
TAKEN = ("该工号已在另一页面签入", "this agent is signed in on another page")
TELEPHONE = ("该工号已在电话机上签入", "this agent is signed in on his telephone")
NO_AUDIO = ("没有收到音频连接", "no audio connection came")
SIGN_IN_FIRST = ("请先签入", "sign in first")
ALREADY = ("已经签入", "signed in already")
NOT_NOW = ("现在不能这样做", "that cannot be done now")
NO_SUCH_SKILL = ("没有这个技能组", "there is no such skill")
CLOSING = ("热线正在关闭", "the hotline is closing down")


@dataclass(frozen=True, slots=True)
class DeskRules:
    """What agents and their pages are told. Times in seconds; `wrap_up` None: no limit."""

    answer_within: float = 12.0
    redirect_after: float = 20.0
    wrap_up: float | None = 60.0
    hangs_up: str = "survey"


class DeskControl:
    """All control connections of one hotline. `passwords`: 工号 -> password, None where none is
    needed; who is not in it cannot sign in."""

    def __init__(
        self,
        hub: Hub,
        desks: BrowserDesks,
        agents: Mapping[str, AgentProfile],
        passwords: Mapping[str, str | None],
        rules: DeskRules = DeskRules(),
    ) -> None:
        self.hub, self.desks, self.rules = hub, desks, rules
        self.titles = Titles(hub.hotline.book, (s for a in agents.values() for s in a.skills))
        self._agents = {profile.number: profile for profile in agents.values()}
        self._ids = frozenset(agents)
        self._passwords = passwords
        self._clients: dict[str, DeskClient] = {}
        self._rows: dict[str, deque[CallRecord]] = {}
        self._offered: dict[str, set[str]] = {}
        """open call -> agents to whom it was offered"""
        self._tried: dict[str, float] = {}
        """工号 -> until when no password of his is looked at"""
        self.draining = False
        hub.hotline.observe(self.see)

    def open(self, wire: Wire) -> DeskClient:
        """A client connected."""
        return DeskClient(self, wire)

    def now(self) -> float:
        """The present instant on the call clock, seconds."""
        return self.hub.now()

    def after(self, seconds: float, act: Any) -> TimerHandle:
        """Do something later."""
        return self.desks.clock.call_at(self.now() + seconds, act)

    # --- sign-in -------------------------------------------------------------------------------

    def agent_of(self, asked: said.SignIn) -> AgentProfile | Words:
        """Who it is, or why he is not let in."""
        if self.draining:
            return CLOSING
        if self._tried.get(asked.number, 0.0) > self.now():
            return TOO_SOON
        if not self._right(asked):
            if len(self._tried) > len(self._agents):
                self._tried.clear()
            self._tried[asked.number] = self.now() + AFTER_WRONG
            return UNKNOWN
        return self._agents[asked.number]

    def _right(self, asked: said.SignIn) -> bool:
        if asked.number not in self._agents or asked.number not in self._passwords:
            return False
        password = self._passwords[asked.number]
        if password is None:
            return True
        return hmac.compare_digest(password.encode(), asked.password.encode())

    def sit(self, profile: AgentProfile, client: DeskClient) -> Seat | Words:
        """His seat, unless he sits somewhere else."""
        if self.desks.place.elsewhere(profile.id):
            return TELEPHONE
        seat = self.desks.sit(profile.id, client)
        if seat is None:
            return TAKEN
        self._clients[profile.id] = client
        return seat

    def gone(self, agent: str) -> None:
        """He has signed out."""
        self._clients.pop(agent, None)

    # --- the journal ---------------------------------------------------------------------------

    def see(self, entry: Entry) -> None:
        """One entry: tell the page that it concerns, and keep count for the agent's figures."""
        event = entry.event
        match event:
            case ev.OfferMade(call=call, agent=agent) if agent in self._ids:
                self._offered.setdefault(call, set()).add(agent)
            case ev.CallClosed(call=call) if agents := self._offered.pop(call, None):
                self._keep(call, agents)
        for client in self._concerned(event):
            client.see(entry)

    def _concerned(self, event: ev.Event) -> list[DeskClient]:
        name = getattr(event, "agent", "")
        if isinstance(event, ev.Did):
            name = getattr(event.action, "agent", "")
        if name:
            client = self._clients.get(name)
            return [client] if client is not None else []
        if isinstance(event, ev.KeyPressed):
            return [c for c in self._clients.values() if c.call == event.call]
        return []

    def _keep(self, call: str, agents: set[str]) -> None:
        entries = self.hub.closed.get(call)
        row = fold(entries) if entries else None
        for agent in agents:
            if row is not None:
                self._rows.setdefault(agent, deque(maxlen=ROWS_KEPT)).append(row)
            client = self._clients.get(agent)
            if client is not None:
                client.figures()

    def figures(self, profile: AgentProfile) -> dict[str, Any]:
        """His figures since the hotline started, the calls that are still open included."""
        calls = [call for call, agents in self._offered.items() if profile.id in agents]
        open_ = [fold(self.hub.open[call]) for call in calls if call in self.hub.open]
        rows = [*self._rows.get(profile.id, ()), *open_]
        return figures_of(profile, rows, self.rules.answer_within)

    def open_to_all(self) -> list[dict[str, str]]:
        """Those who need no password, which is only so where this machine alone can come in."""
        free = [p for p in self._agents.values() if self._passwords.get(p.number, "") is None]
        return [{"number": profile.number, "name": profile.name} for profile in free]

    @property
    def needs_password(self) -> bool:
        """Whether anybody needs one."""
        return any(password is not None for password in self._passwords.values())

    def caller(self, call: str) -> dict[str, Any]:
        """What an agent may see of a caller."""
        return caller_of(self.hub.open.get(call, ()), self.titles, self.now())


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
            self._close(1011, "internal error")

    def gone(self, code: int | None, clean: bool) -> None:
        """The page is closed."""
        if not self._closed:
            self._forget()

    # --- what it asks --------------------------------------------------------------------------

    def _do(self, asked: said.Asked) -> None:
        match asked:
            case said.Bad(reason, fatal):
                if fatal:
                    self._close(1007, reason)
                else:
                    self._tell("problem", zh="无法理解", en=reason)
            case said.SignIn():
                self._sign_in(asked)
            case said.SignOut():
                self._close(1000, "signed out")
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
                self._refuse((f"不能签入：{reason}", f"may not sign in: {reason}"))
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
        self._close(1008, words[1])

    def _close(self, code: int, reason: str) -> None:
        if not self._closed:
            self._forget()
            self._wire.close(code, reason)

    def _forget(self) -> None:
        self._closed = True
        self._deadline.cancel()
        if self._profile is not None:
            self._control.gone(self._profile.id)
        if self._seat is not None:
            self._seat.leave()
