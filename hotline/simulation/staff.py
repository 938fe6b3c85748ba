"""Staffing a day: the steps, the shifts that cover them, and a simulation of that roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hotline.simulation.building import day_run, listed_days
from hotline.simulation.covering import Cover, UncoverableError, covered, with_shifts
from hotline.simulation.durations import survival
from hotline.simulation.experiment import Experiment
from hotline.simulation.plan import Plan
from hotline.simulation.sample import Replication
from hotline.simulation.sharing import Spread, one_by_one
from hotline.simulation.steps import ImpossibleError, Steps, steps_of
from hotline.simulation.targets import SECONDS, Target
from menus.model import Place
from menus.wording import NOWHERE, BookError, Both, Problem

LOOK = 300.0
"""Seconds between two looks at who is at work."""
REPLICATIONS = 20
"""Days for which the roster is simulated."""


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

    @property
    def rostered(self) -> int:
        """Agents on the roster of a day, those away included."""
        away = self.plan.staff.shrinkage
        return sum(sum(cover.rostered(away)) for cover in self.covers)

    def at_work(self) -> list[list[int]]:
        """[G][steps] the fewest at work in each step, by the roster (looked at every 5 minutes)."""
        looks = np.arange(LOOK / 2, self.steps.every, LOOK)
        return [
            [min(one.on_duty(start + look) for look in looks) for start in self.steps.starts]
            for one in self.roster.groups
        ]


def staffed(plan: Plan, seed: int = 0, spread: Spread = one_by_one) -> Staffing:
    """Staff the first day of `plan`. Raises `StaffingError`."""
    _refuse_unserved(plan)
    try:
        steps = steps_of(plan, seed, spread)
        covers = tuple(covered(steps.groups, steps.every, plan.staff.kinds))
    except ImpossibleError as error:
        raise StaffingError([_impossible(error)]) from None
    except UncoverableError as error:
        raise StaffingError([_uncoverable(plan, error.at)]) from None
    roster = with_shifts(plan, covers)
    return Staffing(plan, steps, covers, roster, _proof(roster, steps, seed, spread), seed)


def _proof(roster: Plan, steps: Steps, seed: int, spread: Spread) -> Experiment:
    """The roster simulated; other callers than those the steps were fitted to."""
    run = day_run(roster, listed_days(roster), min(steps.every, 1800.0))
    task = Replication(run, seed + 1)
    return Experiment(roster, run, seed + 1, tuple(spread(task, range(REPLICATIONS))))


# --- refusals ----------------------------------------------------------------------------------


def _refuse_unserved(plan: Plan) -> None:
    for number, item in enumerate(plan.queues):
        if not any(number in one.group.skills for one in plan.groups):
            what = Both(f"队列 {item.name} 没有坐席组", f"no group serves queue {item.name!r}")
            remedy = Both("把它写进某个组的 skills", "name it in the skills of a group")
            raise StaffingError([Problem(item.place, what, remedy)])


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
    clock = f"{int(at // 3600):02d}:{int(at % 3600 // 60):02d}"
    return Problem(
        Place(plan.file, 1),
        Both(f"staff.shifts：{clock} 需要坐席，但没有班次覆盖",
             f"staff.shifts: agents are needed at {clock}, and no shift is at work then"),
        Both("增加班次的 starts", "add starts to the shifts"),
    )  # fmt: skip


def with_rules_of(
    plan: Plan, *, targets: Sequence[Target] = (), shrinkage: float | None = None
) -> Plan:
    """The plan with targets or shrinkage of the command line in place of its own."""
    rules = plan.staff
    if targets:
        rules = replace(rules, targets=tuple(targets))
    if shrinkage is not None:
        rules = replace(rules, shrinkage=shrinkage)
    return replace(plan, staff=rules)
