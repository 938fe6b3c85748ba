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
from typing import Any, TypeVar, cast

import numba as nb
import numpy as np

from hotline.simulation.engine.laws import NAMES
from hotline.simulation.engine.model import Floats

F = TypeVar("F", bound=Callable[..., Any])


OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""`_nrt`: nobody counts who uses an array, which would cost the kernel a third of its time. In
return no compiled function may make one: all are made in Python, by `engine.run`."""


def compiled(function: F) -> F:
    """Compile without the interpreter's lock and keep the machine code for the next process.

    The code is kept beside the source, or where that cannot be written in the user's cache folder
    (`NUMBA_CACHE_DIR` names another); where neither can be, it is compiled anew in each process.
    """
    try:
        return cast(F, nb.njit(cache=True, **OPTIONS)(function))
    except RuntimeError:  # no place to keep it
        return cast(F, nb.njit(**OPTIONS)(function))


def key_of(seed: int, replication: int, purpose: str, queue: str = "") -> np.uint64:
    """The stream of `purpose` in one replication."""
    name = f"{seed}/{replication}/{purpose}/{queue}".encode()
    return np.uint64(int.from_bytes(blake2b(name, digest_size=8).digest(), "little"))


def built_in(function: F) -> F:
    """Compile as a part of its callers: for what is small and called for every call."""
    return cast(F, nb.njit(forceinline=True, **OPTIONS)(function))


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


@compiled
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


@compiled
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


@compiled
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
LAW_KIND, LAW_A, LAW_B, LAW_FROM, LAW_COUNT = range(5)
"""Columns of a packed law (see `pack`)."""


@compiled
def sample_other(laws: Any, purpose: Any, q: Any, tables: Any, w: Any) -> Any:
    """Seconds drawn from a law that is neither exponential nor deterministic."""
    kind = int(laws[purpose, q, LAW_KIND])
    a, b = laws[purpose, q, LAW_A], laws[purpose, q, LAW_B]
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
    first, count = int(laws[purpose, q, LAW_FROM]), int(laws[purpose, q, LAW_COUNT])
    if kind == EMPIRICAL:
        return tables[first + min(int(unit(w) * count), count - 1)]
    branch, u = first, unit(w)
    while branch < first + count - 1 and u >= tables[branch]:
        branch += 1
    return tables[branch + count] * exponential_of(again(w))


@built_in
def sample(laws: Any, purpose: Any, q: Any, tables: Any, key: Any, counter: Any) -> Any:
    """Seconds drawn from the packed law `laws[purpose, q]` for `counter` of the stream `key`.

    Small, so that it is built into its caller; the rarer laws are elsewhere.
    """
    kind = laws[purpose, q, LAW_KIND]
    if kind == EXPONENTIAL:
        return laws[purpose, q, LAW_A] * exponential_of(word(key, counter))
    if kind == DETERMINISTIC:
        return laws[purpose, q, LAW_A]
    return sample_other(laws, purpose, q, tables, word(key, counter))
