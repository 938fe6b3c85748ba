"""The plan's section `load`: real calls on a running hotline, for `hotline load`.

load:
  length: 300             # seconds in which calls begin
  at: "10:00"             # where in the plan's day
  scale: 0.02             # share of the plan's calls, and of its agents
  concurrent: 200         # calls at once; one more waits and is counted as late
  callers:                # without it: callers who walk to an agent
    - {queue: fault, weight: 9}
    - {queue: fault, persona: elderly}
    - {queue: bill, scenario: calls.yaml:12}
  fail_on: {heard_agent_within: 0.9, failed: 0.01}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from hotline.simulation.targets import AT_LEAST, Target, TargetError
from menus.model import Place

if TYPE_CHECKING:
    from hotline.simulation.parts import Parts

FLOORS = (*(name for name in AT_LEAST if name != "ring_within"),
          "heard_agent_within", "connected", "passed", "mos_p5")  # fmt: skip
CEILINGS = ("abandoned_fraction", "mean_wait", "mean_wait_answered", "wait_p95", "failed",
            "refused", "late", "gaps", "setup_p50", "setup_p95", "setup_p99", "sound_p95",
            "sound_p99")  # fmt: skip
NUMBERS = ("mos_p5", *(name for name in CEILINGS if name.startswith(("mean_", "wait_", "setup_",
                                                                     "sound_"))))  # fmt: skip
"""Figures that are no shares: seconds, and the estimated opinion."""


class LoadTarget(Target):
    """A threshold of `fail_on`; the figures are those of `hotline.load.figures`."""

    floors: ClassVar[tuple[str, ...]] = FLOORS
    ceilings: ClassVar[tuple[str, ...]] = CEILINGS
    numbers: ClassVar[tuple[str, ...]] = NUMBERS
    least: ClassVar[float] = 0.0

    def text(self) -> str:
        """As a person reads it."""
        sign = "<=" if self.at_most else ">="
        seconds = self.figure in NUMBERS and self.figure != "mos_p5"
        return f"{self.figure} {sign} {self.value:g}{' s' if seconds else ''}"


@dataclass(frozen=True, slots=True)
class LoadCaller:
    """A kind of caller of a queue: who walks by himself, or plays a persona or a scenario."""

    queue: int
    weight: float = 1.0
    keys: tuple[str, ...] | None = None
    """for each prompt that asks; None: the way that the book has"""
    after: float | None = None
    """seconds; None: as prompts ask"""
    persona: str = ""
    scenario: str = ""
    """FILE or FILE:LINE, beside the plan"""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class LoadRules:
    """What `hotline load` is asked for. Times in seconds; what is not given is our choice."""

    length: float = 300.0
    at: float = 36_000.0
    scale: float = 1.0
    ramp: float = 0.0
    concurrent: int = 200
    drain: float = 60.0
    reaction: float = 1.0
    agent_is: str = ""
    skills: Mapping[str, str] = field(default_factory=dict)
    callers: tuple[LoadCaller, ...] = ()
    fail_on: tuple[LoadTarget, ...] = ()


def load_rules(parts: Parts, data: Mapping[str, Any], queues: Sequence[str]) -> LoadRules:
    """The rules of the section `load`; what is wrong is noted in `parts`."""
    from hotline.simulation.parts import WrongPartError, clock

    usual = LoadRules()
    callers = []
    for at, item in enumerate(data.get("callers", ())):
        try:
            callers.append(_caller(parts, item, at, queues))
        except WrongPartError:
            continue
    for name in data.get("skills", {}):
        if name not in queues:
            with suppress(WrongPartError):  # it has been noted
                parts.unknown(name, queues, ("load", "skills"), "queue")
    return LoadRules(
        length=float(data.get("length", usual.length)),
        at=clock(data["at"]) if "at" in data else usual.at,
        scale=float(data.get("scale", usual.scale)),
        ramp=float(data.get("ramp", usual.ramp)),
        concurrent=data.get("concurrent", usual.concurrent),
        drain=float(data.get("drain", usual.drain)),
        reaction=float(data.get("reaction", usual.reaction)),
        agent_is=data.get("agent_is", ""),
        skills=data.get("skills", {}),
        callers=tuple(callers),
        fail_on=_thresholds(parts, data.get("fail_on", {})),
    )


def _caller(parts: Parts, item: Mapping[str, Any], at: int, queues: Sequence[str]) -> LoadCaller:
    path = ("load", "callers", at)
    if item["queue"] not in queues:
        parts.unknown(item["queue"], queues, (*path, "queue"), "queue")
    if "scenario" in item and (others := [n for n in ("keys", "after", "persona") if n in item]):
        parts.wrong(
            path,
            f"scenario 不能与 {'、'.join(others)} 同时写",
            f"a scenario says all that its caller does; {', '.join(others)} cannot be given too",
            "只留 scenario，或去掉它",
            "leave one of them out",
        )
    keys = tuple(item["keys"].split()) if "keys" in item else None
    return LoadCaller(
        queues.index(item["queue"]),
        float(item.get("weight", 1.0)),
        keys,
        float(item["after"]) if "after" in item else None,
        item.get("persona", ""),
        item.get("scenario", ""),
        parts.document.place(*path),
    )


def _thresholds(parts: Parts, data: Mapping[str, float]) -> tuple[LoadTarget, ...]:
    found = []
    for name, value in data.items():
        try:
            found.append(LoadTarget(name, float(value)))
        except TargetError as error:
            parts.note(("load", "fail_on", name), error.said.zh, error.said.en)
    return tuple(found)
