"""From the model's words to the kernel's arrays."""

from __future__ import annotations

import math

from hotline.simulation.engine.laws import NAMES, Law

Packed = tuple[float, float, int, int, int]


def packed(law: Law, tables: list[float]) -> Packed:
    """`law` as a row of `draws.LAW`; its table, if any, is added to `tables`.

    What can be worked out once is: scale and shape instead of mean and variation, and so on.
    """
    code = NAMES.index(law.name)
    match law.name:
        case "lognormal":
            sigma = math.sqrt(math.log1p(law.b * law.b))
            return (math.log(law.a) - sigma * sigma / 2, sigma, code, 0, 0)
        case "weibull":
            return (law.a / math.gamma(1 + 1 / law.b), 1 / law.b, code, 0, 0)
        case "erlang":
            return (law.a / law.b, law.b, code, 0, 0)
        case "uniform":
            return (law.a, law.b - law.a, code, 0, 0)
        case "empirical":
            first = len(tables)
            tables += law.values
            return (0.0, 0.0, code, first, len(law.values))
        case "hyperexponential":
            return _branches(code, law, tables)
        case _:
            return (law.a, law.b, code, 0, 0)


def _branches(code: int, law: Law, tables: list[float]) -> Packed:
    first, count = len(tables), len(law.values) // 2
    weights, means = law.values[:count], law.values[count:]
    total, sum_so_far = sum(weights), 0.0
    for weight in weights:
        sum_so_far += weight
        tables.append(sum_so_far / total)
    tables += means
    return (0.0, 0.0, code, first, count)
