"""A heap of whole numbers with four children a node: half the levels of a binary one, and the four
children lie in one cache line.

                      0
          1        2        3        4          children of n: 4n + 1 ... 4n + 4
      5 6 7 8   9 ...

The array has room for four more than are in it: `sift` fills the last family up with `never`.
"""

from __future__ import annotations

from typing import Any

from hotline.simulation.engine.draws import built_in, compiled


@compiled
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


@built_in
def sift(heap: Any, n: Any, entry: Any, never: Any) -> None:
    """Put `entry` in place of the smallest of the `n`, which is heap[0]; `never` is after all."""
    heap[n] = heap[n + 1] = heap[n + 2] = never
    place = 0
    child = 1
    while child < n:  # pairwise, so that the comparisons overlap
        left = child + (heap[child + 1] < heap[child])
        right = child + 2 + (heap[child + 3] < heap[child + 2])
        least = right if heap[right] < heap[left] else left
        if heap[least] >= entry:
            break
        heap[place] = heap[least]
        place = least
        child = (place << 2) + 1
    heap[place] = entry


@compiled
def pop(heap: Any, n: Any, never: Any) -> Any:
    """Remove the smallest of `n` entries, which is heap[0]; returns n - 1."""
    sift(heap, n - 1, heap[n - 1], never)
    return n - 1
