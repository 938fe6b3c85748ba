"""From the model's words to the kernel's arrays."""

from __future__ import annotations

import math

from hotline.simulation.engine.laws import NAMES, Law


def packed(law: Law, tables: list[float]) -> tuple[float, float, float, float, float]:
    """`law` as five numbers (see `draws.LAW_KIND` ...); its table, if any, is added to `tables`.

    What can be worked out once is: scale and shape instead of mean and variation, and so on.
    """
    code = float(NAMES.index(law.name))
    match law.name:
        case "lognormal":
            sigma = math.sqrt(math.log1p(law.b * law.b))
            return (code, math.log(law.a) - sigma * sigma / 2, sigma, 0.0, 0.0)
        case "weibull":
            return (code, law.a / math.gamma(1 + 1 / law.b), 1 / law.b, 0.0, 0.0)
        case "erlang":
            return (code, law.a / law.b, law.b, 0.0, 0.0)
        case "uniform":
            return (code, law.a, law.b - law.a, 0.0, 0.0)
        case "empirical":
            first = len(tables)
            tables += law.values
            return (code, 0.0, 0.0, float(first), float(len(law.values)))
        case "hyperexponential":
            return _branches(code, law, tables)
        case _:
            return (code, law.a, law.b, 0.0, 0.0)


def _branches(
    code: float, law: Law, tables: list[float]
) -> tuple[float, float, float, float, float]:
    first, count = len(tables), len(law.values) // 2
    weights, means = law.values[:count], law.values[count:]
    total, sum_so_far = sum(weights), 0.0
    for weight in weights:
        sum_so_far += weight
        tables.append(sum_so_far / total)
    tables += means
    return (code, 0.0, 0.0, float(first), float(count))
