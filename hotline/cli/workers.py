"""Who does the replications of a command: this process, its threads, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hotline.simulation.sharing import Spread


@contextmanager
def shared(workers: int, cluster: str | None) -> Iterator[Spread]:
    """So many threads, or the Dask scheduler at the address `cluster`."""
    from hotline.simulation.sharing import ClusterError, by_cluster, by_threads

    if cluster is None:
        yield by_threads(workers)
        return
    try:
        with by_cluster(cluster) as spread:
            yield spread
    except ClusterError as error:
        raise click.UsageError(f"--cluster: {error}") from error
