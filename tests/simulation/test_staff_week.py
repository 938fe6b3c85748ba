"""Staffing a week: shifts of every day, people with days off and rest, and the plan that comes out."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.building import agent_shifts, day_run
from hotline.simulation.covering import Cover, Worked, cover
from hotline.simulation.pools import rates_of, staffed_days
from hotline.simulation.reading import read_plan
from hotline.simulation.rosters import allowed, roster
from hotline.simulation.staff import StaffingError, staffed
from hotline.simulation.staff_outcome import roster_plan, staff_json, write_excel, write_people
from hotline.simulation.staff_report import to_html
from hotline.simulation.staff_rules import HOUR, USUAL_KINDS, ShiftKind, WorkRules
from tests.simulation.plans import GONE, group, plan, queue
from tests.simulation.test_staff import SHAPE

WEEK = [1.2, 1.0, 1.0, 1.0, 1.0, 0.6, 0.5]
DATA = {
    "queues": [{"name": "mandarin", "handle": 200, "profile": {"every": 60, "shares": SHAPE},
                "calls_per_day": 900, "patience": 120}],
    "groups": [{"name": "a", "agents": 1, "skills": ["mandarin"]}],
    "week": WEEK,
}  # fmt: skip
SHIFTS = [{"name": "day", "hours": 8, "starts": ["06:00", "08:00", "12:00", "14:00", "22:00"],
           "breaks": [{"minutes": 30, "from": 3, "until": 5}]}]  # fmt: skip


def week(**changes):
    item = queue(calls_per_hour=GONE, profile={"every": 60, "shares": SHAPE}, calls_per_day=900,
                 handle=200)  # fmt: skip
    rules = {"every": 60, "shifts": SHIFTS, "shrinkage": 0.1}
    return plan(**{"queues": [item], "groups": [group(agents=1)], "week": WEEK,
                   "staff": rules, "weekday": "wednesday"} | changes)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return staffed(week(), seed=2)


def test_a_plan_with_a_week_is_staffed_for_all_its_days(found):
    assert found.days == 7
    assert found.steps.groups.shape == (1, 7 * 24)
    assert all(found.steps.met)
    at_work = found.at_work()[0]
    assert all(t >= n for t, n in zip(at_work, found.steps.groups[0], strict=True))
    days = staff_json(found)["days"]
    assert [day["day"] for day in days][:3] == ["wednesday", "thursday", "friday"]
    busiest, calmest = days[5], days[4]  # Monday and Sunday
    assert busiest["calls"] == pytest.approx(900 * 1.2)
    assert busiest["agent_hours"] > 1.3 * calmest["agent_hours"]
    assert all(day["service_level"] > 0.93 for day in days)


def test_nobody_works_more_than_the_rules_allow_and_every_shift_has_its_people(found):
    (own,), (cover_,) = found.rosters, found.covers
    turns = [turn for person in own.people for turn in person.turns]
    assert len(turns) == sum(cover_.rostered(0.1)) >= np.ceil(found.present / 0.9 - 1e-9)
    assert all(allowed(person.turns, WorkRules(), True) for person in own.people)
    assert own.at_least <= found.rostered <= 1.15 * own.at_least + 1


def test_what_it_says_reads_back_as_the_same_roster(found, tmp_path):
    file = tmp_path / "roster.yaml"
    file.write_text(roster_plan(found, DATA | {"weekday": "wednesday"}), encoding="utf-8")
    read = read_plan(file)
    assert read.days == 7
    for clock in np.arange(150.0, 7 * DAY, 900.0):
        assert read.groups[0].on_duty(clock) == found.roster.groups[0].on_duty(clock)


def test_files_and_page_have_days_and_people(found, tmp_path):
    write_excel(found, str(tmp_path / "week.xlsx"))
    book = load_workbook(tmp_path / "week.xlsx")
    assert book.sheetnames == ["steps", "shifts", "roster", "days", "people"]
    assert book["days"].max_row == 8
    assert book["people"].max_row == found.rostered + 1
    write_people(found, str(tmp_path / "people.csv"))
    with open(tmp_path / "people.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found.rostered
    assert all(int(row["shifts"]) <= 5 and float(row["hours"]) <= 40 for row in rows)
    html = to_html(found, "zh")
    assert html.count("<svg") == 3
    assert all(name in html for name in ("周一", "周日", "每人一周", "并非法规原文"))


def test_other_days_than_a_week(found):
    three = staffed(week(staff={"every": 60, "shifts": SHIFTS, "days": 3}), seed=2)
    assert three.days == 3
    needed = three.steps.groups[0]
    assert all(t >= n for t, n in zip(three.at_work()[0], needed, strict=True))
    assert three.steps.rates.sum() == pytest.approx(found.steps.rates[:, : 3 * 24].sum())
    assert staffed_days(week(staff={"days": 1})) == 1
    steady = plan(queues=[queue(calls_per_hour=60)], groups=[group(agents=9)],
                  staff={"days": 7, "shifts": SHIFTS})  # fmt: skip
    assert staffed_days(steady) == 7
    constant = staffed(steady)
    assert len(set(constant.steps.groups[0].tolist())) == 1
    assert constant.rostered >= constant.present / 5


def test_the_days_of_a_log_each_by_itself():
    times = [day * DAY + at for day in range(2) for at in range(0, 86400, 600 if day else 300)]
    item = queue(calls_per_hour=GONE, arrivals=times)
    rates = rates_of(plan(queues=[item]), 3600.0, 2)
    assert rates.shape == (1, 48)
    assert rates[0, 0] == pytest.approx(2 * rates[0, 30])
    with pytest.raises(StaffingError, match="only 2 days"):
        staffed(plan(queues=[item], staff={"days": 3}))


# --- shifts on some days -----------------------------------------------------------------------


def test_a_shift_of_some_weekdays_is_worked_on_them_alone():
    shifts = [{"start": "22:00", "end": "06:00", "agents": 3, "days": ["friday", "sunday"]}]
    own = plan(groups=[{"name": "a", "skills": ["mandarin"], "shifts": shifts}],
               weekday="saturday").groups[0]  # fmt: skip
    nights = [day for day in range(14) if own.on_duty(day * DAY + 23 * HOUR)]
    mornings = [day for day in range(14) if own.on_duty(day * DAY + 5 * HOUR)]
    assert nights == [1, 6, 8, 13]
    assert mornings == [0, 2, 7, 9]
    spans = [(s.start, s.end) for s in agent_shifts(own, 7 * DAY)[0]]
    assert spans == [(0.0, 6 * HOUR), (46 * HOUR, 54 * HOUR), (166 * HOUR, 174 * HOUR)]


def test_an_unknown_weekday_of_a_shift_is_told():
    from hotline.simulation.parts import PlanError

    shifts = [{"start": "08:00", "end": "16:00", "agents": 3, "days": ["funday"]}]
    with pytest.raises(PlanError, match="funday"):
        plan(groups=[{"name": "a", "skills": ["mandarin"], "shifts": shifts}])


def test_each_day_has_its_own_intervals_only_where_asked():
    own = week()
    folded, each = day_run(own, 7), day_run(own, 7, folded=False)
    assert (folded.slots, folded.visits) == (48, 7)
    assert (each.slots, each.visits) == (336, 1)


# --- people ------------------------------------------------------------------------------------

rules = st.builds(
    WorkRules, days=st.integers(3, 7), hours=st.sampled_from([24.0, 40.0, 44.0]),
    rest=st.sampled_from([0.0, 8 * HOUR, 11 * HOUR, 14 * HOUR]), together=st.booleans(),
)  # fmt: skip
worked = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 47), st.sampled_from([4, 8, 10]),
              st.integers(1, 4)),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(worked, rules, st.sampled_from([0.0, 0.25]))
def test_any_shifts_find_people_who_may_work_them(given_, work, away):
    shifts = tuple(
        Worked("any", Shift(half * 1800.0, half * 1800.0 + hours * HOUR), agents, day)
        for day, half, hours, agents in given_
    )
    own = Cover(shifts, 0.0)
    found = roster(own, away, work, 7)
    assert sum(len(person.turns) for person in found.people) == sum(own.rostered(away))
    assert all(allowed(person.turns, work, True) for person in found.people)
    assert len(found.people) >= found.at_least
    given_turns = sorted((t.day, t.shift.start, t.shift.end)
                         for person in found.people for t in person.turns)  # fmt: skip
    wanted = sorted((one.day, one.shift.start, one.shift.end)
                    for one, number in zip(shifts, own.rostered(away), strict=True)
                    for _ in range(number))  # fmt: skip
    assert given_turns == wanted


def test_five_of_seven_days_need_seven_fifths_of_the_people():
    kind = ShiftKind("eight", 8 * HOUR, (0.0, 8 * HOUR, 16 * HOUR))
    own = cover([10] * 168, HOUR, [kind])
    assert own.agents == 7 * 30
    assert len(roster(own, 0.0, WorkRules(), 7).people) == 42
    assert len(roster(own, 0.0, WorkRules(days=6, hours=48), 7).people) == 35
    assert len(roster(own, 0.0, WorkRules(hours=32), 7).people) > 52


def test_rosters_of_an_ordinary_week_are_near_the_fewest_there_can_be():
    shape = np.array(SHAPE) / max(SHAPE)
    numbers = np.concatenate([np.ceil(300 * shape * factor) for factor in WEEK]).astype(int)
    own = cover(numbers.tolist(), HOUR, USUAL_KINDS)
    found = roster(own, 0.2, WorkRules(), 7)
    assert len(found.people) <= 1.05 * found.at_least + 1


def test_shifts_longer_than_a_week_may_be_are_refused():
    with pytest.raises(StaffingError, match=r"shift 'day' alone has 7.5 hours"):
        staffed(week(staff={"shifts": SHIFTS, "work": {"hours": 5}}))
