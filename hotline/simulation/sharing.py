"""How replications are shared: one by one, among threads, or on a Dask cluster through joblib.

A task travels as a run and a seed, what comes back are sums. Replication r is the same wherever it
runs and results come in the order of their numbers, so figures do not depend on who did what; a
worker that is lost has its replications done again by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from hotline.simulation.sample import Sample

Task = Callable[[int], Sample]
Spread = Callable[[Task, Iterable[int]], Iterator[Sample]]
"""Does the task for each number; gives results in the order of the numbers."""

CONNECTING = 10.0
"""Seconds to wait for a cluster."""


class ClusterError(Exception):
    """A cluster that cannot be used."""


def one_by_one(task: Task, numbers: Iterable[int]) -> Iterator[Sample]:
    """No workers: one replication after the other."""
    return map(task, numbers)


def by_threads(workers: int) -> Spread:
    """So many threads; the engine lets go of the interpreter while it runs."""

    def spread(task: Task, numbers: Iterable[int]) -> Iterator[Sample]:
        pool = ThreadPoolExecutor(workers)
        try:
            yield from pool.map(task, numbers)
        finally:  # interrupted: what has not begun never will
            pool.shutdown(cancel_futures=True)

    return one_by_one if workers == 1 else spread


def watched(spread: Spread, seen: Callable[[Sample], None]) -> Spread:
    """The same, and each result is shown to `seen` as it comes."""

    def spread_and_show(task: Task, numbers: Iterable[int]) -> Iterator[Sample]:
        for sample in spread(task, numbers):
            seen(sample)
            yield sample

    return spread_and_show


@contextmanager
def by_cluster(address: str) -> Iterator[Spread]:
    """The workers of the Dask scheduler at `address`, e.g. tcp://10.0.0.5:8786.

    Raises `ClusterError` without the extra `cluster`, or if nobody answers within 10 s.
    """
    client = _client(address)
    try:
        yield on_dask(client)
    finally:
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ClusterError("Dask is not here: pip install 'hotline95598[cluster]'") from None
    try:
        return Client(address, timeout=CONNECTING, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterError(f"{address}: no Dask scheduler answers there") from error


def on_dask(client: Any) -> Spread:
    """The workers of a connected client."""

    def spread(task: Task, numbers: Iterable[int]) -> Iterator[Sample]:
        import joblib

        with joblib.parallel_config(backend="dask", client=client):
            parallel = joblib.Parallel(n_jobs=-1, return_as="generator")
            yield from parallel(joblib.delayed(task)(number) for number in numbers)

    return spread
