"""A heap of unsigned numbers with four children a node: half the levels of a binary one, and the
four children lie in one cache line."""

from __future__ import annotations

from typing import Any

from hotline.simulation.engine.draws import compiled


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


@compiled
def pop(heap: Any, n: Any) -> Any:
    """Remove the smallest of `n` entries, which is heap[0]; returns n - 1."""
    n -= 1
    entry = heap[n]
    place = 0
    child = 1
    while child + 3 < n:  # all four are there: pairwise, so that the comparisons overlap
        left = child + (heap[child + 1] < heap[child])
        right = child + 2 + (heap[child + 3] < heap[child + 2])
        least = right if heap[right] < heap[left] else left
        if heap[least] >= entry:
            heap[place] = entry
            return n
        heap[place] = heap[least]
        place = least
        child = (place << 2) + 1
    while child < n:
        least = child
        for other in range(child + 1, min(child + 4, n)):
            if heap[other] < heap[least]:
                least = other
        if heap[least] >= entry:
            break
        heap[place] = heap[least]
        place = least
        child = (place << 2) + 1
    heap[place] = entry
    return n
