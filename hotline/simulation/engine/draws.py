"""Chance in the kernel: one draw per call and purpose, by counter, so that skipping costs nothing.

    word(key, counter)    key = hash(seed, replication, purpose, queue); counter = which call
    call 0   call 1   call 2 ...     the same words in every variant of a plan, whoever is asked
      |        |        |            first, and whether or not the ones before were needed
    patience is drawn only for callers who wait: the numbers are the same as if all had drawn

The words are SplitMix64's output function over a Weyl sequence (Steele, Lea, Flood 2014; it passes
BigCrush); exponential and normal numbers are cut from them with 256-layer ziggurats (Marsaglia,
Tsang 2000), about one word a number. A counter beats the sequential xoshiro256++ by what it makes
unnecessary: arrays of draws, and a second variant for common random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import numpy as np

from hotline.simulation.engine.compiling import built_in, part
from hotline.simulation.engine.laws import NAMES
from hotline.simulation.engine.model import Floats


def key_of(seed: int, replication: int, purpose: str, queue: str = "") -> np.uint64:
    """The stream of `purpose` in one replication."""
    name = f"{seed}/{replication}/{purpose}/{queue}".encode()
    return np.uint64(int.from_bytes(blake2b(name, digest_size=8).digest(), "little"))


GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
S30, S27, S31, S11, S8 = (np.uint64(n) for n in (30, 27, 31, 11, 8))
BYTE, ONE_BIT = np.uint64(255), np.uint64(1)
TO_UNIT = 2.0**-53


@built_in
def word(key: Any, counter: Any) -> Any:
    """64 random bits that belong to `counter` in the stream `key`."""
    z = key + np.uint64(counter) * GOLDEN
    z = (z ^ (z >> S30)) * MIX_1
    z = (z ^ (z >> S27)) * MIX_2
    return z ^ (z >> S31)


@part
def again(w: Any) -> Any:
    """Another word for the same call and purpose, after `w`."""
    return word(w, np.uint64(0x632BE59BD9B4E019))


@built_in
def unit(w: Any) -> Any:
    """The word as a number in (0, 1), both ends excluded."""
    return (np.float64(w >> S11) + 0.5) * TO_UNIT


def _ziggurat(r: float, area: float, f: Callable[[float], float], inverse: Any) -> Floats:
    """Widths of 256 layers of equal `area` under `f`, the base first, ending in 0."""
    x = [area / f(r), r]
    for _ in range(254):
        x.append(inverse(area / x[-1] + f(x[-1])))
    return np.array([*x, 0.0])


EXP_R = 7.69711747013104972
EXP_X = _ziggurat(EXP_R, 0.0039496598225815571993, lambda x: math.exp(-x), lambda y: -math.log(y))
EXP_F = np.exp(-EXP_X)
NORMAL_R = 3.6541528853610088
NORMAL_X = _ziggurat(
    NORMAL_R,
    0.00492867323399,
    lambda x: math.exp(-x * x / 2),
    lambda y: math.sqrt(-2 * math.log(y)),
)
NORMAL_F = np.exp(-NORMAL_X * NORMAL_X / 2)


@built_in
def exponential_of(w: Any) -> Any:
    """A standard exponential number from the word `w` (and, in 2 % of cases, its followers)."""
    layer = w & BYTE
    x = np.float64(w >> S11) * TO_UNIT * EXP_X[layer]
    if x < EXP_X[layer + ONE_BIT]:
        return x
    return exponential_edge(w)


@part
def exponential_edge(w: Any) -> Any:
    """The same for any word; `exponential_of` is its first turn, which is nearly always enough."""
    while True:
        layer = w & BYTE
        x = np.float64(w >> S11) * TO_UNIT * EXP_X[layer]
        if x < EXP_X[layer + ONE_BIT]:
            return x
        w = again(w)
        if layer == 0:
            return EXP_R - math.log(unit(w))
        low, high = EXP_F[layer], EXP_F[layer + ONE_BIT]
        if low + unit(w) * (high - low) < math.exp(-x):
            return x
        w = again(w)


@part
def normal_of(w: Any) -> Any:
    """A standard normal number from the word `w` and its followers."""
    while True:
        layer = w & BYTE
        x = np.float64(w >> S11) * TO_UNIT * NORMAL_X[layer]
        sign = 1.0 if (w >> S8) & ONE_BIT else -1.0
        if x < NORMAL_X[layer + ONE_BIT]:
            return sign * x
        w = again(w)
        if layer == 0:
            while True:  # the tail, by Marsaglia 1964
                x = -math.log(unit(w)) / NORMAL_R
                w = again(w)
                if -2.0 * math.log(unit(w)) > x * x:
                    return sign * (NORMAL_R + x)
                w = again(w)
        low, high = NORMAL_F[layer], NORMAL_F[layer + ONE_BIT]
        if low + unit(w) * (high - low) < math.exp(-x * x / 2):
            return sign * x
        w = again(w)


NEVER, DETERMINISTIC, EXPONENTIAL, ERLANG, LOGNORMAL, UNIFORM, HYPER, WEIBULL, EMPIRICAL = range(
    len(NAMES)
)
LAW = np.dtype(
    [("a", np.float64), ("b", np.float64), ("kind", np.int32), ("first", np.int32),
     ("count", np.int32)], align=True,
)  # fmt: skip
"""A packed law (see `packing`): its numbers, and where they stand among the tables."""


@part
def sample_other(law: Any, tables: Any, w: Any) -> Any:
    """Seconds drawn from a law that is neither exponential nor deterministic."""
    kind, a, b = law.kind, law.a, law.b
    if kind == LOGNORMAL:
        return math.exp(a + b * normal_of(w))
    if kind == UNIFORM:
        return a + b * unit(w)
    if kind == WEIBULL:
        return a * exponential_of(w) ** b
    if kind == ERLANG:
        total = 0.0
        for _ in range(int(b)):
            total += exponential_of(w)
            w = again(w)
        return a * total
    if kind == NEVER:
        return np.inf
    first, count = law.first, law.count
    if kind == EMPIRICAL:
        return tables[first + min(int(unit(w) * count), count - 1)]
    branch, u = first, unit(w)
    while branch < first + count - 1 and u >= tables[branch]:
        branch += 1
    return tables[branch + count] * exponential_of(again(w))


@built_in
def sample(law: Any, tables: Any, key: Any, counter: Any) -> Any:
    """Seconds drawn from the packed `law` for `counter` of the stream `key`.

    Small, so that it is built into its caller; the rarer laws are elsewhere.
    """
    kind = law.kind
    if kind == EXPONENTIAL:
        return law.a * exponential_of(word(key, counter))
    if kind == DETERMINISTIC:
        return law.a
    return sample_other(law, tables, word(key, counter))
