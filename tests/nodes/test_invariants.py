"""Two nodes, one ACD, any order of what callers do and of connections that are lost and made: what
must hold after each step, and what is left when all is over."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from agents.behaviours import Behaviour
from agents.floor import Phase
from hotline.switch import events as ev
from hotline.switch.distributions import deterministic
from hotline.switch.events import AgentState
from hotline.switch.record import RequestOutcome, fold
from tests.nodes.hotline import ENGAGED, Hotline

NODES = st.sampled_from(["a", "b"])
TIMES = st.sampled_from([0.004, 0.01, 0.5, 2.0, 2.005, 20.0, 700.0])


class NodesMachine(RuleBasedStateMachine):
    @initialize(
        transit=st.sampled_from([0.0, 0.003]),
        trunks=st.sampled_from([None, 2]),
        agents=st.integers(1, 2),
        answers=st.sampled_from([1.0, 0.6]),
        ending=st.sampled_from(["survey", "hang_up", "transfer:"]),
    )
    def begin(self, transit, trunks, agents, answers, ending):
        behaviour = Behaviour(
            ring=deterministic(2.0), talk=deterministic(20.0), wrap_up=deterministic(5.0),
            endings=((ending, 1.0),), answers=answers,
        )  # fmt: skip
        self.hotline = Hotline(
            "a", "b", transit=transit, trunks=trunks, agents=agents, behaviour=behaviour
        )
        self.count = 0

    @property
    def places(self):
        return self.hotline.places

    # --- what the world does -------------------------------------------------------------------

    @rule(name=NODES)
    def arrive(self, name):
        self.count += 1
        self.places[name].arrive(f"c{self.count}")

    @rule(name=NODES)
    def arrive_and_ask(self, name):
        self.arrive(name)
        self.places[name].press(f"c{self.count}", "0")

    def calls(self):
        return [(place, call) for place in self.places.values() for call in place.exchange.calls]

    @precondition(lambda self: self.calls())
    @rule(
        data=st.data(), what=st.sampled_from(["0", "0", "1", "2", "hang up", "hang up", "answer"])
    )
    def caller(self, data, what):
        place, call = data.draw(st.sampled_from(self.calls()))
        if what == "hang up":
            place.hang_up(call)
        elif what == "answer":
            place.pick_up(call)
        else:
            place.press(call, what)

    @rule(seconds=TIMES)
    def wait(self, seconds):
        self.hotline.wait(seconds)

    @rule(name=NODES)
    def cut(self, name):
        self.places[name].cut()

    @rule(name=NODES)
    def join(self, name):
        self.places[name].join()

    @rule(name=NODES)
    def node_starts_again(self, name):
        self.hotline.start(name)

    @rule()
    def acd_starts_again(self):
        self.hotline.start_acd()

    @rule()
    def acd_will_stop(self):
        for place in self.places.values():
            if place.joined:
                place.cable.acd.close_soon()

    # --- what must hold ------------------------------------------------------------------------

    @invariant()
    def no_agent_is_busy_without_a_call(self):
        acd, nodes = self.hotline.acd, self.hotline.nodes
        for agent in acd.floor.agents.values():
            request = agent.request
            assert (agent.state in ENGAGED) == (request is not None)
            if request is not None:
                assert acd.live[request.call] is request
                assert any(request.call in node.calls for node in nodes.nodes.values())

    @invariant()
    def every_call_of_the_acd_is_at_a_node_that_is_there(self):
        acd, nodes = self.hotline.acd, self.hotline.nodes
        at = [call for node in nodes.nodes.values() for call in node.calls]
        assert len(at) == len(set(at))
        assert set(at) == set(acd.homes) == set(self.hotline.exchange.calls)
        assert acd.trunks_used == len(set(at) - acd.legs)

    @invariant()
    def with_no_way_between_them_both_say_the_same(self):
        acd = self.hotline.acd
        if self.hotline.transit:
            return
        for place in self.places.values():
            if place.joined:
                assert place.shown == self.hotline.states()
            for name, call in place.exchange.calls.items() if place.joined else ():
                request = acd.live.get(name)
                if call.state == "waiting":
                    assert request is not None
                    assert request.phase in (Phase.WAITING, Phase.RINGING)
                elif call.state == "talking":
                    assert request is not None
                    assert (request.phase, request.agent.id) == (Phase.TALKING, call.agent)
                else:
                    assert request is None or request.phase is Phase.RESERVED

    @invariant()
    def every_request_of_a_closed_call_has_one_outcome(self):
        for place in self.places.values():
            for entries in place.closed.values():
                record = fold(entries)
                asked = sum(isinstance(e.event, ev.AgentRequested) for e in entries)
                legs = sum(isinstance(e.event, ev.CallbackDue) for e in entries)
                assert len(record.requests) == asked + legs
                lost = [r for r in record.requests if r.outcome is RequestOutcome.LOST]
                assert len(lost) <= legs  # the called customer did not answer
                offers = [o.offer for r in record.requests for o in r.offers]
                assert len(offers) == len(set(offers)) or self.count_of_acds(entries) > 1

    def count_of_acds(self, entries):
        """A new ACD counts its offers anew."""
        return 1 + sum(getattr(e.event, "reason", "") in ("fault", "acd lost") for e in entries)

    def teardown(self):
        """Everybody hangs up and everything comes back: nothing is left of any call."""
        if not hasattr(self, "hotline"):
            return
        for place in self.places.values():
            place.join()
        self.hotline.wait(1)
        for _ in range(5):  # call-backs are tried again, three times
            for place, call in self.calls():
                place.hang_up(call)
            self.hotline.wait(700)
        self.every_request_of_a_closed_call_has_one_outcome()
        acd, nodes = self.hotline.acd, self.hotline.nodes
        assert (acd.trunks_used, acd.live, acd.homes, acd.booked) == (0, {}, {}, {})
        assert (acd.waiting, acd.ringing, nodes._at) == (0, {}, {})
        resting = {AgentState.READY, AgentState.NOT_READY}
        assert set(self.hotline.states().values()) <= resting
        for place in self.places.values():
            assert not place.exchange.calls
            assert not place.remote._calls
            assert not place.journal.open


TestNodes = NodesMachine.TestCase
TestNodes.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
