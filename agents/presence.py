"""Who is there: sign-in and sign-out, ready and not ready, breaks, hold, shifts, centres."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from agents.floor import Agent, Phase, Request
from agents.policies import Policy
from agents.roster import AgentProfile, may_sign_in
from agents.routing import Routing
from agents.settings import AcdSettings
from agents.shifts import Duty, ShiftPlan, duty
from agents.states import ON_CALL, WISHES, When
from hotline.switch import events as ev
from hotline.switch.actions import AGENT, CALL, JOURNAL, CancelTimer, StartTimer
from hotline.switch.events import AgentState, OfferOutcome


class Presence(Routing):
    """The part of the ACD that follows the agents' wishes and the shift plan."""

    def __init__(
        self, roster: Iterable[AgentProfile], settings: AcdSettings, policy: Policy
    ) -> None:
        profiles = tuple(roster)
        super().__init__(profiles, settings, policy)
        self._plan = ShiftPlan(profiles if settings.shifts else ())
        self._duties: dict[str, Duty] = dict.fromkeys(self._plan.members, Duty.OFF)
        self._next_change: float | None = None

    def presence_handlers(self) -> dict[type[ev.Event], Callable[[Any], None]]:
        """Which event is handled by which method here."""
        return {
            ev.AgentSignedIn: self._signed_in,
            ev.AgentSignedOut: lambda e: self._wished(e, AgentState.OFFLINE, "signed_out"),
            ev.AgentReady: lambda e: self._wished(e, AgentState.READY),
            ev.AgentNotReady: self._not_ready,
            ev.BreakRequested: self._break_requested,
            ev.BreakDecided: self._break_decided,
            ev.AgentHeld: self._held,
            ev.CentreChanged: self._centre_changed,
        }

    # --- sign-in -------------------------------------------------------------------------------

    def _signed_in(self, event: ev.AgentSignedIn) -> None:
        self.sign_in(event.agent, event.at)

    def sign_in(self, name: str, at: float) -> bool:
        """Sign in, which clause 5.2.5.2 may forbid; then the agent is not ready yet."""
        agent = self.floor.agents.get(name)
        if agent is None:
            return self._refuse(name, at, "not on the roster")
        reason = may_sign_in(agent.profile, self.settings.sign_in)
        if reason is not None:
            return self._refuse(name, at, reason)
        if agent.state is AgentState.OFFLINE:
            agent.signed_in = at
            agent.busy = 0.0
            agent.asked_break = False
            self.move(agent, AgentState.NOT_READY, at, "signed_in")
        elif agent.wish is AgentState.OFFLINE:
            agent.wish = None
        return True

    def _refuse(self, name: str, at: float, reason: str) -> bool:
        refused = ev.SignInRefused(at, "", name, reason)
        self.tell(JOURNAL, refused)
        self.tell(AGENT, refused)
        return False

    # --- wishes --------------------------------------------------------------------------------

    def _wished(self, event: ev.AgentEvent, state: AgentState, reason: str = "") -> None:
        agent = self.floor.agents.get(event.agent)
        if agent is not None:
            self.wish(agent, state, event.at, reason)

    def _not_ready(self, event: ev.AgentNotReady) -> None:
        study = event.reason == AgentState.STUDY
        state = AgentState.STUDY if study else AgentState.NOT_READY
        self._wished(event, state, event.reason)

    def wish(self, agent: Agent, state: AgentState, at: float, reason: str = "") -> None:
        """Bring `agent` to `state` as the table of `agents.states` says."""
        match self._when(agent, state):
            case When.NOW:
                agent.wish = None
                self._change(agent, state, at, reason)
            case When.LATER:
                agent.wish = None if state is AgentState.READY else state
                agent.wish_reason = reason

    def _when(self, agent: Agent, state: AgentState) -> When:
        when = WISHES[state][agent.state]
        request = agent.request
        if when is When.NOW and request is not None and request.phase is Phase.RESERVED:
            return When.LATER  # the customer of the call-back is being dialled
        return when

    def _change(self, agent: Agent, state: AgentState, at: float, reason: str) -> None:
        request = None
        if agent.state is AgentState.RINGING:
            request = self._leave_offer(agent, state, at)
        elif agent.state is AgentState.WRAP_UP and self.settings.wrap_up is not None:
            self.out.append(CancelTimer(f"wrap:{agent.id}"))
        self.move(agent, state, at, reason)
        if state is AgentState.READY:
            self.serve(agent, at)
        if request is not None:
            self.place(request, at)

    def _leave_offer(self, agent: Agent, state: AgentState, at: float) -> Request:
        gone = state is AgentState.OFFLINE
        request = agent.request
        assert request is not None
        self.end_offer(request, OfferOutcome.LOST if gone else OfferOutcome.DECLINED, at)
        return request

    def _held(self, event: ev.AgentHeld) -> None:
        agent = self.floor.agents.get(event.agent)
        if agent is not None and agent.state in ON_CALL:
            state = AgentState.HOLD if event.on else AgentState.TALKING
            if state is not agent.state:
                self.move(agent, state, event.at)
                self.tell(CALL, event)  # who is put on hold waits, and hears music

    # --- breaks --------------------------------------------------------------------------------

    def _break_requested(self, event: ev.BreakRequested) -> None:
        agent = self.floor.agents.get(event.agent)
        if agent is None or WISHES[AgentState.BREAK][agent.state] is When.NEVER:
            return
        agent.asked_break = True
        if self.settings.break_approval == "rule":
            decided = ev.BreakDecided(event.at, "", agent.id, self._room_for_break())
            self.tell(JOURNAL, decided)
            self._break_decided(decided)

    def _room_for_break(self) -> bool:
        """The break rule: at most `break_share` of those signed in, but one always may."""
        present = [a for a in self.floor.agents.values() if a.state is not AgentState.OFFLINE]
        away = sum(AgentState.BREAK in (a.state, a.wish) for a in present)
        return away < max(1, int(self.settings.break_share * len(present)))

    def _break_decided(self, event: ev.BreakDecided) -> None:
        agent = self.floor.agents.get(event.agent)
        if agent is None or not agent.asked_break:
            return
        agent.asked_break = False
        self.tell(AGENT, event)
        if event.approved:
            self.wish(agent, AgentState.BREAK, event.at, "approved")

    # --- shifts --------------------------------------------------------------------------------

    def begin_shifts(self, at: float) -> None:
        """Sign in who is on duty at `at`, then follow the plan."""
        time = self.settings.clock_midnight + at
        for name in self._plan.members:
            self._follow(name, time, at)
        self._watch(time, at)

    def change_shifts(self, at: float) -> None:
        """The shift timer ran out: carry out the changes that are due now.

        The first firing, which the composition root posts as `TimerFired(now, "", "shift", "acd")`,
        begins the shifts.
        """
        time = self._next_change
        if time is None:
            if self.settings.shifts:
                self.begin_shifts(at)
            return
        for name in self._plan.concerned(time):
            self._follow(name, time, at)
        self._watch(time, at)

    def _watch(self, time: float, at: float) -> None:
        self._next_change = self._plan.after(time)
        if self._next_change is not None:
            wait = self._next_change - self.settings.clock_midnight - at
            self.out.append(StartTimer("shift", max(0.0, wait)))

    def _follow(self, name: str, time: float, at: float) -> None:
        agent = self.floor.agents[name]
        before, now = self._duties[name], duty(agent.profile, time)
        self._duties[name] = now
        match before, now:
            case Duty.OFF, Duty.WORK | Duty.BREAK:
                if self.sign_in(name, at) and agent.state is AgentState.NOT_READY:
                    state = AgentState.READY if now is Duty.WORK else AgentState.BREAK
                    self.wish(agent, state, at, "shift")
            case Duty.WORK, Duty.BREAK:
                self.tell(AGENT, ev.BreakDecided(at, "", name, True))
                self.wish(agent, AgentState.BREAK, at, "shift")
            case Duty.BREAK, Duty.WORK:
                if agent.state is AgentState.BREAK:
                    self.wish(agent, AgentState.READY, at, "shift")
                elif agent.wish is AgentState.BREAK:  # the call outlasted the break: go on with it
                    agent.wish = None
            case _, Duty.OFF if before is not Duty.OFF:
                self.wish(agent, AgentState.OFFLINE, at, "shift")

    # --- centres -------------------------------------------------------------------------------

    def _centre_changed(self, event: ev.CentreChanged) -> None:
        """A centre that is down takes no new calls; conversations go on (our choice)."""
        if event.centre not in self.floor.centres:
            return
        down = self.floor.down
        if event.up and event.centre in down:
            down.discard(event.centre)
            self._reopen(event.centre, event.at)
        elif not event.up and event.centre not in down:
            down.add(event.centre)
            self._evacuate(event.centre, event.at)

    def _reopen(self, centre: str, at: float) -> None:
        for agent in self._members(centre, AgentState.READY):
            self.serve(agent, at)

    def _evacuate(self, centre: str, at: float) -> None:
        """Idle agents are not seen, offers end as lost, and callers may be served anywhere."""
        for agent in self._members(centre, AgentState.READY):
            self.floor.delist(agent)
        homeless = [r for r in (*self.live.values(), *self.booked.values()) if r.scope == centre]
        for request in homeless:
            self.widen(request, at)
        for agent in self._members(centre, AgentState.RINGING):
            rung = agent.request
            if rung is not None and rung.phase is Phase.RINGING:
                self.end_offer(rung, OfferOutcome.LOST, at)
                self.settle(agent, at, AgentState.READY)
                self.place(rung, at)

    def _members(self, centre: str, state: AgentState) -> list[Agent]:
        found = [a for a in self.floor.agents.values() if (a.centre, a.state) == (centre, state)]
        return sorted(found, key=lambda agent: agent.turn)
