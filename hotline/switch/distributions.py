"""Named distributions of durations (seconds), drawn by inversion so that one draw is one number.

The names are those of the queue plan's contract. Inversion keeps common random numbers in step:
a longer mean stretches the same caller instead of drawing another one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

_NORMAL = NormalDist()


class DistributionError(ValueError):
    """A distribution that cannot be: names the field and the remedy."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution: `name`, its `mean` (seconds) and `quantile`, the inverse of its CDF."""

    name: str
    mean: float
    quantile: Callable[[float], float]


def exponential(mean: float) -> Distribution:
    """Exponential with `mean` seconds."""
    return Distribution("exponential", mean, lambda u: -mean * math.log(1.0 - u))


def deterministic(mean: float) -> Distribution:
    """Always `mean` seconds."""
    return Distribution("deterministic", mean, lambda u: mean)


def uniform(low: float, high: float) -> Distribution:
    """Evenly between `low` and `high` seconds."""
    return Distribution("uniform", (low + high) / 2, lambda u: low + (high - low) * u)


def lognormal(mean: float, cv: float) -> Distribution:
    """Lognormal with `mean` seconds and coefficient of variation `cv`."""
    sigma = math.sqrt(math.log1p(cv * cv))
    mu = math.log(mean) - sigma * sigma / 2
    return Distribution("lognormal", mean, lambda u: math.exp(mu + sigma * _NORMAL.inv_cdf(u)))


def weibull(mean: float, shape: float) -> Distribution:
    """Weibull with `mean` seconds and `shape` (below 1: the hazard falls with time)."""
    scale = mean / math.gamma(1 + 1 / shape)
    return Distribution("weibull", mean, lambda u: scale * (-math.log(1.0 - u)) ** (1 / shape))


def empirical(values: Sequence[float]) -> Distribution:
    """One of `values` (seconds), each as likely as its share."""
    ordered = sorted(values)
    if not ordered:
        raise DistributionError("empirical: needs at least one value")
    return Distribution(
        "empirical",
        sum(ordered) / len(ordered),
        lambda u: ordered[min(int(u * len(ordered)), len(ordered) - 1)],
    )


_MAKERS: Mapping[str, tuple[Callable[..., Distribution], frozenset[str]]] = {
    "exponential": (exponential, frozenset({"mean"})),
    "deterministic": (deterministic, frozenset({"mean"})),
    "uniform": (uniform, frozenset({"low", "high"})),
    "lognormal": (lognormal, frozenset({"mean", "cv"})),
    "weibull": (weibull, frozenset({"mean", "shape"})),
}


def from_mapping(data: Mapping[str, Any]) -> Distribution:
    """Build from the plan's form, e.g. `{distribution: lognormal, mean: 180, cv: 1}`.

    Raises `DistributionError` for an unknown name, a missing or surplus field, or a number that
    is not positive (low may be 0).
    """
    name = data.get("distribution")
    if not isinstance(name, str) or name not in _MAKERS:
        raise DistributionError(
            f"unknown distribution {name!r}; known: {', '.join(sorted(_MAKERS))}"
        )
    make, fields = _MAKERS[name]
    given = {key: value for key, value in data.items() if key != "distribution"}
    if set(given) != fields:
        raise DistributionError(f"{name} takes {', '.join(sorted(fields))}; got {sorted(given)}")
    for key, value in given.items():
        good = isinstance(value, (int, float)) and math.isfinite(value)
        if not good or value < 0 or (value == 0 and key not in ("low", "mean")):
            raise DistributionError(f"{name}: {key} must be a positive number, got {value!r}")
    if name == "uniform" and given["low"] > given["high"]:
        raise DistributionError(f"uniform: low {given['low']} is above high {given['high']}")
    if name in ("lognormal", "weibull") and given["mean"] == 0:
        raise DistributionError(f"{name}: mean must be above 0")
    return make(**given)
