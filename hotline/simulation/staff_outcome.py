"""A staffing as data: JSON, flat rows for CSV, sheets of a workbook, and a plan with its shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.front_report import front_json
from hotline.simulation.outcome import slot_levels, to_json
from hotline.simulation.plan import GroupShift
from hotline.simulation.staff import Staffing
from hotline.simulation.staff_week import day_rows, people_rows, worked_shifts
from hotline.simulation.weekdays import clock_text, weekday
from hotline.simulation.writing import plan_text

Row = dict[str, Any]


def staff_json(found: Staffing, lang: str = "en") -> dict[str, Any]:
    """What `hotline staff --json` prints."""
    rules, steps = found.plan.staff, found.steps
    return {
        "targets": {target.figure: target.value for target in rules.targets},
        "of": "each" if rules.each else "all",
        "answer_within": found.plan.limits.answer_within,
        "short_abandon": found.plan.limits.short_abandon,
        "seed": found.seed,
        "method": "exact theory" if steps.exact else "theory, corrected by simulation",
        "rounds": steps.rounds,
        "agents": int(steps.groups.sum(axis=0).max()),
        "agent_hours": steps.hours,
        "intervals": step_rows(found),
        "shifts": shift_rows(found),
        "shrinkage": rules.shrinkage,
        "present": found.present,
        "rostered": found.rostered,
        "rostered_hours": sum(cover.hours for cover in found.covers),
        "efficiency": found.efficiency,
        "gap": max((cover.gap for cover in found.covers), default=0.0),
        "roster": to_json(found.proof, lang),
        **(_week_json(found) if found.days > 1 else {}),
        **({"ivr": front_json(found.plan, found.plan.front)} if found.plan.front else {}),
    }


def _week_json(found: Staffing) -> dict[str, Any]:
    work = found.plan.staff.work
    return {
        "days": day_rows(found),
        "shifts_rostered": found.shifts_rostered,
        "people_at_least": found.at_least,
        "people": [
            {"group": one.name, "people": len(own.people), "at_least": own.at_least}
            for one, own in zip(found.plan.groups, found.rosters, strict=True)
        ],
        "work": {"days": work.days, "hours": work.hours, "rest": work.rest / 3600,
                 "off": "together" if work.together else "any"},
    }  # fmt: skip


def step_rows(found: Staffing) -> list[Row]:
    """One row a step: calls, agents by theory, agents needed, and at work by the roster."""
    steps = found.steps
    at_work = found.at_work()
    levels = slot_levels(found.proof)
    rows = []
    for number, start in enumerate(steps.starts):
        own = {
            one.name: int(steps.groups[g, number]) for g, one in enumerate(found.plan.groups)
        }  # fmt: skip
        there = {one.name: at_work[g][number] for g, one in enumerate(found.plan.groups)}
        rows.append({
            **_day(found, int(start // DAY)),
            "start": clock_text(start),
            "end": clock_text(start + steps.every),
            "calls": float(steps.rates[:, number].sum()) * steps.every,
            "theory": int(steps.theory[:, number].sum()),
            "agents": sum(own.values()),
            "groups": own,
            "met": steps.met[number],
            "at_work": sum(there.values()),
            "roster": there,
            "roster_service_level": levels[number] if len(levels) == len(steps.starts) else None,
        })  # fmt: skip
    return rows


def shift_rows(found: Staffing) -> list[Row]:
    """One row a shift (of a day): group, times, breaks, agents present and on the roster."""
    return [
        {
            **_day(found, worked.day),
            "group": group,
            "kind": worked.kind,
            "start": clock_text(worked.shift.start),
            "end": clock_text(worked.shift.end),
            "breaks": breaks_of(worked.shift),
            "agents": worked.agents,
            "rostered": rostered,
        }
        for group, worked, rostered in worked_shifts(found)
    ]


def _day(found: Staffing, day: int) -> Row:
    """Which day a row is of, where there are several."""
    return {"day": weekday(found.plan.weekday, day)} if found.days > 1 else {}


def breaks_of(shift: Shift) -> list[str]:
    """Breaks as 12:00-12:30."""
    return [f"{clock_text(begin)}-{clock_text(end)}" for begin, end in shift.breaks]


# --- files -------------------------------------------------------------------------------------


def flat_steps(found: Staffing) -> list[Row]:
    """`step_rows` without nesting."""
    return [_flat(row) for row in step_rows(found)]


def _flat(row: Mapping[str, Any]) -> Row:
    nested = {"groups": "needed", "roster": "at_work"}
    flat = {name: value for name, value in row.items() if name not in nested}
    for name, prefix in nested.items():
        flat |= {f"{prefix}_{group}": number for group, number in row[name].items()}
    return flat


def write_csv(found: Staffing, path: str) -> None:
    """Write the steps to `path`."""
    _write_rows(flat_steps(found), path)


def write_people(found: Staffing, path: str) -> None:
    """Write each person's days to `path`."""
    _write_rows(people_rows(found) or [{"group": "", "agent": ""}], path)


def _write_rows(rows: Sequence[Row], path: str) -> None:
    import csv

    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_excel(found: Staffing, path: str) -> None:
    """Write a workbook: steps (with a chart), shifts, and the roster's figures; of several days
    also figures by day, and each person's week."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    shifts = [{**row, "breaks": ", ".join(row["breaks"])} for row in shift_rows(found)]
    _sheet(book, "steps", flat_steps(found))
    _sheet(book, "shifts", shifts)
    _sheet(book, "roster", _figures(found))
    if found.days > 1:
        days = [{k: v for k, v in row.items() if k != "confidence"} for row in day_rows(found)]
        _sheet(book, "days", days)
        _sheet(book, "people", people_rows(found))
    _chart(book["steps"], len(found.steps.starts))
    book.save(path)


def _figures(found: Staffing) -> list[Row]:
    from hotline.simulation.outcome import rows

    return [{k: v for k, v in row.items() if k != "interval"}
            for row in rows(found.proof) if not row["interval"]]  # fmt: skip


def _sheet(book: Any, title: str, rows: Sequence[Row]) -> None:
    from openpyxl.styles import Font

    sheet = book.create_sheet(title)
    names = list(rows[0]) if rows else []
    sheet.append(names)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([row[name] for name in names])
    sheet.freeze_panes = "A2"


def _chart(sheet: Any, steps: int) -> None:
    from openpyxl.chart import LineChart, Reference

    heads = [cell.value for cell in sheet[1]]
    chart = LineChart()
    chart.title, chart.height, chart.width = "agents", 9, 24
    for name in ("agents", "at_work"):
        column = heads.index(name) + 1
        chart.add_data(Reference(sheet, min_col=column, min_row=1, max_row=steps + 1),
                       titles_from_data=True)  # fmt: skip
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=steps + 1))
    sheet.add_chart(chart, f"A{steps + 4}")


def roster_plan(found: Staffing, data: Mapping[str, Any]) -> str:
    """The plan `data` as YAML with the found shifts in place of its agents."""
    groups = []
    for item, planned in zip(data["groups"], found.roster.groups, strict=True):
        shifts = [_written(found, one) for one in planned.shifts]
        kept = {name: value for name, value in item.items() if name not in ("agents", "shifts")}
        groups.append(kept | ({"shifts": shifts} if shifts else {"agents": 0}))
    whole = {**data, "groups": groups}
    return plan_text(whole | {"days": found.days} if found.days > 1 else whole)


def _written(found: Staffing, one: GroupShift) -> Row:
    """A shift as plans write it."""
    written: Row = {"start": clock_text(one.shift.start), "end": clock_text(one.shift.end),
                    "agents": one.agents}  # fmt: skip
    if one.shift.breaks:
        written["breaks"] = breaks_of(one.shift)
    if one.days:
        written["days"] = [weekday(found.plan.weekday, day) for day in one.days]
    return written


def save_roster(found: Staffing, path: str) -> None:
    """Write the plan with its shifts to `path`, ready for `hotline simulate`."""
    from menus.reader import read

    Path(path).write_text(roster_plan(found, read(found.plan.file).data), encoding="utf-8")
