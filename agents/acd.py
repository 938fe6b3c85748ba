"""The automatic call distributor (ACD): pure, `handle(event) -> actions`.

A call-back instead of waiting; the booking keeps the caller's place:

    call X        CallbackRequested -> CallbackBooked, X ends      (then the place waits on)
    its turn      an agent is reserved (RINGING, 预占用; no OfferMade: his telephone does not ring)
                  ACD tells CALL and AGENT `CallbackDue(call="X-cb", original="X", number=...)`
    leg X-cb      the outbound machine dials; the customer answers; it tells the ACD
                  `AnsweredOut(call="X-cb")` -> `AgentConnected` to CALL and AGENT
       or         it tells the ACD `CallClosed(call="X-cb")` -> the agent is ready again, and after
                  `retry_after` s the booking has its old place again, as "X-cb2", ... at most
                  `tries` times: `AcdSettings.callback`, or `callback_of` its skill

From `AgentConnected` on the leg is a call like any other. Its `CallClosed` frees what it holds.
Timers: `ring:<offer>`, `wrap:<agent>`, `overflow:<call>`, `callback:<call>`, `places`, `shift`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from agents.floor import ANYWHERE, Phase, Request
from agents.policies import Policy
from agents.presence import Presence
from agents.roster import AgentProfile
from agents.settings import AcdSettings
from hotline.switch import events as ev
from hotline.switch.actions import (
    AGENT,
    CALL,
    JOURNAL,
    Action,
    CancelTimer,
    Reject,
    StartTimer,
    Tell,
)
from hotline.switch.events import AgentState, OfferOutcome, Party

DEFAULT_SETTINGS = AcdSettings()
DEFAULT_POLICY = Policy()


class Acd(Presence):
    """The ACD of one hotline. `roster` is all who could ever sign in."""

    def __init__(
        self,
        roster: Iterable[AgentProfile],
        settings: AcdSettings = DEFAULT_SETTINGS,
        policy: Policy = DEFAULT_POLICY,
    ) -> None:
        super().__init__(roster, settings, policy)
        self.trunks_used = 0
        self.leaving: dict[str, Request] = {}
        """call -> its booking, while the caller is still on the line: nobody can be called back
        who has not yet hung up"""
        self._handlers: dict[type[ev.Event], Callable[[Any], None]] = {
            ev.CallArrived: self._call_arrived,
            ev.AgentRequested: self._agent_requested,
            ev.RequestWithdrawn: self._request_withdrawn,
            ev.CallbackRequested: self._callback_requested,
            ev.TalkEnded: self._talk_ended,
            ev.CallClosed: self._call_closed,
            ev.AnsweredOut: self._answered_out,
            ev.OfferAnswered: self._offer_answered,
            ev.OfferDeclined: self._offer_declined,
            ev.AgentFinished: self._agent_finished,
            ev.WrapUpDone: self._wrap_up_done,
            ev.TimerFired: self._timer_fired,
            **self.presence_handlers(),
        }
        self._timers: dict[str, Callable[[str, float], None]] = {
            "ring": self._no_answer,
            "wrap": self._wrap_up_limit,
            "overflow": self._overflow,
            "callback": self._callback_again,
            "places": lambda _, at: self.tell_places(at),
            "shift": lambda _, at: self.change_shifts(at),
        }

    def handle(self, event: ev.Event) -> Sequence[Action]:
        """Consume one event. What the ACD does not know, or is too late, changes nothing."""
        handler = self._handlers.get(type(event))
        if handler is None:
            return ()
        self.out = out = list[Action]()
        handler(event)
        return out

    def start(self, at: float = 0.0) -> Sequence[Action]:
        """With `settings.shifts`: sign in who is on duty at `at` and watch the shifts. Once.

        The same as handling `TimerFired(at, "", "shift", "acd")`, which an exchange can post.
        """
        return self.handle(ev.TimerFired(at, "", "shift", "acd"))

    # --- calls ---------------------------------------------------------------------------------

    def _call_arrived(self, event: ev.CallArrived) -> None:
        """Admit the call, or block it where no line is free (counted for 5.2.7.1)."""
        if event.call in self.homes:
            return
        trunks = self.settings.trunks
        if trunks is not None and self.trunks_used >= trunks:
            self.out += (
                Reject("trunks"),
                Tell(JOURNAL, ev.CallBlocked(event.at, event.call)),
                Tell(JOURNAL, ev.CallClosed(event.at, event.call, Party.SYSTEM, "trunks")),
            )
            return
        self.trunks_used += 1
        self.homes[event.call] = home = self._home(event)
        if home not in (ANYWHERE, event.centre):
            event = replace(event, centre=home)
        self.tell(CALL, event)

    def _home(self, event: ev.CallArrived) -> str:
        centres = self.floor.centres
        if not centres:
            return ANYWHERE
        home = event.centre or self.settings.home_of_area.get(event.area, "")
        return home if home in centres else ANYWHERE

    def _call_closed(self, event: ev.CallClosed) -> None:
        """Free whatever the call holds, in whatever phase it ended."""
        if self.homes.pop(event.call, None) is None:
            return
        request = self.live.get(event.call)
        if request is not None:
            self._drop(request, event.at, event.by)
        if event.call not in self.legs:
            self.trunks_used -= 1
        self.legs.discard(event.call)
        booking = self.leaving.pop(event.call, None)
        if booking is not None:
            self.place(booking, event.at)
        if event.call not in self.booked:
            self.attempts.pop(event.call, None)

    # --- requests ------------------------------------------------------------------------------

    def _agent_requested(self, event: ev.AgentRequested) -> None:
        home = self.homes.get(event.call)
        if home is None:
            return
        at = event.at
        former = self.live.get(event.call)
        if former is not None:
            self._drop(former, at, Party.CALLER)
        request = self._new_request(event, home)
        reason = self._refusal(request, at)
        if reason:
            self.tell(CALL, ev.RequestRefused(at, event.call, event.request, reason))
            return
        self.live[event.call] = request
        self.place(request, at)

    def _new_request(self, event: ev.AgentRequested, home: str) -> Request:
        self.asked += 1
        request = Request(
            call=event.call,
            number=event.request,
            skill=event.skill,
            language=event.language,
            priority=event.priority,
            asked=event.at,
            home=home,
            scope=ANYWHERE if home in self.floor.down or not self.settings.overflow_after else home,
            pool=self.floor.pool(event.skill, event.language),
        )
        order = self.policy.order(event.priority, event.at, self.settings.ageing)
        request.place = (order, self.asked, request)
        return request

    def _refusal(self, request: Request, at: float) -> str:
        settings, pool = self.settings, request.pool
        if not settings.open_at(at):
            return "closed"
        if settings.queue_for == "roster":
            if not pool.able:
                return "no_agents"
        elif all(agent.state is AgentState.OFFLINE for agent in pool.able):
            return "no_agents"
        room = settings.waiting_room
        if room is not None and self.waiting >= room and self.find(request, at) is None:
            return "full"
        return ""

    def _request_withdrawn(self, event: ev.RequestWithdrawn) -> None:
        request = self._live(event.call, event.request)
        if request is not None:
            self._drop(request, event.at, Party.CALLER)

    def _live(self, call: str, number: int) -> Request | None:
        request = self.live.get(call)
        return request if request is not None and request.number == number else None

    def _drop(self, request: Request, at: float, by: Party) -> None:
        """The caller is gone from `request`, whatever its phase: nothing of it survives."""
        match request.phase:
            case Phase.WAITING:
                self.leave_line(request)
                del self.live[request.call]
            case Phase.RINGING:
                # Only written down: the call has left and must not be told any more.
                agent = self.end_offer(request, OfferOutcome.CALLER_LEFT, at, JOURNAL)
                del self.live[request.call]
                self.settle(agent, at, AgentState.READY)
            case Phase.TALKING:
                assert request.agent is not None
                self.tell(AGENT, ev.TalkEnded(at, request.call, request.agent.id, by))
                self.end_talk(request, at)
            case Phase.RESERVED:
                self._callback_failed(request, at)

    def _overflow(self, call: str, at: float) -> None:
        request = self.live.get(call) or self.booked.get(call)
        if request is not None:
            self.widen(request, at)

    # --- offers and conversations --------------------------------------------------------------

    def _no_answer(self, offer: str, at: float) -> None:
        request = self.ringing.get(int(offer))
        if request is not None:
            self.redirect(request, OfferOutcome.NO_ANSWER, at, "no_answer")

    def _offer_answered(self, event: ev.OfferAnswered) -> None:
        request = self._offer_of(event.offer, event.agent)
        if request is not None:
            self.answer(request, event.at)

    def _offer_declined(self, event: ev.OfferDeclined) -> None:
        request = self._offer_of(event.offer, event.agent)
        if request is not None:
            self.redirect(request, OfferOutcome.DECLINED, event.at, "declined")

    def _offer_of(self, offer: int, agent: str) -> Request | None:
        request = self.ringing.get(offer)
        if request is None or request.agent is None or request.agent.id != agent:
            return None
        return request

    def _talk_ended(self, event: ev.TalkEnded) -> None:
        request = self.live.get(event.call)
        if request is None or request.phase is not Phase.TALKING:
            return
        if request.agent is not None and request.agent.id == event.agent:
            self.tell(AGENT, event)
            self.end_talk(request, event.at)

    def _agent_finished(self, event: ev.AgentFinished) -> None:
        agent = self.floor.agents.get(event.agent)
        request = agent.request if agent is not None else None
        if request is None or request.phase is not Phase.TALKING:
            return
        if event.call not in ("", request.call):
            return
        left = ev.AgentLeft(event.at, request.call, event.agent, event.to, event.reason)
        self.tell(CALL, left)
        self.end_talk(request, event.at)

    def _wrap_up_done(self, event: ev.WrapUpDone) -> None:
        agent = self.floor.agents.get(event.agent)
        if agent is not None and agent.state is AgentState.WRAP_UP:
            if self.settings.wrap_up is not None:
                self.out.append(CancelTimer(f"wrap:{agent.id}"))
            self.finish(agent, event.at)

    def _wrap_up_limit(self, name: str, at: float) -> None:
        agent = self.floor.agents.get(name)
        if agent is not None and agent.state is AgentState.WRAP_UP:
            self.finish(agent, at)

    # --- call-backs ----------------------------------------------------------------------------

    def _callback_requested(self, event: ev.CallbackRequested) -> None:
        """Keep the place and let the caller go; a ringing agent is freed.

        A call has one booking: if it asks and books again, the older place stands.
        """
        request = self._live(event.call, event.request)
        if request is None or request.phase not in (Phase.WAITING, Phase.RINGING):
            return
        agent = None
        if request.phase is Phase.WAITING:
            self.leave_line(request)
        else:
            agent = self.end_offer(request, OfferOutcome.CALLER_LEFT, event.at)
        del self.live[event.call]
        self.tell(CALL, ev.CallbackBooked(event.at, event.call, event.request))
        if event.call not in self.booked:
            request.customer, request.original = event.number, event.call
            self.booked[event.call] = request
            self.leaving[event.call] = request
            request.phase = Phase.RESTING
        if agent is not None:
            self.settle(agent, event.at, AgentState.READY)

    def _answered_out(self, event: ev.AnsweredOut) -> None:
        request = self.live.get(event.call)
        if request is not None and request.phase is Phase.RESERVED:
            self._unbook(request.original)
            self.connect(request, event.at)

    def _unbook(self, original: str) -> None:
        del self.booked[original]
        if original not in self.homes:
            del self.attempts[original]

    def _callback_failed(self, request: Request, at: float) -> None:
        """The customer did not answer: the agent is free, the booking rests or is given up."""
        agent = request.agent
        assert agent is not None
        del self.live[request.call]
        request.agent = None
        agent.request = None
        rule = self.settings.callback_rule(request.skill)
        if request.tries < rule.tries:
            request.phase = Phase.RESTING
            self.out.append(StartTimer(f"callback:{request.original}", rule.retry_after))
        else:
            self._unbook(request.original)
        self.settle(agent, at, AgentState.READY)

    def _callback_again(self, original: str, at: float) -> None:
        request = self.booked.get(original)
        if request is not None and request.phase is Phase.RESTING:
            self.place(request, at)

    # --- the clock -----------------------------------------------------------------------------

    def _timer_fired(self, event: ev.TimerFired) -> None:
        kind, _, name = event.timer.partition(":")
        act = self._timers.get(kind)
        if act is not None:
            act(name, event.at)
