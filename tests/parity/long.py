"""The parity test for a long time: `python -m tests.parity.long 20000 [first case]`.

Every tenth case is one of overload, with long lines of bookings.
"""

from __future__ import annotations

import sys
from collections import Counter
from random import Random

from hotline.simulation.engine.results import Fate
from tests.parity.cases import case, overloaded
from tests.parity.compare import differences


def main(count: int, first: int) -> int:
    """Compare `count` cases; prints what differs and how many calls were compared."""
    fates: Counter[Fate] = Counter()
    wrong = 0
    for number in range(first, first + count):
        model, shifts = (case if number % 10 else overloaded)(Random(number))
        found = differences(model, shifts, number, fates)
        if found:
            wrong += 1
            print(f"case {number}: {found[0]} ({len(found)} cells)")
    calls = sum(fates.values())
    print(f"{count} cases, {calls} calls, {wrong} cases differ")
    print(", ".join(f"{fate.name.lower()} {n}" for fate, n in sorted(fates.items())))
    return 1 if wrong else 0


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*(numbers + [20_000, 0][len(numbers) :])))
