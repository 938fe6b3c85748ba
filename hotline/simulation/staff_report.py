"""A staffing for people: the tables of a terminal, and one self-contained page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hotline.simulation.front_report import summary
from hotline.simulation.outcome import slot_levels
from hotline.simulation.page import Page, Part, Plot, course, render
from hotline.simulation.staff import Staffing
from hotline.simulation.staff_tables import (
    MOST_PEOPLE,
    Table,
    days_table,
    people_table,
    roster_table,
    shifts_table,
    steps_table,
    tables,
    week_shifts_table,
    week_steps_table,
)
from hotline.simulation.tables import NAMES, WIDE, plus_minus
from hotline.simulation.weekdays import named
from hotline.standard.plots import histogram
from menus.wording import Both

if TYPE_CHECKING:
    from rich.console import Console


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
    runs, days = len(found.proof.samples), found.days
    whole = Both(f"{runs} 次，每次 {days} 天", f"{runs} runs of {days} days") if days > 1 else (
        Both(f"{runs} 天", f"{runs} days"))  # fmt: skip
    return [
        *front,
        Both(f"目标：{wanted}（{each.zh}）；时限 {limits.answer_within:g} 秒，"
             f"{limits.short_abandon:g} 秒内放弃不计入 service_level 的分母",
             f"target: {wanted} ({each.en}); within {limits.answer_within:g} s, abandons before "
             f"{limits.short_abandon:g} s are left out of service_level"),
        how,
        Both(f"班次：整数规划（HiGHS），离最优至多 {gap:.1%}；"
             f"班内工时的 {found.efficiency:.0%} 是需要的；"
             f"编制 = 在岗 / (1 − {rules.shrinkage:.0%})，每组向上取整",
             f"shifts: integer programme (HiGHS), at most {gap:.1%} from the best; "
             f"{found.efficiency:.0%} of their working hours are needed; "
             f"on the roster = present / (1 - {rules.shrinkage:.0%}), rounded up by group"),
        *(_work_note(found) if found.days > 1 else ()),
        Both(f"仿真：{whole.zh}，种子 {found.proof.seed}，与修正人数时的来电不同；"
             "下班者打完当前通话即走",
             f"simulation: {whole.en}, seed {found.proof.seed}, other calls than the "
             "numbers were fitted to; who goes off duty finishes the call"),
    ]  # fmt: skip


def _work_note(found: Staffing) -> list[Both]:
    """The rules of the people's weeks."""
    work = found.plan.staff.work
    off = Both("休息日连休", "days off together") if work.together else (
        Both("休息日任意", "days off anywhere"))  # fmt: skip
    rest = work.rest / 3600
    return [
        Both(f"轮班：{found.rostered:,} 人，至少需 {found.at_least:,} 人；"
             f"每人每周至多 {work.days} 天、{work.hours:g} 小时（不含小休），"
             f"两班间隔至少 {rest:g} 小时，{off.zh}"
             "（都是设置，默认值为我们的选择，并非法规原文）",
             f"rosters: {found.rostered:,} people, {found.at_least:,} at least; nobody works more "
             f"than {work.days} days and {work.hours:g} hours a week (breaks left out); {rest:g} "
             f"hours of rest between shifts, {off.en} (settings; the defaults are our choice and "
             "not the words of a law)"),
    ]  # fmt: skip


# --- terminal ----------------------------------------------------------------------------------


def print_staffing(found: Staffing, lang: str) -> None:
    """Print steps, shifts and the roster's figures."""
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = WIDE
    for table in tables(found):
        _print(table, console, lang)
    console.print(_summary(found).of(lang), style="bold", markup=False)
    for note in notes(found):
        console.print(note.of(lang), style="dim", markup=False)


def _summary(found: Staffing) -> Both:
    most = found.steps.groups.sum(axis=0).max()
    if found.days > 1:
        return Both(
            f"最忙时段 {most:,} 坐席；{found.days} 天共 {found.steps.hours:,.1f} 坐席小时、"
            f"{found.present:,} 个班；编制 {found.rostered:,} 人",
            f"busiest step {most:,} agents; {found.steps.hours:,.1f} agent hours and "
            f"{found.present:,} shifts in {found.days} days; "
            f"{found.rostered:,} people on the roster",
        )
    return Both(
        f"最忙时段 {most} 坐席；全天 {found.steps.hours:,.1f} 坐席小时；"
        f"{found.present} 人上班，编制 {found.rostered} 人",
        f"busiest step {most} agents; {found.steps.hours:,.1f} "
        f"agent hours a day; {found.present} present, {found.rostered} on the roster",
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
    most, days = found.steps.groups.sum(axis=0).max(), found.days
    hours, present = (
        (Both("坐席小时/天", "agent hours a day"), Both("上班人数", "present in the day"))
        if days == 1
        else (Both(f"坐席小时/{days} 天", f"agent hours in {days} days"),
              Both(f"班次/{days} 天", f"shifts in {days} days"))
    )  # fmt: skip
    level = found.proof.everything()["service_level"]
    tiles = [
        (f"{most:,}", Both("最忙时段需坐席", "agents needed at the busiest")),
        (f"{found.steps.hours:,.0f}", hours),
        (f"{found.present:,}", present),
        (f"{found.rostered:,}", Both("编制人数", "on the roster")),
        (plus_minus(level, "share"), NAMES["service_level"][0]),
    ]  # fmt: skip
    title = Both("排班", "Staffing").of(language)
    page = Page(
        title=f"{title} · {found.plan.title}" if found.plan.title else title,
        subtitle=found.plan.file,
        tiles=[(value, name.of(language)) for value, name in tiles],
        parts=[
            Part(Both("图", "Plots").of(language), _plots(found, language)),
            *_tables(found, language),
            Part(Both("口径", "How it was found").of(language),
                 notes=[note.of(language) for note in notes(found)]),
        ],
    )  # fmt: skip
    return render(page, language)


def _tables(found: Staffing, language: str) -> list[Part]:
    if found.days == 1:
        own = (roster_table(found), steps_table(found), shifts_table(found))
        return [_part(table, language) for table in own]
    open_ = (days_table(found), roster_table(found), week_shifts_table(found))
    folded = [(week_steps_table(found), Both("展开", "show"))]
    listed = min(MOST_PEOPLE, found.rostered)
    folded.append((people_table(found), Both(f"展开前 {listed} 人（--people 写出全部）",
                   f"show the first {listed} (--people writes all)")))  # fmt: skip
    return [*(_part(table, language) for table in open_),
            *(_part(table, language, word.of(language)) for table, word in folded)]  # fmt: skip


def _part(table: Table, language: str, folded: str = "") -> Part:
    title, heads, rows = table
    said = [head.of(language) for head in heads]
    return Part(title.of(language), heads=said, rows=rows, folded=folded)


def _plots(found: Staffing, language: str) -> list[Plot]:
    """Needed against at work, by half-hours; the roster's service level, line and waits."""
    proof = found.proof
    slots = [slot * proof.slot_seconds for slot in range(proof.run.slots)]
    times, ticks = named(slots, found.days, found.plan.weekday, language)
    width = found.steps.every
    needed = [float(found.steps.groups[:, int(at // width)].sum()) for at in slots]
    theory = [float(found.steps.theory[:, int(at // width)].sum()) for at in slots]
    middle = proof.slot_seconds / 2
    there = [float(sum(one.on_duty(at + middle) for one in found.roster.groups)) for at in slots]
    words = [Both("排班在岗", "at work"), Both("理论", "theory"), Both("需要", "needed")]
    series = [(w.of(language), v) for w, v in zip(words, (there, theory, needed), strict=True)]
    agents, level = Both("坐席", "Agents"), NAMES["service_level"][0]
    wanted = [t.value for t in found.plan.staff.targets if t.figure == "service_level"]
    return [
        course(agents.of(language), Both("各时段", "by step").of(language), series, times,
               stairs=True, ticks=ticks),
        course(level.of(language), Both("该排班的仿真", "the roster simulated").of(language),
               [(level.of(language), slot_levels(proof))], times, percent=True, top=1.0,
               mark=wanted[0] if wanted else None, ticks=ticks),
        _waits(found, language),
    ]  # fmt: skip


def _waits(found: Staffing, language: str) -> Plot:
    """How long the answered waited, all queues together, with the limit as a line."""
    answered = sum((found.proof.waits(n)[0] for n in range(1, len(found.plan.queues))),
                   start=found.proof.waits(0)[0])  # fmt: skip
    bars: Sequence[int] = [*map(int, answered[:60]), int(answered[60:].sum())]
    name, unit = Both("应答者的等待", "Waits of the answered"), Both("秒", "s").of(language)
    runs = len(found.proof.samples)
    note = Both(f"秒；{runs} 次仿真的通数", f"s; calls of {runs} runs").of(language)
    svg = histogram(bars, found.plan.limits.answer_within, name.of(language), unit)
    return Plot(name.of(language), note, svg)
