"""A staffing for people: the tables of a terminal, and one self-contained page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hotline.simulation.front_report import summary
from hotline.simulation.outcome import clock_text, slot_levels
from hotline.simulation.page import Page, Part, Plot, course, render
from hotline.simulation.staff import REPLICATIONS, Staffing
from hotline.simulation.staff_outcome import shift_rows, step_rows
from hotline.simulation.tables import NAMES, WIDE, plus_minus, shown
from hotline.standard.plots import histogram
from menus.wording import Both

if TYPE_CHECKING:
    from rich.console import Console

Table = tuple[Both, list[Both], list[list[str]]]
"""Title, heads and rows."""


# --- tables ------------------------------------------------------------------------------------


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


def notes(found: Staffing) -> list[Both]:
    """How it was found."""
    rules, steps, limits = found.plan.staff, found.steps, found.plan.limits
    wanted = ", ".join(target.text() for target in rules.targets)
    gap = max((cover.gap for cover in found.covers), default=0.0)
    how = (
        Both("人数：精确理论", "numbers: exact theory")
        if steps.exact
        else Both(f"人数：先按理论，再用 {steps.rounds} 轮仿真修正",
                  f"numbers: theory first, corrected by {steps.rounds} rounds of simulation")
    )  # fmt: skip
    each = Both("每个队列", "in each queue") if rules.each else Both("合计", "all queues together")
    front = [summary(found.plan.front)] if found.plan.front else []
    return [
        *front,
        Both(f"目标：{wanted}（{each.zh}）；时限 {limits.answer_within:g} 秒，"
             f"{limits.short_abandon:g} 秒内放弃不计入 service_level 的分母",
             f"target: {wanted} ({each.en}); within {limits.answer_within:g} s, abandons before "
             f"{limits.short_abandon:g} s are left out of service_level"),
        how,
        Both(f"班次：整数规划（HiGHS），离最优至多 {gap:.1%}；"
             f"编制 = 在岗 / (1 − {rules.shrinkage:.0%})，每组向上取整",
             f"shifts: integer programme (HiGHS), at most {gap:.1%} from the best; "
             f"on the roster = present / (1 - {rules.shrinkage:.0%}), rounded up by group"),
        Both(f"仿真：{REPLICATIONS} 天，种子 {found.proof.seed}，与修正人数时的来电不同；"
             "下班者打完当前通话即走",
             f"simulation: {REPLICATIONS} days, seed {found.proof.seed}, other calls than the "
             "numbers were fitted to; who goes off duty finishes the call"),
    ]  # fmt: skip


# --- terminal ----------------------------------------------------------------------------------


def print_staffing(found: Staffing, lang: str) -> None:
    """Print steps, shifts and the roster's figures."""
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = WIDE
    for table in (steps_table(found), shifts_table(found), roster_table(found)):
        _print(table, console, lang)
    console.print(_summary(found).of(lang), style="bold", markup=False)
    for note in notes(found):
        console.print(note.of(lang), style="dim", markup=False)


def _summary(found: Staffing) -> Both:
    present = sum(cover.agents for cover in found.covers)
    most = found.steps.groups.sum(axis=0).max()
    return Both(
        f"最忙时段 {most} 坐席；全天 {found.steps.hours:,.1f} 坐席小时；"
        f"{present} 人上班，编制 {found.rostered} 人",
        f"busiest step {most} agents; {found.steps.hours:,.1f} "
        f"agent hours a day; {present} present, {found.rostered} on the roster",
    )


def _print(table: Table, console: Console, lang: str) -> None:
    from rich.table import Table as RichTable

    title, heads, rows = table
    shown_table = RichTable(title=title.of(lang), title_justify="left", box=None, pad_edge=False,
                            header_style="bold", title_style="bold")  # fmt: skip
    for number, head in enumerate(heads):
        shown_table.add_column(head.of(lang), justify="right" if number else "left")
    for row in rows:
        shown_table.add_row(*row)
    console.print(shown_table)


# --- page --------------------------------------------------------------------------------------


def to_html(found: Staffing, language: str) -> str:
    """The page in `language` (zh or en)."""
    present = sum(cover.agents for cover in found.covers)
    most = found.steps.groups.sum(axis=0).max()
    level = found.proof.everything()["service_level"]
    tiles = [
        (f"{most:,}", Both("最忙时段坐席", "agents at the busiest")),
        (f"{found.steps.hours:,.0f}", Both("坐席小时/天", "agent hours a day")),
        (f"{present:,}", Both("上班人数", "present in the day")),
        (f"{found.rostered:,}", Both("编制", "on the roster")),
        (plus_minus(level, "share"), NAMES["service_level"][0]),
    ]  # fmt: skip
    title = Both("排班", "Staffing").of(language)
    page = Page(
        title=f"{title} · {found.plan.title}" if found.plan.title else title,
        subtitle=found.plan.file,
        tiles=[(value, name.of(language)) for value, name in tiles],
        parts=[
            Part(Both("图", "Plots").of(language), _plots(found, language)),
            *(_part(t, language)
              for t in (roster_table(found), steps_table(found), shifts_table(found))),
            Part(Both("口径", "How it was found").of(language),
                 notes=[note.of(language) for note in notes(found)]),
        ],
    )  # fmt: skip
    return render(page, language)


def _part(table: Table, language: str) -> Part:
    title, heads, rows = table
    return Part(title.of(language), heads=[head.of(language) for head in heads], rows=rows)


def _plots(found: Staffing, language: str) -> list[Plot]:
    """Needed against at work, by half-hours; the roster's service level, line and waits."""
    slots = [slot * found.proof.slot_seconds for slot in range(found.proof.run.slots)]
    times = [clock_text(at) for at in slots]
    width = found.steps.every
    needed = [float(found.steps.groups[:, int(at // width)].sum()) for at in slots]
    theory = [float(found.steps.theory[:, int(at // width)].sum()) for at in slots]
    middle = found.proof.slot_seconds / 2
    there = [float(sum(one.on_duty(at + middle) for one in found.roster.groups)) for at in slots]
    words = [Both("需要", "needed"), Both("排班在岗", "at work"), Both("理论", "theory")]
    series = [(w.of(language), v) for w, v in zip(words, (needed, there, theory), strict=True)]
    agents, level = Both("坐席", "Agents"), NAMES["service_level"][0]
    return [
        course(agents.of(language), Both("各时段", "by step").of(language), series, times),
        course(level.of(language), Both("该排班的仿真", "the roster simulated").of(language),
               [(level.of(language), slot_levels(found.proof))], times, percent=True, top=1.0),
        _waits(found, language),
    ]  # fmt: skip


def _waits(found: Staffing, language: str) -> Plot:
    """How long the answered waited, all queues together, with the limit as a line."""
    answered = sum((found.proof.waits(n)[0] for n in range(1, len(found.plan.queues))),
                   start=found.proof.waits(0)[0])  # fmt: skip
    bars: Sequence[int] = [*map(int, answered[:60]), int(answered[60:].sum())]
    name, unit = Both("应答者的等待", "Waits of the answered"), Both("秒", "s").of(language)
    svg = histogram(bars, found.plan.limits.answer_within, name.of(language), unit)
    return Plot(name.of(language), unit, svg)
