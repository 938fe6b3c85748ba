"""Chance and distributions: named, reproducible, uniform; inversion keeps means and order."""

import math
import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.switch import distributions as d
from hotline.switch.chance import Chance


@given(st.integers(), st.text(max_size=8), st.text(max_size=8))
def test_a_named_draw_is_the_same_whenever_it_is_asked(seed, purpose, key):
    chance = Chance(seed)
    value = chance.uniform(purpose, key)
    chance.uniform("something else", key)
    assert chance.uniform(purpose, key) == value == Chance(seed).uniform(purpose, key)
    assert 0 < value < 1


def test_draws_are_uniform_and_purposes_are_independent():
    n = 20_000
    one = [Chance(1).uniform("talk", str(i)) for i in range(n)]
    other = [Chance(1).uniform("ring", str(i)) for i in range(n)]
    # five standard errors of a uniform mean, and of a correlation
    assert abs(statistics.fmean(one) - 0.5) < 5 / math.sqrt(12 * n)
    assert abs(statistics.correlation(one, other)) < 5 / math.sqrt(n)


@pytest.mark.parametrize(
    "spec",
    [
        {"distribution": "exponential", "mean": 180},
        {"distribution": "deterministic", "mean": 11.9},
        {"distribution": "uniform", "low": 3, "high": 9},
        {"distribution": "lognormal", "mean": 180, "cv": 1.0},
        {"distribution": "weibull", "mean": 120, "shape": 0.7},
    ],
)
def test_quantiles_rise_and_integrate_to_the_mean(spec):
    made = d.from_mapping(spec)
    n = 200_000
    values = [made.quantile((i + 0.5) / n) for i in range(n)]
    assert all(a <= b for a, b in pairwise(values))
    assert statistics.fmean(values) == pytest.approx(made.mean, rel=0.005)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"distribution": "expo", "mean": 1}, "unknown distribution 'expo'"),
        ({"distribution": "exponential"}, "exponential takes mean"),
        ({"distribution": "lognormal", "mean": 1, "cv": -1}, "cv must be a positive number"),
        ({"distribution": "uniform", "low": 9, "high": 3}, "low 9 is above high 3"),
        ({"distribution": "exponential", "mean": "x"}, "mean must be a positive number"),
    ],
)
def test_an_impossible_distribution_names_the_field(spec, message):
    with pytest.raises(d.DistributionError, match=message):
        d.from_mapping(spec)


def test_empirical_gives_each_value_its_share():
    made = d.empirical([10, 20, 20, 40])
    assert [made.quantile(u) for u in (0.1, 0.3, 0.6, 0.99)] == [10, 20, 20, 40]
    with pytest.raises(d.DistributionError, match="at least one value"):
        d.empirical([])
