"""Values with confidence intervals, from independent units: replications, or batches of one run.

A share or a mean is a ratio of two sums, e.g. answered in time / offered. Its interval is that of a
ratio estimator (Cochran, Sampling Techniques, chapter 6), with Student's t for n units:

    r = sum x / sum y,  d_i = x_i - r y_i,  half = t(n-1) sqrt(n sum d_i^2 / (n-1)) / sum y

A share of which nothing (or everything) was seen has no spread; its interval is the exact binomial
one of Clopper and Pearson 1934. Fewer than two units have no interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

LEVEL = 0.95
"""Confidence of an interval unless another is asked for."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its interval; None where nothing was measured, or the units are too few."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def half(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def covers(self, value: float) -> bool:
        """Whether the interval covers `value`."""
        return self.low is not None and self.high is not None and self.low <= value <= self.high


def student(units: int, level: float = LEVEL) -> float:
    """The two-sided quantile of Student's t for a mean of `units` units (2 or more)."""
    from scipy.special import stdtrit

    return float(stdtrit(units - 1, (1 + level) / 2))


def ratio(
    numerators: Vector, denominators: Vector, *, share: bool = False, level: float = LEVEL
) -> Estimate:
    """A mean, or a share, from the sums of each unit."""
    total, units = float(denominators.sum()), len(denominators)
    if total <= 0:
        return Estimate(None)
    value = float(numerators.sum()) / total
    if units < 2:
        return Estimate(value)
    spread = float(((numerators - value * denominators) ** 2).sum())
    if share and (spread == 0 or value in (0.0, 1.0)):
        return _all_or_nothing(value, total, level)
    half = student(units, level) * math.sqrt(units * spread / (units - 1)) / total
    top = min(1.0, value + half) if share else value + half
    return Estimate(value, max(0.0, value - half), top)


def _all_or_nothing(value: float, total: float, level: float) -> Estimate:
    reach = 1 - ((1 - level) / 2) ** (1 / total)
    if value == 0.0:
        return Estimate(value, 0.0, reach)
    return Estimate(value, 1.0 - reach, 1.0) if value == 1.0 else Estimate(value, value, value)


def total(numbers: Vector, *, level: float = LEVEL) -> Estimate:
    """A number counted over all units."""
    value, units = float(numbers.sum()), len(numbers)
    if units < 2:
        return Estimate(value)
    half = student(units, level) * math.sqrt(units * float(np.var(numbers, ddof=1)))
    return Estimate(value, max(0.0, value - half), value + half)
