"""Replications shared among threads and machines: the same figures, and nothing is lost."""

import json
import os
import signal

import numpy as np
import pytest
from distributed import Client, LocalCluster

from hotline.simulation.experiment import Wish, experiment
from hotline.simulation.sharing import ClusterError, by_cluster, by_threads, on_dask
from hotline.simulation.staff import staffed
from tests.simulation.plans import GONE, group, plan, queue

SMALL = {"queues": [queue(calls_per_hour=285)], "groups": [group(agents=20)]}
WISH = Wish(calls=3000, replications=24, seed=5)


def sums(found):
    return [sample.units for sample in found.samples]


def same(one, other):
    return len(one) == len(other) and all(
        np.array_equal(a[name], b[name]) for a, b in zip(one, other, strict=True) for name in a
    )


@pytest.fixture(scope="module")
def alone():
    return experiment(plan(**SMALL), WISH)


@pytest.mark.parametrize("workers", [2, 5])
def test_any_number_of_threads_gives_the_same_sums(alone, workers):
    assert same(sums(experiment(plan(**SMALL), WISH, by_threads(workers))), sums(alone))


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1", scheduler_port=0, silence_logs=50,
    ) as made:  # fmt: skip
        yield made


def test_two_processes_give_the_same_sums_and_a_killed_one_loses_nothing(cluster, alone):
    """After the third result one of the two workers is killed; the other does its share."""
    with Client(cluster, set_as_default=False) as client:
        pids = client.run(os.getpid)
        assert len(set(pids.values())) == 2
        assert os.getpid() not in pids.values()
        victim, seen = next(iter(pids.values())), []

        def progress(sample):
            seen.append(sample)
            if len(seen) == 3:
                os.kill(victim, signal.SIGKILL)

        found = experiment(plan(**SMALL), WISH, on_dask(client), progress)
        assert same(sums(found), sums(alone))
        assert len(seen) == WISH.replications
        assert victim not in client.run(os.getpid, on_error="ignore").values()


def test_the_command_runs_on_a_cluster(cluster, hotline_command, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text("queues: [{name: a, calls_per_hour: 90, handle: {distribution: exponential, mean: 200}}]\n"
                    "groups: [{name: g, agents: 8, skills: [a]}]\n", encoding="utf-8")  # fmt: skip
    options = ("simulate", file, "--calls", "1000", "--replications", "4", "--json")
    here, there = (json.loads(hotline_command(*options, *more))
                   for more in ((), ("--cluster", cluster.scheduler_address)))  # fmt: skip
    assert here["queues"] == there["queues"]


def test_staffing_does_not_depend_on_the_workers():
    profile = {"every": 60, "shares": [1] * 8 + [5] * 10 + [2] * 6}
    item = queue(profile=profile, calls_per_day=300, calls_per_hour=GONE)
    day = plan(queues=[item], groups=[group(agents=1)], staff={"every": 60})
    here, there = staffed(day), staffed(day, 0, by_threads(3))
    assert here.steps.groups.tolist() == there.steps.groups.tolist()


def test_a_cluster_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr("hotline.simulation.sharing.CONNECTING", 0.5)
    with (
        pytest.raises(ClusterError, match="no Dask scheduler answers"),
        by_cluster("tcp://127.0.0.1:1"),
    ):
        pass


@pytest.mark.parametrize("workers", [1, 3])
def test_ctrl_c_keeps_the_replications_that_are_done(alone, workers):
    seen = []

    def progress(sample):
        seen.append(sample)
        if len(seen) == 7:
            raise KeyboardInterrupt

    found = experiment(plan(**SMALL), WISH, by_threads(workers), progress)
    assert found.interrupted
    assert same(sums(found), sums(alone)[:7])
    assert found.queue(0)["service_level"].half > 0


def test_ctrl_c_before_anything_is_done_is_an_interruption():
    def spread(task, numbers):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiment(plan(**SMALL), WISH, spread)
