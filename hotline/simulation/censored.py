"""Patience from a log, in which the answered never show how long they would have waited.

    answered after w s     censored: patience > w            abandoned after w s     patience = w

Kaplan and Meier 1958 for the curve (Greenwood's variance, on the log-log scale so that its interval
stays in [0, 1]); maximum likelihood for the laws: exponential (total wait / abandonments) and
Weibull. To average the waits of those who gave up would take the impatient for all: the bias this
module is there to avoid (Brown et al. 2005, Statistical Analysis of a Telephone Call Center).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.simulation.engine.laws import Law, exponential, weibull
from hotline.simulation.estimates import LEVEL, Estimate

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Survival:
    """Kaplan-Meier: at `times` (s, rising) the share still patient falls to `share` [low, high]."""

    times: Vector
    share: Vector
    low: Vector
    high: Vector
    at_risk: Vector
    """how many were still waiting just before"""

    def at(self, t: float) -> float:
        """Share still patient after `t` s."""
        place = int(np.searchsorted(self.times, t, side="right"))
        return 1.0 if place == 0 else float(self.share[place - 1])


def kaplan_meier(waits: Vector, gave_up: NDArray[np.bool_], level: float = LEVEL) -> Survival:
    """The curve from `waits` (s) and who of them gave up; at a tie abandonment comes first."""
    from scipy.special import ndtri

    times, events = np.unique(waits[gave_up], return_counts=True)
    at_risk = len(waits) - np.searchsorted(np.sort(waits), times, side="left")
    share = np.asarray(np.cumprod(1 - events / at_risk), np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events)))
        reach = float(ndtri((1 + level) / 2)) * np.sqrt(greenwood) / np.abs(np.log(share))
        low, high = share ** np.exp(reach), share ** np.exp(-reach)
    last = share <= 0  # nobody is left: the interval is not defined
    return Survival(times, share, np.where(last, 0.0, low), np.where(last, 1.0, high),
                    at_risk.astype(np.float64))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fitted:
    """A law with its parameters' intervals and what it makes of the data.

    `aic`: Akaike's 2k - 2 log L; the smallest is the best of those compared.
    """

    law: Law
    aic: float
    estimates: tuple[tuple[str, Estimate], ...]

    @property
    def parameters(self) -> dict[str, Estimate]:
        """Parameter of the plan -> value and interval."""
        return dict(self.estimates)


def exponential_patience(waits: Vector, gave_up: NDArray[np.bool_]) -> Fitted:
    """Mean = total wait / abandonments; its interval by the chi-square (exact where the number of
    abandonments is fixed). Needs at least one abandonment."""
    from scipy.special import chdtri

    total, events = float(waits.sum()), int(gave_up.sum())
    mean = total / events
    low = 2 * total / float(chdtri(2 * events + 2, (1 - LEVEL) / 2))
    high = 2 * total / float(chdtri(2 * events, (1 + LEVEL) / 2))
    likelihood = -events * math.log(mean) - total / mean
    return Fitted(exponential(mean), 2 - 2 * likelihood, (("mean", Estimate(mean, low, high)),))


def weibull_patience(waits: Vector, gave_up: NDArray[np.bool_]) -> Fitted:
    """Shape k solves sum w^k ln w / sum w^k - 1/k = mean ln w of those who gave up; intervals from
    the observed information on the logarithms. Needs at least two different abandonments."""
    from scipy.optimize import brentq

    positive = waits > 0
    w, gone = waits[positive], gave_up[positive]
    scale = float(w.max())
    logs, events = np.log(w / scale), int(gone.sum())
    aim = float(logs[gone].mean())

    def score(shape: float) -> float:
        powers = np.exp(shape * logs)
        return float(powers @ logs / powers.sum()) - 1 / shape - aim

    shape = float(brentq(score, 0.05, 50.0))
    size = scale * (float(np.exp(shape * logs).sum()) / events) ** (1 / shape)
    scaled = np.log(w / size)
    cumulated = np.exp(shape * scaled)
    likelihood = float(
        events * math.log(shape / size) + (shape - 1) * scaled[gone].sum() - cumulated.sum()
    )
    return _weibull(shape, size, likelihood, cumulated, shape * scaled, events)


def _weibull(
    shape: float, size: float, likelihood: float, h: Vector, z: Vector, events: int
) -> Fitted:
    """Intervals by the delta method from the information on (ln k, ln scale): h = (w/scale)^k."""
    from scipy.special import digamma

    kk = events + float((z * z * h).sum())
    kl = -shape * float((z * h).sum())
    ll = shape * shape * float(h.sum())
    cover = np.linalg.inv(np.array([[kk, kl], [kl, ll]]))
    mean = size * math.gamma(1 + 1 / shape)
    slope = np.array([-float(digamma(1 + 1 / shape)) / shape, 1.0])  # of ln mean
    return Fitted(weibull(mean, shape), 4 - 2 * likelihood, (
        ("mean", on_logarithm(mean, float(slope @ cover @ slope))),
        ("shape", on_logarithm(shape, float(cover[0, 0]))),
    ))  # fmt: skip


def on_logarithm(value: float, variance: float) -> Estimate:
    """A value with the interval that the `variance` of its logarithm gives."""
    from scipy.special import ndtri

    reach = float(ndtri((1 + LEVEL) / 2)) * math.sqrt(variance)
    return Estimate(value, value * math.exp(-reach), value * math.exp(reach))


def patience_of(waits: Vector, gave_up: NDArray[np.bool_]) -> tuple[Fitted, ...]:
    """The laws that fit, the best first; () if nobody gave up."""
    found = []
    if gave_up.any() and waits.sum() > 0:
        found.append(exponential_patience(waits, gave_up))
        if len(np.unique(waits[gave_up & (waits > 0)])) > 2:
            found.append(weibull_patience(waits, gave_up))
    return tuple(sorted(found, key=lambda one: one.aic))
