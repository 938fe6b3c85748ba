"""Staffing a day or a week: steps, shifts that cover them, rosters, and all of it simulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.settings import DAY
from hotline.simulation.building import listed_days
from hotline.simulation.covering import Cover, UncoverableError, covered, with_shifts
from hotline.simulation.durations import survival
from hotline.simulation.experiment import Experiment
from hotline.simulation.plan import Plan
from hotline.simulation.pools import load_of, pools_of, rates_of, staffed_days
from hotline.simulation.rosters import Roster, roster
from hotline.simulation.sample import Replication
from hotline.simulation.sharing import Spread, one_by_one
from hotline.simulation.steps import ImpossibleError, Steps, staff_run, steps_of
from hotline.simulation.targets import SECONDS, Target
from menus.model import Place
from menus.wording import NOWHERE, BookError, Both, Problem

LOOK = 300.0
"""Seconds between two looks at who is at work."""
REPLICATIONS, FEWEST, CALLS = 20, 6, 10_000_000
"""How often the roster is simulated: so often, but less (not below `FEWEST`) beyond `CALLS`."""


class StaffingError(BookError):
    """A day that cannot be staffed; says why and what would help."""


@dataclass(frozen=True)
class Staffing:
    """The answer: steps, shifts by group, and the roster as simulated."""

    plan: Plan
    steps: Steps
    covers: tuple[Cover, ...]
    roster: Plan
    """the plan with the shifts, as present (shrinkage is on top)"""
    proof: Experiment
    seed: int
    rosters: tuple[Roster, ...] = ()
    """people and their weeks, by group; none for one day"""

    @property
    def days(self) -> int:
        """Days that are staffed."""
        return self.steps.days

    @property
    def present(self) -> int:
        """Shifts worked, over all days."""
        return sum(cover.agents for cover in self.covers)

    @property
    def shifts_rostered(self) -> int:
        """Shifts on the roster over all days, those away included."""
        away = self.plan.staff.shrinkage
        return sum(sum(cover.rostered(away)) for cover in self.covers)

    @property
    def rostered(self) -> int:
        """People on the roster, those away included."""
        if self.days == 1:
            return self.shifts_rostered
        return sum(len(one.people) for one in self.rosters)

    @property
    def efficiency(self) -> float:
        """Agent hours needed / hours of work in the shifts, breaks left out; 0 without shifts."""
        worked = sum(cover.working_hours for cover in self.covers)
        return self.steps.hours / worked if worked else 0.0

    @property
    def at_least(self) -> int:
        """People without whom no roster of these shifts can be."""
        return sum(one.at_least for one in self.rosters)

    def at_work(self) -> list[list[int]]:
        """[G][steps] the fewest at work in each step, by the roster (looked at every 5 minutes)."""
        looks = np.arange(LOOK / 2, self.steps.every, LOOK)
        return [
            [min(one.on_duty(start + look) for look in looks) for start in self.steps.starts]
            for one in self.roster.groups
        ]


def staffed(plan: Plan, seed: int = 0, spread: Spread = one_by_one) -> Staffing:
    """Staff the first day of `plan`, or its week. Raises `StaffingError`."""
    _refuse_unserved(plan)
    _refuse_days(plan)
    _refuse_crowds(plan)
    _refuse_work(plan)
    plan = _first_days(plan)
    try:
        steps = steps_of(plan, seed, spread)
        covers = tuple(covered(steps.groups, steps.every, plan.staff.kinds))
    except ImpossibleError as error:
        raise StaffingError([_impossible(error)]) from None
    except UncoverableError as error:
        raise StaffingError([_uncoverable(plan, error.at)]) from None
    planned = with_shifts(plan, covers, steps.days)
    proof = _proof(planned, steps, seed, spread)
    return Staffing(plan, steps, covers, planned, proof, seed, _rosters(plan, covers, steps.days))


def _first_days(plan: Plan) -> Plan:
    """The plan without listed calls after the days that are staffed."""
    days = plan.staff.days or 1
    if not plan.given_calls or days == 1:
        return plan
    until = days * DAY
    return replace(plan, queues=tuple(
        replace(item, arrivals=tuple(at for at in item.arrivals if at < until))
        for item in plan.queues
    ))  # fmt: skip


def _rosters(plan: Plan, covers: Sequence[Cover], days: int) -> tuple[Roster, ...]:
    """People for the shifts of several days."""
    if days == 1:
        return ()
    rules = plan.staff
    return tuple(roster(cover, rules.shrinkage, rules.work, days) for cover in covers)


def _proof(planned: Plan, steps: Steps, seed: int, spread: Spread) -> Experiment:
    """The roster simulated; other callers than those the steps were fitted to."""
    run = staff_run(planned, steps.days, min(steps.every, 1800.0))
    calls = float(steps.rates.sum()) * steps.every
    often = int(max(FEWEST, min(REPLICATIONS, CALLS / max(calls, 1.0))))
    task = Replication(run, seed + 1)
    return Experiment(planned, run, seed + 1, tuple(spread(task, range(often))))


# --- refusals ----------------------------------------------------------------------------------


def _refuse_unserved(plan: Plan) -> None:
    for number, item in enumerate(plan.queues):
        if not any(number in one.group.skills for one in plan.groups):
            what = Both(f"队列 {item.name} 没有坐席组", f"no group serves queue {item.name!r}")
            remedy = Both("把它写进某个组的 skills", "name it in the skills of a group")
            raise StaffingError([Problem(item.place, what, remedy)])


def _rules(plan: Plan) -> Place:
    """Where the plan's rules of staffing stand."""
    place = plan.staff.place
    return place if place.line else Place(plan.file, 1)


def _refuse_days(plan: Plan) -> None:
    listed = listed_days(plan)
    if plan.given_calls and (plan.staff.days or 1) > listed:
        what = Both(f"staff.days：列出的来电只有 {listed} 天",
                    f"staff.days: the listed calls fill only {listed} days")  # fmt: skip
        remedy = Both("不写 days 则把各天合成一天", "without `days` they are folded into one day")
        raise StaffingError([Problem(_rules(plan), what, remedy)])


MOST_AGENTS = 100_000
"""More are no hotline but a slip of the pen."""


def _refuse_crowds(plan: Plan) -> None:
    days = staffed_days(plan)
    rates = rates_of(plan, plan.staff.every, days)
    for pool in pools_of(plan):
        own = rates[list(pool.queues)]
        most = max(load_of(plan, pool, own[:, step].tolist()) for step in range(own.shape[1]))
        if most > MOST_AGENTS:
            what = Both(f"需要 {most:,.0f} 名以上坐席", f"it takes more than {most:,.0f} agents")
            remedy = Both("确认来电是每小时、时间是秒", "are calls per hour and times in seconds?")
            raise StaffingError([Problem(plan.queues[pool.queues[0]].place, what, remedy)])


def _refuse_work(plan: Plan) -> None:
    """A shift that nobody may work, because it has more hours than a week may have."""
    limit = plan.staff.work.hours
    for kind in plan.staff.kinds:
        hours = (kind.length - sum(pause.length for pause in kind.pauses)) / 3600
        if hours > limit and staffed_days(plan) > 1:
            what = Both(f"staff.work.hours {limit:g}：班次 {kind.name} 就有 {hours:g} 小时",
                        f"staff.work.hours {limit:g}: shift {kind.name!r} alone has {hours:g} "
                        "hours")  # fmt: skip
            remedy = Both("增大 hours，或缩短班次", "raise hours, or shorten the shift")
            raise StaffingError([Problem(_rules(plan), what, remedy)])


def _impossible(error: ImpossibleError) -> Problem:
    plan, number, target = error.plan, error.number, error.target
    item = plan.queues[number or 0]
    zh, en = ("各队列合计", "all queues together") if number is None else (
        f"队列 {item.name}", f"queue {item.name!r}"
    )  # fmt: skip
    best = error.best.value or 0.0
    shown = f"{best:.1f} s" if target.figure in SECONDS else f"{best:.1%}"
    why, remedy = _reason(plan, number or 0)
    return Problem(
        item.place,
        Both(
            f"{zh}：无论多少坐席都达不到 {target.text()}；坐席充足时也只有 {shown}{why.zh}",
            f"{en}: no number of agents reaches {target.text()}; with agents in plenty it is "
            f"{shown}{why.en}",
        ),
        remedy,
    )


def _reason(plan: Plan, number: int) -> tuple[Both, Both]:
    """What stands in the way, as far as the plan shows it."""
    groups = [one.group for one in plan.groups if number in one.group.skills]
    within = plan.limits.answer_within
    in_time = max(g.answers * (1 - float(survival(g.ring, np.array([within]))[0])) for g in groups)
    if in_time < 0.999:
        ring = min(group.ring.mean for group in groups)
        return (
            Both(f"：振铃平均 {ring:.1f} 秒，{within:g} 秒内接听的振铃只有 {in_time:.1%}",
                 f": it rings {ring:.1f} s in the mean, and only {in_time:.1%} of the rings are "
                 f"answered within {within:g} s"),
            Both("缩短 ring、提高 answers，或降低目标",
                 "shorten ring, raise answers, or lower the target"),
        )  # fmt: skip
    if plan.trunks is not None or plan.waiting_room is not None:
        return (
            Both("：中继线或等待位不够", ": the lines (trunks) or places to wait are too few"),
            Both("增加 trunks 或 waiting_room", "give more trunks or waiting_room"),
        )
    return NOWHERE, Both("降低目标", "lower the target")


def _uncoverable(plan: Plan, at: float) -> Problem:
    clock = f"{int(at // 3600) % 24:02d}:{int(at % 3600 // 60):02d}"
    return Problem(
        _rules(plan),
        Both(f"staff.shifts：{clock} 需要坐席，但没有班次覆盖",
             f"staff.shifts: agents are needed at {clock}, and no shift is at work then"),
        Both("增加班次的 starts，或让小休时间可选（from、until）",
             "add starts to the shifts, or let their breaks begin at several times (from, until)"),
    )  # fmt: skip


def with_rules_of(
    plan: Plan,
    *,
    targets: Sequence[Target] = (),
    shrinkage: float | None = None,
    days: int | None = None,
) -> Plan:
    """The plan with targets, shrinkage or days of the command line in place of its own."""
    rules = plan.staff
    if targets:
        rules = replace(rules, targets=tuple(targets))
    if shrinkage is not None:
        rules = replace(rules, shrinkage=shrinkage)
    if days is not None:
        rules = replace(rules, days=days)
    return replace(plan, staff=rules)
