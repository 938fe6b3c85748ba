"""Staffing: theory's numbers, numbers corrected by simulation, shifts, and days that cannot be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from agents.settings import DAY
from hotline.simulation.covering import UncoverableError, cover
from hotline.simulation.pools import Pool
from hotline.simulation.reading import read_plan
from hotline.simulation.staff import StaffingError, staffed
from hotline.simulation.staff_outcome import staff_json, write_excel
from hotline.simulation.staff_report import to_html
from hotline.simulation.staff_rules import HOUR, USUAL_KINDS, Pause, ShiftKind
from hotline.simulation.steps import busy_quantiles, steps_of
from hotline.simulation.writing import plan_text
from tests.simulation.plans import GONE, exponential, group, plan, queue

SHAPE = [1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16, 12, 12, 15, 16, 16, 15, 15, 14, 12, 8, 4, 2]


def day(**changes):
    """A day of 1,200 calls with a ring and after-call work: no closed form."""
    profile = {"every": 60, "shares": SHAPE}
    item = queue(calls_per_hour=GONE, profile=profile, calls_per_day=1200,
                 handle={"distribution": "lognormal", "mean": 180, "cv": 1})  # fmt: skip
    ring = {"distribution": "uniform", "low": 1, "high": 5}
    return plan(**{"queues": [item], "ring": ring, "after_call": 40, "groups": [group(agents=1)],
                   "staff": {"every": 60}} | changes)  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "patience", "agents"),
    [
        ("answered_within_of_offered", exponential(180), 191),
        ("answered_within_of_answered", exponential(180), 190),
        ("answered_within_of_offered", GONE, 201),
    ],
)
def test_fewest_agents_of_a_steady_plan_are_those_of_theory(figure, patience, agents):
    steady = plan(queues=[queue(patience=patience)], staff={"targets": {figure: 0.8}})
    steps = steps_of(steady)
    assert steps.exact
    assert steps.pools.tolist() == [[agents]]


@pytest.fixture(scope="module")
def found():
    return staffed(day(staff={"every": 60, "shrinkage": 0.3}), seed=3)


def test_every_step_reaches_the_target_and_the_roster_covers_it(found):
    assert all(found.steps.met)
    assert not found.steps.exact
    needed = found.steps.groups[0]
    assert all(there >= need for there, need in zip(found.at_work()[0], needed, strict=True))
    level = found.proof.queue(0)["service_level"]
    assert level.high >= 0.95
    assert needed.argmax() in range(8, 20)


def test_one_agent_fewer_everywhere_misses_the_target(found):
    from hotline.simulation.steps import _Search

    search = _Search(found.plan, 3, map)
    fewer = np.maximum(found.steps.groups - 1, 1)
    busy = found.steps.pools > 2
    assert (search.slack(fewer)[busy] < 0).mean() > 0.8


def test_those_away_are_on_the_roster_too(found):
    present = sum(cover.agents for cover in found.covers)
    assert found.rostered == int(np.ceil(present / 0.7 - 1e-9))
    assert sum(row["rostered"] for row in staff_json(found)["shifts"]) == found.rostered


def test_the_roster_is_a_plan(found, tmp_path):
    from hotline.simulation.staff_outcome import roster_plan

    data = {"queues": [{"name": "mandarin", "calls_per_hour": 50, "handle": 200}],
            "groups": [{"name": "a", "agents": 1, "skills": ["mandarin"]}]}  # fmt: skip
    file = tmp_path / "roster.yaml"
    file.write_text(roster_plan(found, data), encoding="utf-8")
    read = read_plan(file)
    middles = [hour * 3600.0 + 1800 for hour in range(24)]
    assert all(
        read.groups[0].on_duty(clock) >= need
        for clock, need in zip(middles, found.steps.groups[0], strict=True)
    )


def test_a_workbook_and_a_page(found, tmp_path):
    write_excel(found, str(tmp_path / "staff.xlsx"))
    book = load_workbook(tmp_path / "staff.xlsx")
    assert book.sheetnames == ["steps", "shifts", "roster"]
    assert [cell.value for cell in book["steps"]["E"]][1:] == found.steps.groups[0].tolist()
    html = to_html(found, "en")
    assert "Fewest agents in each step" in html
    assert html.count("<svg") == 3


def test_a_target_that_no_number_of_agents_reaches():
    slow = day(ring={"distribution": "uniform", "low": 1, "high": 30})
    with pytest.raises(StaffingError, match=r"no number of agents reaches service_level >= 0.95"):
        staffed(slow)
    with pytest.raises(StaffingError, match=r"it rings 15\.5 s in the mean"):
        staffed(slow)


# --- shifts ------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=24, max_size=24))
def test_shifts_cover_every_quarter_of_an_hour(numbers):
    found = cover(numbers, HOUR, USUAL_KINDS)
    for quarter in range(96):
        clock = quarter * 900.0 + 1
        there = sum(one.agents for one in found.worked if _works(one.shift, clock))
        assert there >= numbers[int(clock // HOUR)]
    assert found.hours * 7.5 / 8 >= sum(numbers) - 1e-9


def _works(shift, clock):
    return any(
        shift.start <= t < shift.end and not any(a <= t < b for a, b in shift.breaks)
        for t in (clock, clock + DAY)
    )


def test_shifts_that_fit_exactly_are_found():
    kind = ShiftKind("eight", 8 * HOUR, (0.0, 8 * HOUR, 16 * HOUR))
    found = cover([2] * 8 + [5] * 8 + [3] * 8, HOUR, [kind])
    assert [one.agents for one in found.worked] == [2, 5, 3]
    assert found.gap == 0


def test_a_stretch_that_no_shift_covers_is_told():
    kind = ShiftKind("day", 8 * HOUR, (8 * HOUR,), (Pause(1800.0, 3 * HOUR, 3 * HOUR),))
    with pytest.raises(UncoverableError) as told:
        cover([1] * 24, HOUR, [kind])
    assert told.value.at == 0.0


def test_written_plans_quote_times_of_day():
    assert 'start: "02:00"' in plan_text({"groups": [{"start": "02:00", "agents": 1}]})


def test_a_day_of_a_log_played_again_is_staffed():
    """The listed days are all run; 20 calls an hour of 180 s are one erlang."""
    times = [day * 86400 + hour * 3600 + at for day in range(2) for hour in range(24)
             for at in range(0, 3600, 180)]  # fmt: skip
    item = queue(calls_per_hour=GONE, arrivals=times)
    found = steps_of(plan(queues=[item], staff={"every": 60}))
    assert found.rates.sum() * 3600 == pytest.approx(20 * 24)
    assert all(found.met)
    assert set(found.pools[0].tolist()) <= {3, 4, 5}


def test_all_queues_together_need_no_more_than_each_by_itself():
    items = [queue(name=name, calls_per_hour=60, handle={"distribution": "lognormal", "mean": 180, "cv": 1},
                   priority=priority) for name, priority in (("a", 5), ("b", 0))]  # fmt: skip
    rules = {"queues": items, "groups": [group(agents=1, skills=["a", "b"])]}
    each = steps_of(plan(**rules, staff={"of": "each"}))
    both = steps_of(plan(**rules, staff={"of": "all"}))
    assert not each.exact
    assert both.pools[0, 0] <= each.pools[0, 0]


def test_too_few_lines_are_told():
    with pytest.raises(StaffingError, match=r"the lines \(trunks\) or places to wait are too few"):
        staffed(day(trunks=2, ring=0))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(sum), st.integers(0, 500))
def test_groups_share_the_agents_in_their_proportion(sizes, agents):
    whole = sum(sizes)
    pool = Pool((0,), tuple(range(len(sizes))), tuple(size / whole for size in sizes))
    parts = pool.split(agents)
    assert sum(parts) == agents
    assert all(abs(part - agents * size / whole) < 1 + 1e-9
               for part, size in zip(parts, sizes, strict=True))  # fmt: skip


def test_days_of_different_busyness_stand_evenly_for_all():
    factors = np.array(busy_quantiles(0.2, 200))
    assert factors.mean() == pytest.approx(1)
    assert factors.std() == pytest.approx(0.2, rel=0.03)
    assert busy_quantiles(0.0, 3) == (1.0, 1.0, 1.0)


def test_a_busyness_of_the_day_needs_more_agents_and_is_staffed_for_the_mean_day():
    calm, busy = steps_of(day()), steps_of(day(busyness={"cv": 0.3}))
    assert all(busy.met)
    assert busy.groups.sum() > calm.groups.sum() * 1.05


def test_out_of_time_shifts_still_cover_and_say_how_far_from_the_best(monkeypatch):
    monkeypatch.setattr("hotline.simulation.covering.SECONDS", 0.0)
    found = cover([9] * 24, HOUR, USUAL_KINDS)
    for quarter in range(96):
        clock = quarter * 900.0 + 1
        assert sum(one.agents for one in found.worked if _works(one.shift, clock)) >= 9
    assert 0 <= found.gap < 0.3


def test_more_agents_than_any_hotline_has_are_refused_at_once():
    with pytest.raises(StaffingError, match="are calls per hour and times in seconds"):
        staffed(plan(queues=[queue(calls_per_hour=2_850_000_000)]))


def test_agents_of_different_skills_are_trimmed_each_by_themselves():
    """A queue of one group alone must not swell the other group by the plan's proportion."""
    items = [queue(name="fault", calls_per_hour=120, priority=5,
                   handle={"distribution": "lognormal", "mean": 180, "cv": 0.8}),
             queue(name="bill", calls_per_hour=240, handle=exponential(150))]  # fmt: skip
    groups = [group(name="both", agents=12, skills=["fault", "bill"]),
              group(name="bill", agents=8, skills=["bill"])]  # fmt: skip
    kept = steps_of(plan(queues=items, groups=groups, staff={"mix": "keep"}))
    trimmed = steps_of(plan(queues=items, groups=groups))
    assert all(kept.met)
    assert all(trimmed.met)
    assert kept.groups[0, 0] == pytest.approx(1.5 * kept.groups[1, 0], abs=1)
    assert trimmed.groups.sum() < 0.85 * kept.groups.sum()
    assert trimmed.groups[1, 0] < kept.groups[1, 0]
    assert trimmed.groups[0, 0] <= kept.groups[0, 0]
