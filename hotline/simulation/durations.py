"""Laws of durations as the plan writes them, and what exact theory asks of a law.

Theory needs the survival function (who is still patient after x seconds), its integral (the mean
of the shorter of x and the duration) and the variance. Arrays of seconds in, arrays out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hotline.simulation.engine import laws
from hotline.simulation.engine.laws import Law
from hotline.switch import distributions
from hotline.switch.distributions import Distribution, DistributionError

Seconds = NDArray[np.float64]

_MAKERS: Mapping[str, tuple[Callable[..., Law], tuple[str, ...]]] = {
    "exponential": (laws.exponential, ("mean",)),
    "deterministic": (laws.deterministic, ("mean",)),
    "erlang": (laws.erlang, ("mean", "shape")),
    "lognormal": (laws.lognormal, ("mean", "cv")),
    "uniform": (laws.uniform, ("low", "high")),
    "hyperexponential": (laws.hyperexponential, ("weights", "means")),
    "weibull": (laws.weibull, ("mean", "shape")),
    "empirical": (laws.empirical, ("file",)),
}
"""The distributions of the contract and what each takes."""


# --- from the plan -----------------------------------------------------------------------------


def law_from(data: Mapping[str, Any], values: Sequence[float] = ()) -> Law:
    """From the plan's form, e.g. `{distribution: lognormal, mean: 180, cv: 1}`.

    `values` (s) are those of an empirical file, which this pure function does not read. Raises
    `DistributionError` for an unknown name, a missing or surplus field, or an impossible number.
    """
    name = str(data.get("distribution"))
    if name not in _MAKERS:
        raise DistributionError(f"unknown distribution {name!r}; known: {', '.join(_MAKERS)}")
    make, takes = _MAKERS[name]
    given = {key: value for key, value in data.items() if key != "distribution"}
    if set(given) != set(takes):
        got = ", ".join(given) or "nothing"
        raise DistributionError(f"{name} takes {' and '.join(takes)}; got {got}")
    if name == "empirical":
        given = {"values": values}
    try:
        return make(**given)
    except ValueError as error:
        raise DistributionError(f"{name}: {error}") from None


def drawn_by(law: Law) -> Distribution:
    """The same law for who draws by inversion: simulated agents, callers of a load."""
    match law.name:
        case "never":
            return distributions.deterministic(math.inf)
        case "exponential":
            return distributions.exponential(law.a)
        case "lognormal" if law.b > 0:
            return distributions.lognormal(law.a, law.b)
        case "uniform":
            return distributions.uniform(law.a, law.b)
        case "weibull":
            return distributions.weibull(law.a, law.b)
        case "empirical":
            return distributions.empirical(law.values)
        case "erlang" | "hyperexponential":
            return Distribution(law.name, law.mean, lambda u: _inverse(law, u))
        case _:
            return distributions.deterministic(law.mean)


def _inverse(law: Law, uniform: float) -> float:
    """The duration that is exceeded with probability 1 - `uniform`, by bisection."""
    low, high = 0.0, max(law.mean, 1e-6)
    while float(survival(law, np.asarray(high))) > 1 - uniform:
        low, high = high, 2 * high
    while high - low > 1e-6:
        middle = (low + high) / 2
        if float(survival(law, np.asarray(middle))) > 1 - uniform:
            low = middle
        else:
            high = middle
    return high


# --- for theory --------------------------------------------------------------------------------


def memoryless(law: Law) -> bool:
    """Whether it is exponential, under whatever name."""
    if law.name == "hyperexponential":
        return len({mean for weight, mean in phases(law) if weight > 0}) == 1
    return law.name == "exponential" or (law.name in ("erlang", "weibull") and law.b == 1.0)


def zero(law: Law) -> bool:
    """Whether it is always 0 s."""
    return law.mean == 0.0


def phases(law: Law) -> list[tuple[float, float]]:
    """Weights (adding up to 1) and means (s) of a hyperexponential law."""
    half = len(law.values) // 2
    total = sum(law.values[:half])
    return [
        (w / total, m) for w, m in zip(law.values[:half], law.values[half:], strict=True) if w > 0
    ]


def variance(law: Law) -> float:
    """Variance in s^2."""
    mean = law.mean
    match law.name:
        case "exponential":
            return mean * mean
        case "erlang":
            return mean * mean / law.b
        case "lognormal":
            return (law.b * mean) ** 2
        case "uniform":
            return (law.b - law.a) ** 2 / 12
        case "weibull":
            return mean * mean * (math.gamma(1 + 2 / law.b) / math.gamma(1 + 1 / law.b) ** 2 - 1)
        case "hyperexponential":
            return sum(2 * w * m * m for w, m in phases(law)) - mean * mean
        case "empirical":
            return float(np.var(law.values))
        case _:
            return 0.0


def survival(law: Law, x: Seconds) -> Seconds:
    """P(duration > x), elementwise; x >= 0."""
    from scipy import special

    match law.name:
        case "never":
            return np.ones_like(x)
        case "exponential":
            return np.exp(-x / law.a)
        case "erlang":
            return np.asarray(special.gammaincc(law.b, law.b * x / law.a))
        case "lognormal" if law.b > 0:
            return np.asarray(special.ndtr(-_score(law, x)))
        case "uniform" if law.b > law.a:
            return np.clip((law.b - x) / (law.b - law.a), 0.0, 1.0)
        case "weibull":
            return np.exp(-((x / _scale(law)) ** law.b))
        case "hyperexponential":
            return sum((w * np.exp(-x / m) for w, m in phases(law)), np.zeros_like(x))
        case "empirical":
            return 1.0 - np.searchsorted(law.values, x, side="right") / len(law.values)
        case _:
            return np.where(x < law.mean, 1.0, 0.0)


def limited_mean(law: Law, x: Seconds) -> Seconds:
    """E[min(duration, x)] in seconds, elementwise: the integral of `survival` from 0 to x."""
    from scipy import special

    left, mean = x * survival(law, x), law.mean
    match law.name:
        case "never":
            return x
        case "exponential":
            return -mean * np.expm1(-x / mean)
        case "erlang":
            return np.asarray(mean * special.gammainc(law.b + 1, law.b * x / mean) + left)
        case "lognormal" if law.b > 0:
            return np.asarray(mean * special.ndtr(_score(law, x) - _sigma(law)) + left)
        case "uniform" if law.b > law.a:
            over = np.clip(x, law.a, law.b) - law.a
            return np.minimum(x, law.a + over) - over**2 / (2 * (law.b - law.a))
        case "weibull":
            power = (x / _scale(law)) ** law.b
            return np.asarray(mean * special.gammainc(1 + 1 / law.b, power) + left)
        case "hyperexponential":
            return sum((-w * m * np.expm1(-x / m) for w, m in phases(law)), np.zeros_like(x))
        case "empirical":
            sums = np.concatenate(([0.0], np.cumsum(law.values)))
            return sums[np.searchsorted(law.values, x, side="right")] / len(law.values) + left
        case _:
            return np.minimum(x, mean)


def bends(law: Law) -> tuple[float, ...]:
    """Where the survival function jumps or bends (s): integrals are cut there."""
    match law.name:
        case "deterministic":
            return (law.a,)
        case "uniform":
            return (law.a, law.b)
        case "empirical":
            return tuple(sorted(set(law.values)))
    return ()


def _sigma(law: Law) -> float:
    return math.sqrt(math.log1p(law.b * law.b))


def _score(law: Law, x: Seconds) -> Seconds:
    """Standard score of ln x for lognormal."""
    sigma = _sigma(law)
    with np.errstate(divide="ignore"):
        return np.asarray((np.log(x) - math.log(law.a) + sigma * sigma / 2) / sigma)


def _scale(law: Law) -> float:
    return law.a / math.gamma(1 + 1 / law.b)
