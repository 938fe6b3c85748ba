"""The tables of a staffing, for terminals and pages: steps, shifts, days, people, figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline.simulation.staff import Staffing
from hotline.simulation.staff_outcome import shift_rows, step_rows
from hotline.simulation.staff_week import (
    FIGURES,
    day_rows,
    people_rows,
    worked_shifts,
)
from hotline.simulation.tables import NAMES, plus_minus, shown
from hotline.simulation.weekdays import SHORT, WEEKDAYS, clock_text, short
from menus.wording import Both

Table = tuple[Both, list[Both], list[list[str]]]
"""Title, heads and rows."""
MOST_PEOPLE = 200
"""The page lists each person's week of so many at most; files have all."""


def tables(found: Staffing) -> list[Table]:
    """What a terminal prints: of several days their sums, and the shifts by day."""
    if found.days == 1:
        return [steps_table(found), shifts_table(found), roster_table(found)]
    return [days_table(found), week_shifts_table(found), roster_table(found)]


def steps_table(found: Staffing) -> Table:
    """The steps of the day."""
    groups = [one.name for one in found.plan.groups] if len(found.plan.groups) > 1 else []
    heads = [Both("时段", "from"), Both("来电", "calls"), Both("理论", "theory"),
             Both("需要坐席", "agents needed"), *(Both(name, name) for name in groups),
             Both("排班在岗", "at work by shifts"), Both("达标", "reached")]  # fmt: skip
    rows = []
    for row in step_rows(found):
        own = [f"{row['groups'][name]}" for name in groups]
        rows.append([
            row["start"], shown(row["calls"], "count"), str(row["theory"]), str(row["agents"]),
            *own, str(row["at_work"]), "✓" if row["met"] else "✗",
        ])  # fmt: skip
    return Both("各时段最少坐席", "Fewest agents in each step"), heads, rows


def shifts_table(found: Staffing) -> Table:
    """The shifts."""
    heads = [Both("坐席组", "group"), Both("班次", "shift"), Both("小休", "breaks"),
             Both("在岗", "present"), Both("编制", "on the roster")]  # fmt: skip
    rows = [
        [row["group"], f"{row['start']}-{row['end']}", " ".join(row["breaks"]),
         str(row["agents"]), str(row["rostered"])]
        for row in shift_rows(found)
    ]  # fmt: skip
    return Both("班次", "Shifts"), heads, rows


def days_table(found: Staffing) -> Table:
    """One row a day."""
    heads = [Both("日", "day"), Both("来电", "calls"), Both("最忙时段坐席", "busiest step"),
             Both("坐席小时", "agent hours"), Both("上班", "present"),
             Both("编制", "on the roster"), Both("达标时段", "steps reached"),
             *(NAMES[name][0] for name in FIGURES)]  # fmt: skip
    rows = []
    for day, row in enumerate(day_rows(found)):
        said = short(found.plan.weekday, day)
        figures = found.proof.of_day(day)
        rows.append([
            f"{said.zh}/{said.en}", shown(row["calls"], "count"), f"{row['agents']:,}",
            f"{row['agent_hours']:,.1f}", f"{row['present']:,}", f"{row['rostered']:,}",
            f"{row['steps_met']}/{row['steps']}",
            *(plus_minus(figures[name], NAMES[name][1]) for name in FIGURES),
        ])  # fmt: skip
    return Both("各日", "By day"), heads, rows


def week_shifts_table(found: Staffing) -> Table:
    """One row for shifts of the same times, whatever their breaks; a column a day."""
    days = sorted({worked.day for _, worked, _ in worked_shifts(found)} | set(range(found.days)))
    numbers: dict[tuple[str, float, float], dict[int, int]] = {}
    for group, worked, _ in worked_shifts(found):
        row = numbers.setdefault((group, worked.shift.start, worked.shift.end), {})
        row[worked.day] = row.get(worked.day, 0) + worked.agents
    heads = [
        Both("坐席组", "group"),
        Both("班次", "shift"),
        *(short(found.plan.weekday, d) for d in days),
    ]
    rows = [
        [
            group,
            f"{clock_text(start)}-{clock_text(end)}",
            *(f"{row.get(d, 0) or '·'}" for d in days),
        ]
        for (group, start, end), row in sorted(numbers.items())
    ]
    return Both("各日各班次上班人数", "Present, by shift and day"), heads, rows


def week_steps_table(found: Staffing) -> Table:
    """One row a time of day; a column a day: agents needed, and at work by the shifts."""
    rows = step_rows(found)
    a_day = len(rows) // found.days
    heads = [Both("时段", "from"), *(short(found.plan.weekday, day) for day in range(found.days))]
    cells = [
        [rows[step]["start"], *(_needed(rows[step + day * a_day]) for day in range(found.days))]
        for step in range(a_day)
    ]
    title = Both("各时段：需要坐席 / 排班在岗", "Each step: agents needed / at work by the shifts")
    return title, heads, cells


def _needed(row: Mapping[str, Any]) -> str:
    return f"{row['agents']} / {row['at_work']}" + ("" if row["met"] else " ✗")


def people_table(found: Staffing) -> Table:
    """One row a person, as far as a page has room for them."""
    rows = people_rows(found)[:MOST_PEOPLE]
    days = [name for name in (rows[0] if rows else {}) if name in WEEKDAYS]
    heads = [Both("坐席", "agent"), *(SHORT[WEEKDAYS.index(day)] for day in days),
             Both("班", "shifts"), Both("工时", "hours")]  # fmt: skip
    cells = [
        [row["agent"], *(row[day].split(" ")[0] or "·" for day in days), f"{row['shifts']}",
         f"{row['hours']:g}"]
        for row in rows
    ]  # fmt: skip
    return Both("每人一周", "Each person's week"), heads, cells


def roster_table(found: Staffing) -> Table:
    """The figures of the roster, with intervals."""
    names = [target.figure for target in found.plan.staff.targets]
    names += [n for n in ("service_level", "ring_within", "abandoned_fraction",
                          "mean_wait_answered") if n not in names]  # fmt: skip
    heads = [Both("队列", "queue"), *(NAMES.get(n, (Both(n, n), ""))[0] for n in names)]
    queues = [(item.name, found.proof.queue(n)) for n, item in enumerate(found.plan.queues)]
    if len(queues) > 1:
        queues.append(("合计/all", found.proof.everything()))
    rows = [
        [name, *(plus_minus(own[n], NAMES.get(n, (Both(n, n), "share"))[1]) for n in names)]
        for name, own in queues
    ]
    return Both("该排班的仿真（95% 区间）", "The roster simulated (95 % intervals)"), heads, rows
