"""Targets of staffing: a figure of `agents.figures` by its name, and what it must reach.

service_level: 0.95            at least          abandoned_fraction: 0.03    at most
ring_within: 0.95              at least          mean_wait_answered: 8       at most (ASA, s)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from menus.wording import Both, nearest

AT_LEAST = (
    "service_level",
    "answered_within_of_offered",
    "answered_within_of_answered",
    "answered_within_of_finished",
    "answered_within_less_quick",
    "handled_within",
    "answered_fraction",
    "ring_within",
)
AT_MOST = (
    "abandoned_fraction",
    "blocked_fraction",
    "waited_fraction",
    "mean_wait",
    "mean_wait_answered",
)
SECONDS = ("mean_wait", "mean_wait_answered")
"""Figures in seconds; all others are shares."""


class TargetError(ValueError):
    """A target that cannot be; `said` in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.said = Both(zh, en)
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Target:
    """`figure` must be at least (or at most) `value`, a share or seconds. Raises `TargetError`."""

    figure: str
    value: float
    floors: ClassVar[tuple[str, ...]] = AT_LEAST
    """figures that must be at least so much"""
    ceilings: ClassVar[tuple[str, ...]] = AT_MOST
    numbers: ClassVar[tuple[str, ...]] = SECONDS
    """those that are not shares"""
    least: ClassVar[float] = math.nextafter(0.0, 1.0)
    """the smallest value that makes sense"""

    def __post_init__(self) -> None:
        known = (*self.floors, *self.ceilings)
        if self.figure not in known:
            near, listed = nearest(self.figure, known), ", ".join(known)
            hint = f"did you mean {near!r}?" if near else f"there are: {listed}"
            also = f"是否要写 {near}？" if near else f"已有：{listed}"
            raise TargetError(
                f"没有名为 {self.figure} 的指标；{also}", f"no figure {self.figure!r}: {hint}"
            )
        number = self.figure in self.numbers
        top = math.inf if number else 1.0
        if not self.least <= self.value <= top or not math.isfinite(self.value):
            wanted, zh = self._wanted(number)
            raise TargetError(
                f"{self.figure}：{self.value:g} 不是{zh}",
                f"{self.figure}: {self.value:g} is not {wanted}",
            )

    def _wanted(self, number: bool) -> tuple[str, str]:
        if self.least > 0:
            return (
                ("seconds above 0", "大于 0 的秒数")
                if number
                else ("a share above 0, up to 1", "大于 0、至多为 1 的比例")
            )
        return (
            ("0 or more", "不小于 0 的数") if number else ("a share from 0 to 1", "0 到 1 的比例")
        )

    @property
    def at_most(self) -> bool:
        """Whether less is better."""
        return self.figure in self.ceilings

    def met(self, value: float | None) -> bool:
        """Whether `value` will do; where nothing was seen nothing is missed."""
        if value is None:
            return True
        return value <= self.value if self.at_most else value >= self.value

    def text(self) -> str:
        """As a person reads it."""
        sign = "<=" if self.at_most else ">="
        shown = f"{self.value:g} s" if self.figure in self.numbers else f"{self.value:.4g}"
        return f"{self.figure} {sign} {shown}"


USUAL = (Target("service_level", 0.95),)
"""Where the plan names no target: 95 % by the default service level (our choice)."""


def targets_of(data: Mapping[str, float]) -> tuple[Target, ...]:
    """Targets from `{figure: value}`. Raises `TargetError`."""
    return tuple(Target(name, float(value)) for name, value in data.items())
