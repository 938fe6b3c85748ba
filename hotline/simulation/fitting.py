"""Laws of handle and after-call times from observed seconds, by maximum likelihood; AIC chooses.

exponential   mean                         lognormal   mean, cv of exp(N(mu, sigma))
weibull       mean, shape                  erlang      mean, whole shape of 2 to 30
deterministic where all are the same
"""

from __future__ import annotations

import math

import numpy as np

from hotline.simulation.censored import (
    Fitted,
    Vector,
    exponential_patience,
    on_logarithm,
    weibull_patience,
)
from hotline.simulation.engine.laws import deterministic, erlang, lognormal
from hotline.simulation.estimates import Estimate

LEAST = 0.5
"""Seconds that a duration of 0 stands for: logs keep whole seconds, laws have no atom at 0."""


def durations_of(seconds: Vector) -> tuple[Fitted, ...]:
    """The laws that fit, the best first; () without data."""
    if not len(seconds):
        return ()
    if np.ptp(seconds) == 0:
        same = float(seconds[0])
        return (Fitted(deterministic(same), -math.inf, (("mean", Estimate(same)),)),)
    data = np.maximum(seconds, LEAST)
    ended = np.ones(len(data), bool)
    found = [exponential_patience(data, ended), lognormal_of(data), erlang_of(data)]
    if len(np.unique(data)) > 2:
        found.append(weibull_patience(data, ended))
    return tuple(sorted(found, key=lambda one: one.aic))


def lognormal_of(data: Vector) -> Fitted:
    """Mean exp(mu + s2/2), cv sqrt(exp(s2) - 1); the mean's interval after Cox (var of mu + s2/2 is
    s2/n + s2^2/2n)."""
    logs, n = np.log(data), len(data)
    mu, variance = float(logs.mean()), float(logs.var())
    likelihood = -n / 2 * (math.log(2 * math.pi * variance) + 1) - float(logs.sum())
    mean = math.exp(mu + variance / 2)
    cv = math.sqrt(math.expm1(variance))
    slope = math.exp(variance) * variance / (cv * cv)  # d ln cv / d ln s, over 1
    return Fitted(lognormal(mean, cv), 4 - 2 * likelihood, (
        ("mean", on_logarithm(mean, variance / n + variance**2 / (2 * n))),
        ("cv", on_logarithm(cv, slope**2 / (2 * n))),
    ))  # fmt: skip


def erlang_of(data: Vector) -> Fitted:
    """The whole shape with the greatest likelihood; the mean is the data's."""
    mean, n = float(data.mean()), len(data)
    logs = float(np.log(data).sum())

    def likelihood(shape: int) -> float:
        rate = shape / mean
        return (n * (shape * math.log(rate) - math.lgamma(shape)) + (shape - 1) * logs
                - rate * float(data.sum()))  # fmt: skip

    shape = max(range(2, 31), key=likelihood)
    return Fitted(erlang(mean, shape), 4 - 2 * likelihood(shape), (
        ("mean", on_logarithm(mean, 1 / (n * shape))),
        ("shape", Estimate(float(shape))),
    ))  # fmt: skip
