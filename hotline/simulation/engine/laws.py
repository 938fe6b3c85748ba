"""Laws of durations: distributions by the names of the queue plan, as numbers for the kernel.

| name             | parameters  | values (table)     | drawn as                     |
|------------------|-------------|--------------------|------------------------------|
| never            |             |                    | infinity                     |
| deterministic    | mean        |                    | mean                         |
| exponential      | mean        |                    | mean E                       |
| erlang           | mean, shape |                    | mean/shape (E1 + ... + Ek)   |
| lognormal        | mean, cv    |                    | exp(mu + sigma N)            |
| uniform          | low, high   |                    | low + (high - low) U         |
| hyperexponential |             | weights, then means | mean[branch] E               |
| weibull          | mean, shape |                    | scale E^(1/shape)            |
| empirical        |             | `inf` = never      | one of them, equally likely  |

E, N and U are standard exponential, normal and uniform. Every law but `empirical` and
`hyperexponential` is a standard number stretched, so that a longer mean stretches the same caller
instead of drawing another one (common random numbers).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from hotline.simulation.engine.errors import ModelError

Name = Literal[
    "never",
    "deterministic",
    "exponential",
    "erlang",
    "lognormal",
    "uniform",
    "hyperexponential",
    "weibull",
    "empirical",
]
NAMES: tuple[str, ...] = get_args(Name)
"""Position in it = the code of the law in the kernel."""


@dataclass(frozen=True, slots=True)
class Law:
    """One distribution of durations. `a`, `b`: the parameters in the table's order (seconds)."""

    name: Name
    a: float = 0.0
    b: float = 0.0
    values: tuple[float, ...] = ()

    @property
    def mean(self) -> float:
        """Expected value in seconds; infinite for `never`."""
        match self.name:
            case "never":
                return math.inf
            case "uniform":
                return (self.a + self.b) / 2
            case "hyperexponential":
                half = len(self.values) // 2
                weights, means = self.values[:half], self.values[half:]
                return sum(w * m for w, m in zip(weights, means, strict=True)) / sum(weights)
            case "empirical":
                return sum(self.values) / len(self.values)
            case _:
                return self.a


def never() -> Law:
    """Infinite: a caller without end of patience, an agent who does not come back."""
    return Law("never")


def deterministic(mean: float) -> Law:
    """Always `mean` seconds; 0 is allowed."""
    return Law("deterministic", _duration("mean", mean))


def exponential(mean: float) -> Law:
    """Exponential with `mean` seconds."""
    return Law("exponential", _duration("mean", mean))


def erlang(mean: float, shape: int) -> Law:
    """Sum of `shape` exponential phases, `mean` seconds in all."""
    if shape < 1 or shape != int(shape):
        raise ModelError("shape", f"{shape}; erlang takes a whole number from 1")
    return Law("erlang", _duration("mean", mean), float(shape))


def lognormal(mean: float, cv: float) -> Law:
    """Lognormal with `mean` seconds and coefficient of variation `cv`."""
    return Law("lognormal", _positive("mean", mean), _duration("cv", cv))


def uniform(low: float, high: float) -> Law:
    """Evenly between `low` and `high` seconds."""
    if high < low:
        raise ModelError("high", f"{high} is below low {low}")
    return Law("uniform", _duration("low", low), _duration("high", high))


def hyperexponential(weights: Sequence[float], means: Sequence[float]) -> Law:
    """Exponential with one of `means`, chosen by `weights` (any scale)."""
    if not weights or len(weights) != len(means):
        raise ModelError("weights", "hyperexponential takes as many weights as means, at least one")
    chosen = [_duration("weights", w) for w in weights]
    if sum(chosen) <= 0:
        raise ModelError("weights", "one must be above 0")
    return Law("hyperexponential", values=(*chosen, *(_duration("means", m) for m in means)))


def weibull(mean: float, shape: float) -> Law:
    """Weibull with `mean` seconds; `shape` below 1: the longer one waits, the calmer."""
    return Law("weibull", _positive("mean", mean), _positive("shape", shape))


def empirical(values: Sequence[float]) -> Law:
    """One of `values` (seconds), each as likely; infinity stands for `never`."""
    if not values:
        raise ModelError("values", "empirical takes at least one value")
    for value in values:
        if not value >= 0:
            raise ModelError("values", f"{value}; give seconds of 0 or more")
    return Law("empirical", values=tuple(sorted(float(v) for v in values)))


def _duration(field: str, value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        raise ModelError(field, f"{value}; give a finite number of 0 or more")
    return float(value)


def _positive(field: str, value: float) -> float:
    if value == 0:
        raise ModelError(field, "0; give more than 0")
    return _duration(field, value)
