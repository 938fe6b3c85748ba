"""The IVR in front of the queues: measured on real menus, then part of the plan.

    ivr:
      calls_per_hour: 1200          # or profile, calls_per_day: calls of the whole hotline
      book: my-menus.yaml           # without it the built-in book
      calls: 2000                   # callers sent through it to measure
      mix: {"agent:fault": 20, "step:outage": 15, "2 1 1": 10}    # what they want, with weights
      personas: {plain: 6, elderly: 1}
      queues: {fault: fault, bill: bill, "*": consult}            # skill asked for -> queue

        arrivals -----> menus ---- share of each skill ----> queue, after the time in the menus
                          `------- contained --------------> gone, after theirs

Whoever is in the menus holds a line. How callers are sent through a book is not known here: a
composition root hands in `RunCalls`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hotline.simulation.arrivals import Profile
from hotline.simulation.engine.laws import Law, deterministic, empirical
from hotline.simulation.engine.model import Queue
from menus.model import Place

if TYPE_CHECKING:
    from hotline.simulation.parts import Parts
    from hotline.simulation.plan import Plan

CALLS = 2000
"""Callers sent through the menus unless another number is asked for."""
REST = "*"
"""Every other skill."""
GENERAL = ""
"""The skill of who asks for an agent and names no business."""


@dataclass(frozen=True, slots=True)
class Menus:
    """What to measure: the key of a measurement, which depends on nothing else."""

    book: str = ""
    """file; "": the built-in book"""
    calls: int = CALLS
    mix: tuple[tuple[str, float], ...] = ()
    """(destination or keys, weight); (): the built-in mix"""
    personas: tuple[tuple[str, float], ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class MenuCall:
    """One caller in the menus. `dwell`: seconds until asking for an agent, or until the end."""

    wants: str
    dwell: float
    skill: str | None
    """skill asked for; None: never asked"""
    solved: bool
    """a task was done in the menus"""
    keys: int


RunCalls = Callable[[Menus], Sequence[MenuCall]]
"""Sends callers through a real book in virtual time; the same argument gives the same calls."""


@dataclass(frozen=True, slots=True)
class Ivr:
    """The plan's section `ivr`."""

    menus: Menus
    profile: Profile
    queues: Mapping[str, str] = field(default_factory=dict)
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Front:
    """What was measured: every call, and those who never ask as arrivals of their own."""

    calls: tuple[MenuCall, ...]
    profile: Profile
    """of the calls that end in the menus"""
    queue: Queue

    @property
    def contained(self) -> float:
        """Share of the calls that never ask for an agent."""
        return sum(call.skill is None for call in self.calls) / len(self.calls)

    @property
    def solved(self) -> float:
        """Share of the calls with a task done in the menus and nobody asked (containment)."""
        done = sum(call.solved and call.skill is None for call in self.calls)
        return done / len(self.calls)

    @property
    def dwell(self) -> float:
        """Mean seconds in the menus."""
        return sum(call.dwell for call in self.calls) / len(self.calls)


class UnmappedError(Exception):
    """Callers ask for a skill that `ivr.queues` gives no queue."""

    def __init__(self, skill: str, calls: int) -> None:
        self.skill, self.calls = skill, calls
        super().__init__(skill)


def with_menus(plan: Plan, run_calls: RunCalls) -> Plan:
    """The plan with its IVR measured: rates and dwell of the queues from the hotline's calls.

    Variants are measured as well. Raises `UnmappedError`.
    """
    measured: dict[Menus, Sequence[MenuCall]] = {}

    def known(menus: Menus) -> Sequence[MenuCall]:
        if menus not in measured:
            measured[menus] = tuple(run_calls(menus))
        return measured[menus]

    variants = tuple((name, _measured(one, known)) for name, one in plan.variants)
    return replace(_measured(plan, known), variants=variants)


def _measured(plan: Plan, run_calls: RunCalls) -> Plan:
    ivr = plan.ivr
    if ivr is None:
        return plan
    calls = run_calls(ivr.menus)
    asked = Counter(call.skill for call in calls if call.skill is not None)
    goes = {skill: _queue_for(ivr, plan, skill, count) for skill, count in asked.items()}
    queues = []
    for item in plan.queues:
        own = [call for call in calls if call.skill is not None and goes[call.skill] == item.name]
        profile = _share(ivr.profile, len(own) / len(calls))
        queues.append(replace(item, profile=profile, queue=replace(item.queue, ivr=_dwell(own))))
    return replace(plan, queues=tuple(queues), front=_front(ivr, calls))


def _front(ivr: Ivr, calls: Sequence[MenuCall]) -> Front:
    gone = [call for call in calls if call.skill is None]
    queue = Queue("(ivr)", deterministic(1.0), ivr=_dwell(gone), contained=1.0)
    return Front(tuple(calls), _share(ivr.profile, len(gone) / len(calls)), queue)


def _dwell(calls: Sequence[MenuCall]) -> Law:
    return empirical([call.dwell for call in calls]) if calls else deterministic(0.0)


def _share(profile: Profile, share: float) -> Profile:
    return Profile(profile.every, tuple(rate * share for rate in profile.rates))


def _queue_for(ivr: Ivr, plan: Plan, skill: str, calls: int) -> str:
    names = [item.name for item in plan.queues]
    if skill in ivr.queues:
        return ivr.queues[skill]
    if skill in names:
        return skill
    if REST in ivr.queues:
        return ivr.queues[REST]
    if len(names) == 1:
        return names[0]
    raise UnmappedError(skill, calls)


def by_wish(calls: Sequence[MenuCall]) -> list[tuple[str, int, float, float, float]]:
    """Rows (wanted, calls, share asking for an agent, mean seconds, mean keys), most first."""
    groups: dict[str, list[MenuCall]] = {}
    for call in calls:
        groups.setdefault(call.wants, []).append(call)
    rows = [
        (
            wants,
            len(own),
            sum(call.skill is not None for call in own) / len(own),
            sum(call.dwell for call in own) / len(own),
            sum(call.keys for call in own) / len(own),
        )
        for wants, own in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


# --- from the plan -----------------------------------------------------------------------------


def ivr_of(parts: Parts, data: Mapping[str, Any], profile: Profile, names: Sequence[str]) -> Ivr:
    """The section `ivr`; what is wrong is noted in `parts`."""
    book = data.get("book", "")
    file = parts.folder / book
    if book and not file.exists():
        parts.note(("ivr", "book"), f"没有文件 {file}", f"there is no file {file}",
                   "检查路径", "check the path; it counts from the plan's folder")  # fmt: skip
    for skill, queue in data.get("queues", {}).items():
        if queue not in names:
            parts.unknown(queue, names, ("ivr", "queues", skill), "queue")
    if book and "mix" not in data:
        parts.note(
            ("ivr",), "自己的菜单须写 mix", "a book of one's own needs a mix",
            "写出来电意图，如 {\"agent:fault\": 3, \"step:outage\": 1}",
            'say what callers want, e.g. {"agent:fault": 3, "step:outage": 1}',
        )  # fmt: skip
    menus = Menus(
        str(file) if book else "",
        data.get("calls", CALLS),
        tuple((str(wants), float(weight)) for wants, weight in data.get("mix", {}).items()),
        tuple((name, float(weight)) for name, weight in data.get("personas", {}).items()),
        data.get("seed", 0),
    )
    return Ivr(menus, profile, data.get("queues", {}), parts.document.place("ivr"))
