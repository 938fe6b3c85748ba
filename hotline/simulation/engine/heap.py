"""A heap of whole numbers with four children a node: half the levels of a binary one, and the four
children lie in one cache line.

                      0
          1        2        3        4          children of n: 4n + 1 ... 4n + 4
      5 6 7 8   9 ...

The array has room for four more than are in it: `sift` fills the last family up with `never`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hotline.simulation.engine.compiling import built_in, part


@part
def push(heap: Any, n: Any, entry: Any) -> Any:
    """Add `entry` to the heap of `n` entries; returns n + 1. There must be room."""
    place = n
    while place > 0:
        parent = (place - 1) >> 2
        if heap[parent] <= entry:
            break
        heap[place] = heap[parent]
        place = parent
    heap[place] = entry
    return n + 1


ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)


@built_in
def sift(heap: Any, n: Any, entry: Any, never: Any) -> None:
    """Put `entry` in place of the smallest of the `n`, which is heap[0]; `never` is after all.

    Places are unsigned, so that none is looked at for counting from the end.
    """
    heap[n] = heap[n + 1] = heap[n + 2] = never
    size = np.uint64(n)
    place, child = np.uint64(0), ONE
    while child < size:  # pairwise, so that the comparisons overlap
        left = child + np.uint64(heap[child + ONE] < heap[child])
        right = child + TWO + np.uint64(heap[child + THREE] < heap[child + TWO])
        least = right if heap[right] < heap[left] else left
        if heap[least] >= entry:
            break
        heap[place] = heap[least]
        place = least
        child = (place << TWO) + ONE
    heap[place] = entry


@part
def pop(heap: Any, n: Any, never: Any) -> Any:
    """Remove the smallest of `n` entries, which is heap[0]; returns n - 1."""
    sift(heap, n - 1, heap[n - 1], never)
    return n - 1
