"""Figures of queue, calls and agents: definitions by hand-made records."""

from __future__ import annotations

import pytest

from agents.agent_figures import agent_figures, state_spans
from agents.figures import Limits, call_figures, queue_figures
from agents.roster import AgentProfile, Shift
from hotline.switch.events import AgentReady, AgentState, AgentStateChanged, OfferOutcome, Party
from hotline.switch.record import (
    CallRecord,
    Entry,
    Offer,
    Outcome,
    RequestOutcome,
    RequestRecord,
    StepRecord,
)

ANSWERED, ABANDONED = RequestOutcome.ANSWERED, RequestOutcome.ABANDONED


def offer(ring, outcome=OfferOutcome.ANSWERED, agent="a1", at=100.0):
    return Offer(1, agent, at, at + ring, outcome)


def request(wait, outcome=ANSWERED, offers=(), skill="", **fields):
    return RequestRecord(
        1, skill, "zh-CN", 0, 0.0, wait, outcome, tuple(offers),
        agent="a1" if outcome is ANSWERED else "", **fields,
    )  # fmt: skip


def call(*requests, outcome=Outcome.AGENT, number="13800138000", at=0.0, steps=()):
    return CallRecord(
        "x", number, "memory", "", "", at, at, at + 60, outcome, Party.CALLER, "", ("zh-CN",),
        (), tuple(steps), (), (), 0, 0, 0, 0, tuple(requests), None, "",
    )  # fmt: skip


DAY = [
    call(request(5)),
    call(request(12)),
    call(request(30)),
    call(request(3, ABANDONED)),
    call(request(8, ABANDONED, [offer(2, OfferOutcome.CALLER_LEFT)])),
    call(request(40, ABANDONED)),
    call(request(20, RequestOutcome.WITHDRAWN)),
    call(request(0, RequestOutcome.REFUSED)),
    call(request(50, RequestOutcome.CALLBACK)),
]


def test_every_request_is_counted_once():
    f = {name: figure.value for name, figure in queue_figures(DAY).items()}
    assert (f["offered"], f["answered"], f["abandoned"]) == (9, 3, 3)
    parts = ("answered", "abandoned", "withdrawn", "refused", "callback", "lost")
    assert sum(f[name] for name in parts) == f["offered"]
    assert (f["abandoned_queue"], f["abandoned_ring"], f["short_abandon"]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("name", "numerator", "denominator"),
    [
        ("service_level", 2, 9 - 1),
        ("answered_within_of_offered", 2, 9),
        ("answered_within_of_answered", 2, 3),
        ("answered_within_of_finished", 2, 6),
        ("answered_within_less_quick", 2, 6 - 2),
        ("handled_within", 2 + 2, 6),
    ],
)
def test_the_formulas_of_service_level(name, numerator, denominator):
    figure = queue_figures(DAY)[name]
    assert (figure.numerator, figure.denominator) == (numerator, denominator)
    assert figure.value == numerator / denominator
    assert "12 s" in figure.formula


def test_the_limits_are_settings_and_are_printed():
    figure = queue_figures(DAY, Limits(answer_within=30, short_abandon=10))["service_level"]
    assert (figure.numerator, figure.denominator) == (3, 9 - 2)
    assert "30 s" in figure.formula
    assert "before 10 s" in figure.formula


def test_figures_of_one_skill_only():
    records = [call(request(5, skill="bill"), request(5, skill="fault"))]
    figures = queue_figures(records, belongs=lambda r: r.skill == "bill")
    assert figures["offered"].value == 1


def test_means_have_no_value_where_there_is_nothing():
    figures = queue_figures([])
    assert figures["offered"].value == 0
    assert figures["mean_wait_answered"].value is None
    assert figures["service_level"].value is None


def test_asa_is_over_the_answered_and_the_heard_number_over_those_who_heard():
    records = [call(request(10, heard_agent=11.0)), call(request(20, heard_agent=21.0)), DAY[5]]
    figures = queue_figures(records)
    assert figures["mean_wait_answered"].value == 15
    assert figures["mean_wait"].value == pytest.approx(70 / 3)
    assert figures["heard_within"].value == 0.5
    assert figures["longest_wait"].value == 40


def test_calls_containment_blocked_and_repeats():
    done = StepRecord("balance", 5.0, "found", "balance_lookup", solved=True)
    records = [
        call(outcome=Outcome.SELF_SERVICE, steps=[done], at=0.0),
        call(outcome=Outcome.IVR, at=600.0, number="13900139000"),
        call(outcome=Outcome.BLOCKED, at=700.0, number=""),
        call(request(5), steps=[done], at=3600.0),
        call(outcome=Outcome.IVR, at=9000.0),
    ]
    figures = call_figures(records)
    assert (figures["calls"].value, figures["blocked"].value) == (5, 1)
    assert figures["containment"].value == 1 / 4
    assert figures["left_in_ivr"].value == 2 / 4
    assert figures["agent_after_self_service"].value == 1 / 2
    repeats = figures["repeat_dial_rate"]
    assert (repeats.numerator, repeats.denominator) == (1, 4)


# --- agents --------------------------------------------------------------------------------------


def test_offers_of_an_agent_who_answers_some_in_time():
    offers = [
        offer(11.9),
        offer(12.0, at=100.1),
        offer(13),
        offer(20, OfferOutcome.NO_ANSWER),
        offer(2, OfferOutcome.DECLINED),
        offer(4, OfferOutcome.CALLER_LEFT),
        offer(14, OfferOutcome.CALLER_LEFT),
        offer(1, agent="a2"),
    ]
    figures = agent_figures([call(request(60, offers=offers))])
    mine = {name: figure.value for name, figure in figures["a1"].items()}
    assert (mine["offers"], mine["answered"], mine["answered_within"]) == (7, 3, 2)
    assert (mine["unanswered"], mine["caller_left"]) == (2, 2)
    # the caller who left after 4 s is nobody's fault, the one of 14 s should have been answered
    assert mine["ring_within"] == 2 / 6
    assert figures["a2"]["ring_within"].value == 1


def talk(left_to="", by=Party.AGENT, reason="", ended=100.0):
    return call(request(5, talk_ended=ended, ended_by=by, left_to=left_to, end_reason=reason))


def test_who_hung_up_first_and_who_may():
    figures = agent_figures([
        talk("hang_up"),
        talk("hang_up", reason="harassment"),
        talk("survey"),
        talk("transfer:bill"),
        talk(by=Party.CALLER),
    ])["a1"]  # fmt: skip
    assert (figures["hung_up_first"].numerator, figures["hung_up_first"].denominator) == (1, 5)
    assert figures["lawful_hang_ups"].value == 1


def changed(at, state, agent="a1"):
    return AgentStateChanged(at, "", agent, state)


STATES = [
    changed(0, AgentState.NOT_READY),
    changed(10, AgentState.READY),
    changed(40, AgentState.RINGING),
    changed(50, AgentState.TALKING),
    changed(90, AgentState.HOLD),
    changed(100, AgentState.TALKING),
    changed(120, AgentState.WRAP_UP),
    changed(140, AgentState.READY),
    changed(170, AgentState.BREAK),
    changed(200, AgentState.OFFLINE),
]


def test_occupancy_and_utilisation_from_the_journalled_states():
    figures = agent_figures([talk()], STATES, until=300)["a1"]
    assert figures["signed_in"].value == 200
    assert figures["occupancy"].value == 90 / (90 + 60)
    assert figures["utilisation"].value == 90 / 200
    assert figures["mean_handle"].value == 90
    assert figures["hold_share"].value == 10 / 70


def test_spans_are_read_from_a_whole_journal_and_cut_off_at_the_end():
    entries = [Entry("journal", e) for e in STATES[:2]] + [Entry("acd", AgentReady(20, "", "a1"))]
    assert state_spans(entries, 60.0) == {
        "a1": [(AgentState.NOT_READY, 0, 10), (AgentState.READY, 10, 60.0)]
    }


def test_adherence_compares_the_plan_with_what_was_done():
    hour = 3600.0
    plan = AgentProfile(
        "a1", "1001", shifts=(Shift(8 * hour, 12 * hour, ((10 * hour, 11 * hour),)),)
    )
    done = [
        changed(0.5 * hour, AgentState.READY),  # 08:30, half an hour late
        changed(2.25 * hour, AgentState.BREAK),  # 10:15
        changed(3.5 * hour, AgentState.READY),  # 11:30
    ]
    figures = agent_figures([], done, until=5 * hour, roster=[plan], clock_midnight=8 * hour)["a1"]
    assert figures["adherence"].denominator == 4 * hour
    assert figures["adherence"].numerator == (1.5 + 0.75 + 0.5) * hour


def test_without_shifts_there_is_no_adherence():
    figures = agent_figures([], STATES, until=300, roster=[AgentProfile("a1", "1001")])["a1"]
    assert figures["adherence"].value is None
