"""Work orders, outages, dispositions and sign-ins: in time, late, and not said."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.standard.clauses import edition
from hotline.standard.day_checks import (
    check_dispositions,
    check_orders,
    check_outages,
    check_sign_ins,
    weekends_only,
)
from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.switch.record import Entry

MONDAY = datetime(2026, 11, 23, 9, 0)


def order(**changes):
    row = {
        "order": "261123000001", "kind": "fault", "detail": "single", "call": "c1",
        "account": "3100000012", "phone": "13800138000", "accepted_at": MONDAY,
    }  # fmt: skip
    return row | changes


def after(**elapsed):
    return MONDAY + timedelta(**elapsed)


def verdicts(rows, clause, rule, **context):
    found = check_orders(rows, edition(), **context)
    return [r.ok for r in found if (r.clause, r.rule) == (clause, rule)]


DAYS5, DAYS10 = datetime(2026, 11, 30, 23, 59), datetime(2026, 12, 7, 23, 59)
TIMED = [
    ("5.2.7.5", "dispatched", {}, "dispatched_at", after(minutes=2)),
    ("5.2.7.5", "dispatched", {"kind": "complaint"}, "dispatched_at", after(minutes=20)),
    ("6.1.5.3", "accepted", {"kind": "business", "detail": "new"}, "answered_at",
     datetime(2026, 11, 24, 23, 59)),
    ("6.1.5.10", "done", {"kind": "business", "detail": "resume"}, "done_at", DAYS5),
    ("6.1.5.11", "done", {"kind": "business", "detail": "rename"}, "done_at", DAYS5),
    ("6.1.5.12", "done", {"kind": "business", "detail": "tariff"}, "done_at",
     datetime(2026, 11, 25, 23, 59)),
    ("6.2.5.1", "arrived", {"area_type": "city"}, "arrived_at", after(minutes=45)),
    ("6.2.5.1", "arrived", {"area_type": "rural"}, "arrived_at", after(minutes=90)),
    ("6.2.5.1", "arrived", {"area_type": "remote"}, "arrived_at", after(hours=2)),
    ("6.3.5", "answered", {"kind": "consult"}, "answered_at", DAYS5),
    ("6.4.5.1", "contacted", {"kind": "complaint"}, "contacted_at", after(hours=24)),
    ("6.4.5.1", "answered", {"kind": "complaint"}, "answered_at", DAYS5),
    ("6.4.5.2", "answered", {"kind": "report"}, "answered_at", DAYS10),
    ("6.4.5.2", "answered", {"kind": "opinion"}, "answered_at", DAYS10),
    ("6.4.5.2", "answered", {"kind": "suggestion"}, "answered_at", DAYS10),
    ("6.5", "done", {"kind": "reconnect"}, "restored_at", after(hours=24)),
    ("6.5", "done", {"detail": "appliance"}, "arrived_at", after(hours=24)),
    ("6.5", "done", {"kind": "business", "detail": "meter_check"}, "answered_at", DAYS5),
    ("6.7.5.3", "refunded", {"kind": "refund"}, "done_at", datetime(2026, 12, 2, 23, 59)),
    ("6.7.5.3", "refunded", {"kind": "refund", "cash": True}, "done_at", DAYS10),
]  # fmt: skip


@pytest.mark.parametrize(("clause", "rule", "kind", "step", "limit"), TIMED)
def test_a_step_is_in_time_at_its_limit_and_late_a_minute_after(clause, rule, kind, step, limit):
    assert verdicts([order(**kind, **{step: limit})], clause, rule) == [True]
    late = order(**kind, **{step: limit + timedelta(minutes=1)})
    assert verdicts([late], clause, rule) == [False]


@pytest.mark.parametrize(("clause", "rule", "kind", "step", "limit"), TIMED)
def test_a_step_not_done_is_late_only_once_its_limit_has_passed(clause, rule, kind, step, limit):
    row = order(**kind)
    assert verdicts([row], clause, rule) == []
    assert verdicts([row], clause, rule, now=limit) == []
    assert verdicts([row], clause, rule, now=limit + timedelta(minutes=1)) == [False]


def test_required_fields_and_who_is_spared_them():
    assert verdicts([order()], "5.2.7.5", "complete") == [True]
    assert verdicts([order(account="")], "5.2.7.5", "complete") == [False]
    assert verdicts([order(phone="")], "5.2.7.5", "complete") == [False]
    praise = order(kind="praise", account="", detail="")
    assert verdicts([praise], "5.2.7.5", "complete") == [True]
    anonymous = order(kind="report", account="", phone="", detail="", anonymous=True)
    assert verdicts([anonymous], "5.2.7.5", "complete") == [True]


def test_an_anonymous_order_holds_no_identity():
    hidden = order(kind="report", account="", phone="", anonymous=True)
    assert verdicts([hidden], "6.4.5.5", "anonymous") == [True]
    assert verdicts([hidden | {"phone": "13800138000"}], "6.4.5.5", "anonymous") == [False]
    assert verdicts([order()], "6.4.5.5", "anonymous") == []


def test_closed_complaints_are_called_back_unless_refused_or_not_said():
    closed = order(kind="complaint", closed_at=after(days=2))
    assert verdicts([closed], "6.4.5.4", "called_back") == []
    for said, verdict in (
        ({"called_back_at": after(days=2)}, [True]),
        ({"callback_refused": True}, [True]),
        ({"called_back_at": None}, [False]),
    ):
        assert verdicts([closed | said], "6.4.5.4", "called_back") == verdict


def test_restoration_is_judged_by_its_mean():
    def restored(hours):
        return order(area_type="city", arrived_at=after(), restored_at=after(hours=hours))

    assert verdicts([restored(2), restored(4)], "6.2.5.3", "restored") == [True]
    assert verdicts([restored(2), restored(4.1)], "6.2.5.3", "restored") == [False]


def test_outages_are_published_within_twenty_minutes():
    def outage(minutes):
        return {"outage": "o1", "known_at": MONDAY, "published_at": after(minutes=minutes)}

    assert [r.ok for r in check_outages([outage(20), outage(21)], edition())] == [True, False]
    assert list(check_outages([{"outage": "o1"}], edition())) == []


def test_foreign_matters_have_a_note():
    rows = [
        {"call": "c1", "code": "wrong_number", "note": "已告知"},
        {"call": "c2", "code": "harassment", "note": " "},
        {"call": "c3", "code": "fault", "note": ""},
    ]
    found = [(r.call, r.ok) for r in check_dispositions(rows, edition())]
    assert found == [("c1", True), ("c2", False)]


def agent_entry(event, **fields):
    return Entry("journal", event(0.0, "", **fields))


def test_an_agent_refused_at_sign_in_stays_off_duty():
    refusal = agent_entry(ev.SignInRefused, agent="a9", reason="5.2.5.2")
    ready = agent_entry(ev.AgentStateChanged, agent="a9", state=AgentState.READY)
    other = agent_entry(ev.AgentStateChanged, agent="a1", state=AgentState.READY)
    assert [r.ok for r in check_sign_ins([refusal, other])] == [True]
    assert [r.ok for r in check_sign_ins([refusal, ready])] == [False]
    assert [r.ok for r in check_sign_ins([refusal, ready, refusal])] == [False, True]
    assert list(check_sign_ins([other])) == []


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.integers(1, 60))
def test_working_days_by_weekends_end_on_a_weekday_and_are_counted_right(start, days):
    end = weekends_only(start, days)
    length = (end.date() - start.date()).days
    span = [start.date() + timedelta(days=n) for n in range(1, length + 1)]
    assert end.weekday() < 5
    assert sum(day.weekday() < 5 for day in span) == days
