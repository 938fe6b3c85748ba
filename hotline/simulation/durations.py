"""Distributions of durations as the plan names them, with what theory asks of them.

Theory needs the survival function (who is still patient after x seconds), the mean of the shorter
of x and the duration (its integral), and the variance. All take arrays of seconds. The engine and
`hotline.switch.distributions` only draw from them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotline.switch.distributions import DistributionError

Seconds = NDArray[np.float64]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "exponential": ("mean",),
    "deterministic": ("mean",),
    "erlang": ("mean", "shape"),
    "lognormal": ("mean", "cv"),
    "uniform": ("low", "high"),
    "hyperexponential": ("weights", "means"),
    "weibull": ("mean", "shape"),
    "empirical": ("file",),
}
"""What each distribution of the contract takes."""


@dataclass(frozen=True, slots=True)
class Duration:
    """One distribution: `kind`, `mean` (s) and what else the kind takes (else zero or empty).

    `shape` of erlang (whole) and weibull, `cv` of lognormal, `low` and `high` of uniform (s),
    `weights` (adding up to 1) and `means` of hyperexponential, sorted `values` (s) of empirical.
    """

    kind: str
    mean: float
    shape: float = 0.0
    cv: float = 0.0
    low: float = 0.0
    high: float = 0.0
    weights: tuple[float, ...] = ()
    means: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    @property
    def constant(self) -> bool:
        """Whether it is always the same."""
        return self.variance == 0.0

    @property
    def memoryless(self) -> bool:
        """Whether it is exponential, under whatever name."""
        if self.kind == "hyperexponential":
            return len({mean for _, mean in self._phases()}) == 1
        return self.kind == "exponential" or (
            self.kind in ("erlang", "weibull") and self.shape == 1.0
        )

    @property
    def variance(self) -> float:
        """Variance in s^2."""
        mean = self.mean
        match self.kind:
            case "exponential":
                return mean * mean
            case "deterministic":
                return 0.0
            case "erlang":
                return mean * mean / self.shape
            case "lognormal":
                return (self.cv * mean) ** 2
            case "uniform":
                return (self.high - self.low) ** 2 / 12
            case "weibull":
                second = math.gamma(1 + 2 / self.shape) / math.gamma(1 + 1 / self.shape) ** 2
                return mean * mean * (second - 1)
            case "hyperexponential":
                return sum(2 * w * m * m for w, m in self._phases()) - mean * mean
            case _:
                return float(np.var(self.values))

    def survival(self, x: Seconds) -> Seconds:
        """P(duration > x), elementwise; x >= 0."""
        from scipy import special

        match self.kind:
            case "exponential":
                return np.exp(-x / self.mean)
            case "deterministic":
                return np.where(x < self.mean, 1.0, 0.0)
            case "erlang":
                return np.asarray(special.gammaincc(self.shape, self.shape * x / self.mean))
            case "lognormal":
                return np.asarray(special.ndtr(-self._score(x)))
            case "uniform":
                if self.high == self.low:
                    return np.where(x < self.low, 1.0, 0.0)
                return np.clip((self.high - x) / (self.high - self.low), 0.0, 1.0)
            case "weibull":
                return np.exp(-((x / self._scale()) ** self.shape))
            case "hyperexponential":
                return sum((w * np.exp(-x / m) for w, m in self._phases()), np.zeros_like(x))
            case _:
                ordered = np.asarray(self.values)
                return 1.0 - np.searchsorted(ordered, x, side="right") / len(ordered)

    def limited_mean(self, x: Seconds) -> Seconds:
        """E[min(duration, x)] in seconds, elementwise: the integral of `survival` from 0 to x."""
        from scipy import special

        left = x * self.survival(x)
        match self.kind:
            case "exponential":
                return -self.mean * np.expm1(-x / self.mean)
            case "deterministic":
                return np.minimum(x, self.mean)
            case "erlang":
                grown = special.gammainc(self.shape + 1, self.shape * x / self.mean)
                return np.asarray(self.mean * grown + left)
            case "lognormal":
                sigma = self._sigma()
                return np.asarray(self.mean * special.ndtr(self._score(x) - sigma) + left)
            case "uniform":
                inside = np.clip(x, self.low, self.high)
                wide = max(self.high - self.low, 1e-300)
                return np.minimum(x, inside) - (inside - self.low) ** 2 / (2 * wide)
            case "weibull":
                power = (x / self._scale()) ** self.shape
                return np.asarray(self.mean * special.gammainc(1 + 1 / self.shape, power) + left)
            case "hyperexponential":
                parts = (-w * m * np.expm1(-x / m) for w, m in self._phases())
                return sum(parts, np.zeros_like(x))
            case _:
                ordered = np.asarray(self.values)
                sums = np.concatenate(([0.0], np.cumsum(ordered)))
                below = np.searchsorted(ordered, x, side="right")
                return sums[below] / len(ordered) + left

    def steps(self) -> tuple[float, ...]:
        """Where the survival function jumps or bends: integrals are cut there."""
        match self.kind:
            case "deterministic":
                return (self.mean,)
            case "uniform":
                return (self.low, self.high)
            case "empirical":
                return tuple(sorted(set(self.values)))
        return ()

    def _phases(self) -> list[tuple[float, float]]:
        return [(w, m) for w, m in zip(self.weights, self.means, strict=True) if w > 0]

    def _sigma(self) -> float:
        return math.sqrt(math.log1p(self.cv * self.cv))

    def _score(self, x: Seconds) -> Seconds:
        """Standard score of ln x for lognormal."""
        sigma = self._sigma()
        with np.errstate(divide="ignore"):
            return (np.log(x) - math.log(self.mean) + sigma * sigma / 2) / sigma

    def _scale(self) -> float:
        return self.mean / math.gamma(1 + 1 / self.shape)


def duration(data: Mapping[str, Any], values: tuple[float, ...] = ()) -> Duration:
    """From the plan's form, e.g. `{distribution: lognormal, mean: 180, cv: 1}`.

    `values` (s) are those of an empirical file, which this pure function does not read. Raises
    `DistributionError` for an unknown name, a missing or surplus field, or an impossible number.
    """
    kind = data.get("distribution")
    if kind not in FIELDS:
        raise DistributionError(f"unknown distribution {kind!r}; known: {', '.join(FIELDS)}")
    given = {name: value for name, value in data.items() if name != "distribution"}
    takes = FIELDS[kind]
    if set(given) != set(takes):
        got = ", ".join(given) or "nothing"
        raise DistributionError(f"{kind} takes {' and '.join(takes)}; got {got}")
    if kind == "empirical":
        return _empirical(values)
    if kind == "hyperexponential":
        return _hyperexponential(given["weights"], given["means"])
    for name, value in given.items():
        _check(kind, name, value, zero=name in ("mean", "low", "high"))
    return _simple(kind, {name: float(value) for name, value in given.items()})


def _simple(kind: str, given: Mapping[str, float]) -> Duration:
    if kind == "uniform":
        low, high = given["low"], given["high"]
        if low > high:
            raise DistributionError(f"uniform: low {low:g} is above high {high:g}; swap them")
        return Duration(kind, (low + high) / 2, low=low, high=high)
    if given["mean"] == 0.0:
        return Duration("deterministic", 0.0)
    if kind == "erlang" and given["shape"] != int(given["shape"]):
        raise DistributionError(f"erlang: shape must be a whole number, got {given['shape']:g}")
    return Duration(kind, **given)


def _hyperexponential(weights: Any, means: Any) -> Duration:
    if not (isinstance(weights, list) and isinstance(means, list)) or len(weights) != len(means):
        raise DistributionError("hyperexponential: weights and means must be lists of one length")
    for name, numbers in (("weights", weights), ("means", means)):
        for number in numbers:
            _check("hyperexponential", name, number, zero=name == "weights")
    total = sum(weights)
    if not weights or total <= 0:
        raise DistributionError("hyperexponential: one weight must be above 0")
    shares = tuple(weight / total for weight in weights)
    mean = sum(w * m for w, m in zip(shares, means, strict=True))
    return Duration("hyperexponential", mean, weights=shares, means=tuple(map(float, means)))


def _empirical(values: tuple[float, ...]) -> Duration:
    if not values:
        raise DistributionError("empirical: the file has no values")
    for value in values:
        _check("empirical", "a value", value, zero=True)
    return Duration("empirical", sum(values) / len(values), values=tuple(sorted(values)))


def _check(kind: str, name: str, value: Any, *, zero: bool) -> None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not good or value < 0 or (value == 0 and not zero):
        least = "0 or more" if zero else "above 0"
        raise DistributionError(f"{kind}: {name} must be a number {least}, got {value!r}")
