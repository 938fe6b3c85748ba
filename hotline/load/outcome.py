"""A load as data: what was asked for, what came of it, what was expected; its JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hotline.load.calls import LoadCall
from hotline.load.expect import NAMES, Expectation, expectation
from hotline.load.figures import LoadFigures, load_figures, missed
from hotline.simulation.estimates import Estimate
from hotline.simulation.load_rules import LoadTarget
from hotline.simulation.outcome import COUNTS
from hotline.simulation.plan import Plan
from hotline.telephony.engine import Statistics
from menus.wording import Both

WHOLE = COUNTS - {"refused"} | {"calls", "started", "in_menus", "no_agent", "cut", "lost_packets"}
"""Figures that are whole numbers."""
SLOTS = 40
"""Parts into which the run is cut for its course, at most."""
PARTS = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
"""Seconds that such a part may have; an hour in a longer run."""
TOO_SLOW = Both(
    "拨测端自身跟不上，以上结果含它自己的延迟：减小 scale，或用更快的机器",
    "the driver could not keep up: these figures hold delays of its own; lower scale, or use a "
    "faster machine",
)
STRAINED = 0.01
"""Share of its ticks (20 ms) that a driver may miss whole before its figures are doubtful."""


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """How the driving machine fared: if it could not keep up, it measured itself."""

    frames: int
    late: int
    skipped: int
    spacing_p99: float
    """ms between packets of a call"""
    processor: float
    """seconds"""
    seconds: float

    @classmethod
    def of(cls, statistics: Statistics, processor: float, seconds: float) -> DriverFacts:
        """From the media clock's own count."""
        return cls(
            statistics.frames, statistics.late, statistics.skipped,
            statistics.percentile(0.99), processor, seconds,
        )  # fmt: skip

    def __add__(self, other: DriverFacts) -> DriverFacts:
        return DriverFacts(
            self.frames + other.frames, self.late + other.late, self.skipped + other.skipped,
            max(self.spacing_p99, other.spacing_p99), self.processor + other.processor,
            max(self.seconds, other.seconds),
        )  # fmt: skip

    @property
    def strained(self) -> bool:
        """Whether the driver was too slow for its own calls."""
        ticks = self.frames + self.skipped
        return bool(ticks) and self.skipped / ticks > STRAINED


@dataclass(frozen=True)
class Load:
    """One load. `target` as it may be shown."""

    plan: Plan
    target: str
    seed: int
    calls: tuple[LoadCall, ...]
    driver: DriverFacts
    interrupted: bool = False

    @cached_property
    def all(self) -> LoadFigures:
        """Figures of all queues together."""
        return load_figures(self.calls, self.plan.limits)

    @cached_property
    def queues(self) -> tuple[LoadFigures, ...]:
        """Figures of each queue."""
        return tuple(
            load_figures(self._of(number), self.plan.limits)
            for number in range(len(self.plan.queues))
        )

    def _of(self, queue: int) -> list[LoadCall]:
        return [call for call in self.calls if call.planned.queue == queue]

    @cached_property
    def expected(self) -> Expectation | None:
        """What the simulator expects of the same requests."""
        return expectation(self.plan, self.calls, self.seed)

    @property
    def thresholds(self) -> Sequence[tuple[LoadTarget, bool]]:
        """Each threshold of the plan, and whether it was missed."""
        return missed(self.all, self.plan.load.fail_on)

    # --- its course ------------------------------------------------------------------------------

    @property
    def slot(self) -> float:
        """Seconds of a part of the run."""
        return next((part for part in PARTS if self.end <= part * SLOTS), 3600.0)

    @property
    def end(self) -> float:
        """When the last call was over, s."""
        ends = [call.ended for call in self.calls if call.ended is not None]
        return max([self.plan.load.length if not self.interrupted else 0.0, *ends])

    @cached_property
    def course(self) -> list[dict[str, float | None]]:
        """What happened in each part: calls by their intended instant, and those up at its end."""
        return [self._part(n * self.slot) for n in range(max(1, int(self.end / self.slot + 0.999)))]

    def _part(self, begin: float) -> dict[str, float | None]:
        end = begin + self.slot
        came = [call for call in self.calls if begin <= call.planned.intended < end]
        found = load_figures(came, self.plan.limits)
        up = sum(
            call.started is not None and call.started < end <= (call.ended or end)
            for call in self.calls
        )
        names = ("calls", "connected", "failed", "late", "heard_agent_within", "setup_p95",
                 "wait_p95", "gaps")  # fmt: skip
        return {"from": begin, "up": float(up), **{name: found.value(name) for name in names}}


def to_json(load: Load, lang: str = "en") -> dict[str, Any]:
    """What `hotline load --json` prints."""
    plan, rules, driver = load.plan, load.plan.load, load.driver
    data: dict[str, Any] = {
        "target": load.target,
        "interrupted": load.interrupted,
        "all": _block(load.all),
        "queues": {
            item.name: _block(figures)
            for item, figures in zip(plan.queues, load.queues, strict=True)
        },
        "refusals_and_failures": load.all.codes,
        "simulated": None if load.expected is None else {
            "runs": load.expected.runs,
            **{name: _interval(load.expected.figures[name]) for name in NAMES},
        },
        "thresholds": [
            {"figure": target.figure, "limit": target.value,
             "value": load.all.value(target.figure), "missed": bad}
            for target, bad in load.thresholds
        ],
        "driver": {
            "frames": driver.frames, "late": driver.late, "skipped": driver.skipped,
            "spacing_p99_ms": driver.spacing_p99, "processor_seconds": round(driver.processor, 3),
            "seconds": round(driver.seconds, 3), "strained": driver.strained,
        },
        "course": {"seconds": load.slot, "parts": load.course},
        "load": {"length": rules.length, "scale": rules.scale, "ramp": rules.ramp,
                 "concurrent": rules.concurrent, "at": rules.at},
        "answer_within": plan.limits.answer_within,
        "short_abandon": plan.limits.short_abandon,
        "seed": load.seed,
        "notes": [note.of(lang) for note in notes(load)],
        "formulas": {name: figure.formula for name, figure in load.all.figures.items()},
    }  # fmt: skip
    return data


def _block(found: LoadFigures) -> dict[str, Any]:
    values = {
        name: int(figure.value) if name in WHOLE and figure.value is not None else figure.value
        for name, figure in found.figures.items()
    }
    intervals = {name: found.estimate(name) for name in found.figures}
    return {
        **values,
        "confidence": {
            name: [each.low, each.high]
            for name, each in intervals.items()
            if each.low is not None or each.high is not None
        },
    }


def _interval(estimate: Estimate) -> list[float | None]:
    """[value, low, high]"""
    return [estimate.value, estimate.low, estimate.high]


def notes(load: Load) -> list[Both]:
    """How the figures were found, and what is doubtful about them."""
    limits, driver = load.plan.limits, load.driver
    found = [
        Both(
            f"heard_agent_within = 要求人工后 {limits.answer_within:g} 秒内听到专员 ÷"
            "（要求人工 − 在此之前离开）",
            f"heard_agent_within = heard an agent within {limits.answer_within:g} s of asking / "
            "(asked - left before)",
        ),
        Both(
            "一切时延从计划的起拨时刻算起；迟拨的时间计入",
            "every latency counts from the intended start; a late start is part of it",
        ),
        Both(
            "95 % 区间：比例为 Clopper-Pearson，分位数为次序统计量（样本太少时没有）",
            "95 % intervals: Clopper and Pearson for shares, order statistics for percentiles "
            "(none where the calls are too few)",
        ),
    ]
    if load.expected is not None:
        runs = load.expected.runs
        found.append(Both(
            f"仿真：同样的转人工时刻，用计划的坐席重放 {runs} 次；区间内含 95 % 的单次结果",
            f"simulated: the same requests with the plan's agents, {runs} runs; 95 % of single "
            "runs lie in the range",
        ))  # fmt: skip
    share = driver.processor / driver.seconds if driver.seconds else 0.0
    found.append(Both(
        f"拨测端：占处理器 {share:.0%}，迟发 {driver.late}、跳过 {driver.skipped} 帧"
        f"（共 {driver.frames:,}）",
        f"driver: {share:.0%} of a core, {driver.late} frames late and {driver.skipped} skipped of "
        f"{driver.frames:,}",
    ))  # fmt: skip
    if driver.strained:
        found.append(TOO_SLOW)
    return found
