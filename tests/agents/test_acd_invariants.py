"""The ACD under any order of events: what must hold after each one.

A model of the outside world keeps what it was told; the ACD's own tables are only read where the
world cannot see (who waits, who is idle).
"""

from __future__ import annotations

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from agents.callbacks import CallbackRule
from agents.floor import ANYWHERE, Phase
from agents.policies import POLICIES
from agents.roster import AgentProfile
from hotline.switch import events as ev
from hotline.switch.events import AgentState, OfferOutcome, Party
from tests.agents.acd_kit import Desk

ROSTER = [
    AgentProfile("a1", "1001", skills=("",), centre="north"),
    AgentProfile("a2", "1002", skills=("fault", ""), centre="north"),
    AgentProfile("a3", "1003", skills=("*",), languages=("zh-CN", "en-US"), centre="south"),
    AgentProfile("a4", "1004", skills=("bill", ""), centre="south"),
    AgentProfile("a5", "1005", skills=("*",), putonghua=None, centre="south"),
]
NAMES = [profile.id for profile in ROSTER]
MAY = [name for name in NAMES if name != "a5"]
SKILLS = ["", "fault", "bill", "dance"]
TIMES = st.sampled_from([0.0, 0.5, 1.0, 4.0, 12.0, 20.0, 45.0, 120.0])


class AcdMachine(RuleBasedStateMachine):
    calls = Bundle("calls")

    @initialize(
        policy=st.sampled_from(sorted(POLICIES)),
        trunks=st.sampled_from([None, 3, 8]),
        room=st.sampled_from([None, 2]),
        ageing=st.sampled_from([0.0, 0.1]),
        wrap_up=st.sampled_from([None, 0.0, 15.0]),
        one_centre=st.booleans(),
        signed_in=st.sets(st.sampled_from(MAY), min_size=1),
    )
    def begin(self, policy, trunks, room, ageing, wrap_up, one_centre, signed_in):
        roster = ROSTER
        if one_centre:
            roster = [AgentProfile(p.id, p.number, "", p.skills, p.languages,
                                   putonghua=p.putonghua) for p in ROSTER]  # fmt: skip
        self.desk = Desk(
            roster, POLICIES[policy], sign_in=False, trunks=trunks, waiting_room=room,
            ageing=ageing, wrap_up=wrap_up, overflow_after=10.0, callback=CallbackRule(retry_after=30.0),
        )  # fmt: skip
        self.trunks = trunks
        self.count = 0
        self.requests: Counter[str] = Counter()
        self.open: set[str] = set()
        self.asked: list[tuple[str, int]] = []
        self.fates: dict[tuple[str, int], str] = {}
        self.deserted: set[tuple[str, int]] = set()
        self.wraps: dict[str, float] = {}
        self.seen = 0
        for name in sorted(signed_in):
            self.desk.come(name)

    # --- what the world does -------------------------------------------------------------------

    @rule(target=calls, centre=st.sampled_from(["", "north", "south"]))
    def arrive_only(self, centre):
        return self.arrive(centre)

    def arrive(self, centre):
        self.count += 1
        call = f"c{self.count}"
        said = self.desk.arrive(call, centre=centre)
        admitted = any(to == "call" for to, _ in said)
        assert admitted == (self.trunks is None or len(self.open) < self.trunks)
        if not admitted:
            return multiple()
        self.open.add(call)
        return call

    @rule(call=calls, skill=st.sampled_from(SKILLS), priority=st.integers(0, 2))
    def request(self, call, skill, priority):
        self.ask(call, skill, "zh-CN", priority)

    @rule(
        target=calls,
        centre=st.sampled_from(["", "north", "south"]),
        skill=st.sampled_from(SKILLS),
        language=st.sampled_from(["zh-CN", "zh-CN", "en-US", "bo"]),
    )
    def arrive_and_request(self, centre, skill, language):
        call = self.arrive(centre)
        if not isinstance(call, str):
            return multiple()
        self.ask(call, skill, language, 0)
        return call

    def ask(self, call, skill, language, priority):
        if call not in self.open or self.live(call) is not None:
            return  # a call asks only when it is not asking or talking
        self.requests[call] += 1
        number = self.requests[call]
        self.asked.append((call, number))
        self.desk.post(ev.AgentRequested(self.desk.now, call, number, skill, language, priority))

    @rule(call=calls)
    def withdraw(self, call):
        request = self.live(call)
        if request is not None:
            self.desert(request)
            self.desk.post(ev.RequestWithdrawn(self.desk.now, call, request.number))

    @rule(call=calls)
    def hang_up_talking(self, call):
        request = self.live(call)
        if request is not None and request.phase is Phase.TALKING:
            agent = request.agent.id
            self.desk.post(ev.TalkEnded(self.desk.now, call, agent, Party.CALLER))

    @rule(call=calls)
    def prefer_callback(self, call):
        request = self.live(call)
        if request is not None:
            self.desk.post(ev.CallbackRequested(self.desk.now, call, request.number, "13800138000"))

    @rule(call=consumes(calls))
    def close(self, call):
        request = self.live(call)
        if request is not None:
            self.desert(request)
        self.open.discard(call)
        self.desk.close(call)

    def desert(self, request):
        if request.phase in (Phase.WAITING, Phase.RINGING):
            self.deserted.add((request.call, request.number))

    @precondition(lambda self: self.desk.acd.legs)
    @rule(data=st.data(), answered=st.booleans())
    def callback_leg(self, data, answered):
        leg = data.draw(st.sampled_from(sorted(self.desk.acd.legs)))
        if answered:
            self.desk.post(ev.AnsweredOut(self.desk.now, leg))
        else:
            self.desk.close(leg)

    @precondition(lambda self: self.desk.acd.ringing)
    @rule(data=st.data(), how=st.sampled_from(["answer", "answer", "decline", "wish", "stale"]))
    def take_offer(self, data, how):
        offer = data.draw(st.sampled_from(sorted(self.desk.acd.ringing)))
        request = self.desk.acd.ringing[offer]
        agent, now = request.agent.id, self.desk.now
        match how:
            case "answer":
                self.desk.post(ev.OfferAnswered(now, request.call, agent, offer))
            case "decline":
                self.desk.post(ev.OfferDeclined(now, request.call, agent, offer))
            case "wish":
                kind = data.draw(st.sampled_from([ev.AgentNotReady, ev.AgentSignedOut]))
                self.desk.post(kind(now, "", agent))
            case "stale":
                assert self.desk.post(ev.OfferAnswered(now, "", agent, offer + 1000)) == []

    @rule(agent=st.sampled_from(NAMES), to=st.sampled_from(["survey", "hang_up", "transfer:bill"]))
    def finish(self, agent, to):
        self.desk.finish(agent, to)

    @rule(agent=st.sampled_from(NAMES))
    def wrap_up_done(self, agent):
        self.desk.wrapped(agent)

    @rule(
        agent=st.sampled_from(NAMES),
        kind=st.sampled_from([
            ev.AgentSignedIn, ev.AgentSignedOut, ev.AgentReady, ev.AgentReady, ev.AgentNotReady,
            ev.BreakRequested, ev.BreakDecided, ev.AgentHeld,
        ]),
    )  # fmt: skip
    def wish(self, agent, kind):
        self.desk.post(kind(self.desk.now, "", agent))

    @rule(centre=st.sampled_from(["north", "south"]), up=st.booleans())
    def centre(self, centre, up):
        self.desk.post(ev.CentreChanged(self.desk.now, "", centre, up))

    @rule(seconds=TIMES)
    def wait(self, seconds):
        self.desk.wait(seconds)

    # --- what must hold ------------------------------------------------------------------------

    def live(self, call):
        return self.desk.acd.live.get(call)

    @invariant()
    def agents_and_calls_agree(self):
        """Nobody is on two calls; every reservation belongs to a live call."""
        acd = self.desk.acd
        bound = [r for r in acd.live.values() if r.agent is not None]
        agents = [r.agent.id for r in bound]
        assert len(agents) == len(set(agents))
        for agent in acd.floor.agents.values():
            engaged = agent.state in (AgentState.RINGING, AgentState.TALKING, AgentState.HOLD)
            assert engaged == (agent.request is not None)
            assert engaged == (agent.id in agents)
            if engaged:
                assert acd.live[agent.request.call] is agent.request

    @invariant()
    def every_live_request_is_somewhere(self):
        acd = self.desk.acd
        in_line = {id(r) for p in acd.floor.pools.values() for q in p.lines.values()
                   for _, _, r in q}  # fmt: skip
        for request in (*acd.live.values(), *acd.booked.values()):
            waits = request.phase in (Phase.WAITING, Phase.BOOKED)
            assert waits == (id(request) in in_line)
            assert (request.phase is Phase.RINGING) == (request in acd.ringing.values())
            engaged = (Phase.RINGING, Phase.TALKING, Phase.RESERVED)
            assert (request.phase in engaged) == (request.agent is not None)
            assert request.scope not in acd.floor.down

    @invariant()
    def told_states_are_the_states(self):
        for agent in self.desk.acd.floor.agents.values():
            assert self.desk.state[agent.id] is agent.state

    @invariant()
    def no_offer_survives_its_caller(self):
        acd = self.desk.acd
        made = {e.offer: e for e in self.desk.told("call", ev.OfferMade)}
        told_agent = {e.offer for e in self.desk.told("agent", ev.OfferMade)}
        ends = Counter(e.offer for e in self.desk.told("agent", ev.OfferEnded))
        seen = Counter(
            e.offer
            for to, e in self.desk.said
            if isinstance(e, ev.OfferEnded) and to in ("call", "journal")
        )
        assert set(made) == told_agent
        assert ends == seen
        assert max(ends.values(), default=0) <= 1
        ringing = set(made) - set(ends)
        assert ringing == set(acd.ringing)
        for offer in ringing:
            assert made[offer].call in self.open | acd.legs
            assert f"ring:{offer}" in self.desk.timers
        timers = {name for name in self.desk.timers if name.startswith("ring:")}
        assert timers == {f"ring:{offer}" for offer in ringing}

    @invariant()
    def nobody_waits_while_an_eligible_agent_is_ready(self):
        acd = self.desk.acd
        waiting = [r for p in acd.floor.pools.values() for q in p.lines.values() for _, _, r in q]
        for request in waiting:
            for agent in acd.floor.agents.values():
                able = agent.profile.serves(request.skill, request.language)
                near = request.scope in (ANYWHERE, agent.centre)
                open_ = agent.centre not in acd.floor.down
                assert not (agent.state is AgentState.READY and able and near and open_)
        assert acd.waiting == sum(r.phase is Phase.WAITING for r in waiting)
        assert {r.phase for r in waiting} <= {Phase.WAITING, Phase.BOOKED}
        in_line = Counter(map(id, waiting))
        assert max(in_line.values(), default=0) <= 1

    @invariant()
    def idle_lists_hold_exactly_the_idle(self):
        floor = self.desk.acd.floor
        for pool in floor.pools.values():
            listed = [agent for group in pool.idle.values() for agent in group]
            ready = {
                a.id
                for a in pool.able
                if a.state is AgentState.READY and a.centre not in floor.down
            }
            assert {a.id for a in listed} == ready
            for group in pool.idle.values():
                turns = [agent.turn for agent in group]
                assert turns == sorted(turns)
            busy = {AgentState.OFFLINE, AgentState.NOT_READY, AgentState.BREAK, AgentState.STUDY}
            assert pool.staffed == sum(a.state not in busy for a in pool.able)

    @invariant()
    def wrap_ups_are_independent(self):
        """Each agent in wrap-up has a timer of his own, and it is his own limit that he waits."""
        limit = self.desk.acd.settings.wrap_up
        for agent in self.desk.acd.floor.agents.values():
            in_wrap_up = agent.state is AgentState.WRAP_UP
            assert (f"wrap:{agent.id}" in self.desk.timers) == (in_wrap_up and bool(limit))
            if in_wrap_up and limit:
                assert self.desk.now - agent.since <= limit

    @invariant()
    def offered_is_answered_abandoned_refused_or_still_there(self):
        acd = self.desk.acd
        fates: Counter[tuple[str, int]] = Counter()
        for kind in (ev.AgentConnected, ev.RequestRefused, ev.CallbackBooked):
            for event in self.desk.told("call", kind):
                if event.call not in self.legs_seen():
                    fates[event.call, event.request] += 1
        for request in self.deserted:
            fates[request] += 1
        for request in acd.live.values():
            if request.phase in (Phase.WAITING, Phase.RINGING):
                fates[request.call, request.number] += 1
        assert fates == Counter(self.asked)

    def legs_seen(self):
        return {e.call for e in self.desk.told("call", ev.CallbackDue)}

    @invariant()
    def trunks_are_counted_right(self):
        assert self.desk.acd.trunks_used == len(self.open)
        assert set(self.desk.acd.homes) == self.open | self.desk.acd.legs

    @invariant()
    def bookings_are_kept(self):
        acd = self.desk.acd
        legs = [e.call for e in self.desk.told("call", ev.CallbackDue)]
        assert len(legs) == len(set(legs))
        assert set(acd.attempts) <= self.open | set(acd.booked)
        for original, request in acd.booked.items():
            assert request.original == original
            match request.phase:
                case Phase.RESERVED:
                    assert acd.live[request.call] is request
                case Phase.RESTING:
                    on_the_line = original in acd.leaving
                    assert (f"callback:{original}" in self.desk.timers) != on_the_line
                case phase:
                    assert phase is Phase.BOOKED

    @invariant()
    def who_may_not_sign_in_never_works(self):
        assert self.desk.state["a5"] is AgentState.OFFLINE

    @invariant()
    def unanswered_offers_leave_the_agent_not_ready(self):
        new, self.seen = self.desk.said[self.seen :], len(self.desk.said)
        for index, (to, event) in enumerate(new):
            if to == "agent" and getattr(event, "outcome", None) in (
                OfferOutcome.NO_ANSWER,
                OfferOutcome.DECLINED,
            ):
                after = next(
                    e.state
                    for _, e in new[index:]
                    if isinstance(e, ev.AgentStateChanged) and e.agent == event.agent
                )
                assert after is not AgentState.READY


TestAcd = AcdMachine.TestCase
TestAcd.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
