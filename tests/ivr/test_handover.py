"""Waiting, announcement, talk, survey, goodbye, call-back; a hang-up in every phase."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import Party
from hotline.switch.record import Outcome
from ivr import phases
from tests.ivr.rig import LENGTH, Rig


def waiting():
    return Rig().to_root().press("0")


def talking():
    return waiting().wait(10).connect().wait(LENGTH)


class TestWaiting:
    def test_transfer_is_announced_then_music_plays(self):
        rig = waiting().wait(10)
        assert rig.heard[-2:] == ["transfer", "music"]
        assert rig.facts(ev.AgentRequested)[0].skill == ""

    def test_the_branch_gives_its_skill_and_priority(self):
        request = Rig().to_root().press("1").wait(1).press("0").facts(ev.AgentRequested)[0]
        assert (request.skill, request.priority) == ("fault", 5)
        named = Rig().to_root().press("1").wait(1).press("2").facts(ev.AgentRequested)[0]
        assert named.skill == "special"

    def test_english_callers_ask_for_english_agents(self):
        request = Rig().to_root().press("8").wait(1).press("1").facts(ev.AgentRequested)[0]
        assert request.language == "en-US"

    def test_messages_of_place_come_over_the_music_and_music_returns(self):
        rig = waiting().tell(ev.Queued, request=1, position=3, expected_wait=130.0).wait(60)
        assert rig.heard[-6:] == [
            "transfer",
            "music",
            "queue.position",
            "music",
            "queue.position",
            "music",
        ]
        [message] = {what for _, what in rig.line.heard if what.id == "queue.position"}
        assert dict(message.values) == {"position": "3", "minutes": "3"}

    @pytest.mark.parametrize("waited", [0.5, 10, 16.0])
    def test_nothing_said_in_the_queue_delays_a_connection(self, waited):
        rig = waiting().wait(waited).connect("1001")
        at, what = rig.line.heard[-1]
        assert (at, what.id) == (rig.clock.now(), "agent.announcement")

    def test_a_refusal_is_explained(self):
        rig = waiting().tell(ev.RequestRefused, request=1, reason="full").wait(LENGTH)
        assert rig.heard[-2:] == ["refused.full", "closing"]

    def test_keys_in_the_queue_do_nothing_without_a_wait_menu(self):
        rig = waiting().wait(10).press("1*0")
        assert rig.phase == phases.WAITING
        assert len(rig.facts(ev.AgentRequested)) == 1


class TestAgent:
    def test_the_real_number_is_announced_before_the_bridge(self):
        rig = waiting().wait(10).connect("1027")
        assert dict(rig.last.values) == {"agent": "1027"}
        assert ("bridge", "c1", "a1") not in rig.effects
        rig.wait(LENGTH)
        assert rig.effects[-1] == ("bridge", "c1", "a1")
        request = rig.record.requests[0]
        assert request.agent_number == request.announced_number == "1027"

    def test_the_announcement_is_not_cut_by_a_key(self):
        rig = waiting().wait(10).connect().press("1").wait(LENGTH)
        assert rig.phase == phases.TALKING
        assert not rig.record.prompts[-1].cut

    def test_a_transfer_asks_again(self):
        rig = talking().tell(ev.AgentLeft, agent="a1", to="transfer:bill")
        assert [r.skill for r in rig.facts(ev.AgentRequested)] == ["", "bill"]
        assert ("unbridge", "c1", "a1") in rig.effects

    def test_an_agent_who_hangs_up_first_is_on_record(self):
        rig = talking().tell(ev.AgentLeft, agent="a1", to="hang_up", reason="harassment")
        row = rig.record
        assert row.ended_by is Party.AGENT
        assert (row.requests[0].left_to, row.requests[0].end_reason) == ("hang_up", "harassment")


class TestHold:
    """Who is put on hold waits, and who waits hears soft music (5.2.6.4)."""

    def test_music_until_the_agent_takes_the_call_back(self):
        rig = talking().tell(ev.AgentHeld, agent="a1", on=True)
        assert rig.last == do.Music()
        play = rig.call.play_id
        rig.wait(60).tell(ev.AgentHeld, agent="a1", on=False)
        assert [e.action for e in rig.facts(ev.Did)][-1] == do.StopPlay(play)
        assert rig.phase == phases.TALKING

    def test_an_agent_who_leaves_a_caller_on_hold_leaves_no_music(self):
        rig = talking().tell(ev.AgentHeld, agent="a1", on=True)
        rig.tell(ev.AgentLeft, agent="a1", to="survey")
        assert rig.last.id == "survey"


class TestSurvey:
    def surveyed(self):
        return talking().tell(ev.AgentLeft, agent="a1", to="survey")

    def test_an_answer_is_thanked_for_then_goodbye(self):
        rig = self.surveyed().wait(1).press("1").wait(LENGTH)
        assert rig.heard[-3:] == ["survey", "survey.thanks", "closing"]
        assert rig.record.survey == 1

    def test_no_answer_is_left_out(self):
        rig = self.surveyed().wait(LENGTH + 5.1)
        assert rig.last.id == "closing"
        assert rig.record.survey is None

    def test_a_key_that_is_no_score_is_let_pass(self):
        assert self.surveyed().press("7").phase == phases.SURVEY


class TestCallback:
    def test_the_customer_is_called_then_greeted_then_told_the_agent(self):
        rig = Rig(start=False)
        due = ev.CallbackDue(0.0, "c1", 1, "a1", "1001", "13800138000", "c0")
        rig.exchange._queue.append(("call", due))
        rig.exchange._drain()
        assert rig.effects == [("dial_out", "c1", "13800138000")]
        rig.wait(5)
        rig.exchange.post(ev.AnsweredOut(rig.clock.now(), "c1"))
        assert type(rig.acd.told[-1]) is ev.AnsweredOut
        rig.connect().wait(2 * LENGTH)
        assert rig.heard == ["callback.greeting", "agent.announcement"]
        assert rig.phase == phases.TALKING

    def test_the_customer_is_spoken_to_in_the_language_of_the_request(self):
        rig = Rig(start=False)
        due = ev.CallbackDue(0.0, "c1", 1, "a1", "1001", "13800138000", "c0", "", "en-US")
        rig.exchange._queue.append(("call", due))
        rig.exchange._drain()
        rig.exchange.post(ev.AnsweredOut(rig.clock.now(), "c1"))
        assert {what.language for _, what in rig.connect().wait(LENGTH).line.heard} == {"en-US"}

    def test_nobody_at_home_closes_the_leg(self):
        rig = Rig(start=False)
        due = ev.CallbackDue(0.0, "c1", 1, "a1", "1001", "13800138000", "c0")
        rig.exchange._queue.append(("call", due))
        rig.exchange._drain()
        rig.wait(31)
        assert rig.rows
        assert rig.record.reason == "no answer"


STORIES = {
    "greeting": lambda: Rig().wait(1),
    "menu": lambda: Rig().to_root().wait(1),
    "menu, silent": lambda: Rig().to_root().wait(LENGTH + 1),
    "speaking": lambda: Rig().to_root().press("13"),
    "collecting": lambda: Rig().to_root().press("11").press("12"),
    "requesting": lambda: Rig().to_root().press("111234567890#"),
    "waiting": waiting,
    "announcing": lambda: waiting().connect(),
    "talking": talking,
    "survey": lambda: talking().tell(ev.AgentLeft, agent="a1", to="survey"),
    "closing": lambda: Rig().to_root().press("15"),
}


@pytest.mark.parametrize("phase", STORIES)
def test_a_hang_up_wins_in_every_phase_and_closes_one_row(phase):
    rig = STORIES[phase]()
    before = rig.phase
    rig.exchange.post(ev.HungUp(rig.clock.now(), "c1", Party.CALLER))
    rig.wait(300)
    assert len(rig.rows) == 1
    assert type(rig.entries[-1].event) is ev.CallClosed
    kinds = [type(event) for event in rig.acd.told]
    if before == phases.WAITING:
        assert ev.RequestWithdrawn in kinds
        assert rig.record.outcome is Outcome.ABANDONED
    if before in (phases.ANNOUNCING, phases.TALKING):
        assert ev.TalkEnded in kinds
    assert kinds.count(ev.CallClosed) == 1


class TestAnything:
    """Whatever a caller, the ACD and the services do, the call keeps its promises."""

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_any_sequence(self, data):
        rig = Rig(services={"outage_lookup": ("found", {"cause": "台风"})})
        for _ in range(data.draw(st.integers(1, 25))):
            if rig.rows:
                break
            match data.draw(st.sampled_from(["key", "wait", "acd", "reply"])):
                case "key":
                    rig.press(data.draw(st.text("0123456789*#A", min_size=1, max_size=12)))
                case "wait":
                    rig.wait(data.draw(st.sampled_from([0.1, 2.5, 6.0, 40.0])))
                case "reply":
                    outcome = data.draw(st.sampled_from(["credit", "failed", "other"]))
                    request = data.draw(st.integers(0, 5))
                    rig.exchange.post(
                        ev.ServiceReplied(rig.clock.now(), "c1", request, outcome, {})
                    )
                case "acd":
                    if rig.phase == phases.WAITING:
                        rig.connect()
                    elif rig.phase in (phases.ANNOUNCING, phases.TALKING):
                        to = data.draw(st.sampled_from(["survey", "hang_up", "transfer:x"]))
                        rig.tell(ev.AgentLeft, agent="a1", to=to)
        if not rig.rows:
            rig.exchange.post(ev.HungUp(rig.clock.now(), "c1"))
        heard = rig.heard
        assert heard[0] == "greeting"
        assert "greeting" not in heard[1:]
        assert len(rig.rows) == 1
        assert type(rig.entries[-1].event) is ev.CallClosed
        depths = [visit.depth for visit in rig.record.menus]
        assert all(depth <= 5 for depth in depths)
        asked = [r.request for r in rig.facts(ev.AgentRequested)]
        assert asked == list(range(1, len(asked) + 1))
