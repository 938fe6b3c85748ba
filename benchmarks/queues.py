"""The queue engine against its peers, doing the same work in one run.

    python benchmarks/queues.py [--calls 200000] [--runs 3]        peers: pip install -e .[peers]

The work with the peers: Poisson arrivals at 47.5 a minute, one skill, 200 agents, exponential
handling of 4 minutes, patience of 3 minutes; counted: answered, abandoned, answered within 12 s,
the sum of waits. The script of 15 lines knows no patience and is measured without (Erlang C).
Before it the engine's full model: a day of a million calls; and the typhoon's day of the examples,
with tens of thousands of bookings in line. Reported are calls per second of
processor time, the best of the runs, ratios to the engine, and how long this process waited for a
processor (a busy machine makes all figures worse). A peer that is not installed is left out.
"""

from __future__ import annotations

import argparse
import heapq
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

sys.path.append(sys.path.pop(0))  # the standard library has a `queue` too, and others need it

import numpy as np
from calls import machine

from hotline.simulation.building import run_of
from hotline.simulation.engine import laws
from hotline.simulation.engine.model import Group, Model, Queue, Redial, minimal, uniform_edges
from hotline.simulation.engine.run import compile_now, simulate
from hotline.simulation.engine.staffing import from_levels
from hotline.simulation.reading import read_plan
from hotline.simulation.sample import replicate

TYPHOON = Path(__file__).parents[1] / "examples" / "plans" / "typhoon-day.yaml"
PER_SECOND, HANDLE, PATIENCE, AGENTS, WITHIN = 47.5 / 60, 240.0, 180.0, 200, 12.0


def waited_for_processor() -> float:
    """Seconds that this process was ready to run and did not (Linux; else 0)."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


def engine(calls: int) -> float:
    """Calls per second inside the compiled engine."""
    model = minimal(
        laws.exponential(HANDLE), laws.exponential(PATIENCE), AGENTS, PER_SECOND, calls / PER_SECOND
    )
    result = simulate(model, seed=random.randrange(2**31))
    return result.calls / result.seconds


def script(calls: int) -> float:
    """The script that everybody tries first (Kiefer and Wolfowitz): no patience, no skills."""
    draw = random.Random(1).expovariate
    free, now, waits, within = [0.0] * AGENTS, 0.0, 0.0, 0
    began = time.process_time()
    for _ in range(calls):
        now += draw(PER_SECOND)
        start = max(now, free[0])
        heapq.heapreplace(free, start + draw(1 / HANDLE))
        waits += start - now
        within += start - now <= WITHIN
    return calls / (time.process_time() - began)


def simpy(calls: int) -> float:
    """SimPy: one process a call, which waits for the agent or for the end of its patience."""
    import simpy as peer

    world, draw = peer.Environment(), random.Random(1).expovariate
    agents = peer.Resource(world, AGENTS)
    sums = [0, 0, 0, 0.0]

    def call():
        asked = world.now
        with agents.request() as request:
            yield request | world.timeout(draw(1 / PATIENCE))
            wait = world.now - asked
            sums[3] += wait
            if not request.triggered:
                sums[1] += 1
                return
            sums[0] += 1
            sums[2] += wait <= WITHIN
            yield world.timeout(draw(1 / HANDLE))

    def arrivals():
        for _ in range(calls):
            yield world.timeout(draw(PER_SECOND))
            world.process(call())

    world.process(arrivals())
    began = time.process_time()
    world.run()
    return calls / (time.process_time() - began)


def ciw(calls: int) -> float:
    """Ciw: a network of one node with reneging; its records are the sums."""
    import ciw as peer

    network = peer.create_network(
        arrival_distributions=[peer.dists.Exponential(PER_SECOND)],
        service_distributions=[peer.dists.Exponential(1 / HANDLE)],
        reneging_time_distributions=[peer.dists.Exponential(1 / PATIENCE)],
        number_of_servers=[AGENTS],
    )
    peer.seed(1)
    world = peer.Simulation(network)
    began = time.process_time()
    world.simulate_until_max_time(calls / PER_SECOND)
    records = world.get_all_records()
    return len(records) / (time.process_time() - began)


def cimba(calls: int) -> float:
    """Cimba's Python front, in a process of its own: a compiled model, coroutines in C."""
    if find_spec("cimba") is None:
        raise ImportError("cimba")
    program = Path(__file__).with_name("queues_cimba.py")
    work = (calls, 2, PER_SECOND, HANDLE, PATIENCE, AGENTS)
    said = subprocess.check_output([sys.executable, program, *map(str, work)], text=True)
    return float(said)


def full_day(calls: int = 1_000_000) -> Model:
    """A day with eight skills, priorities, ringing, after-call work, shifts, trunks, redials."""
    edges = uniform_edges(86_400.0, 1800.0)
    shape = 1 + 0.8 * np.sin((np.arange(48) / 48 - 0.3) * 2 * np.pi)
    weights = np.array([30, 20, 15, 10, 10, 8, 5, 2.0])
    rates = np.outer(weights / weights.sum(), shape * calls / 86_400.0)
    redial = Redial(0.5, 0.7, laws.exponential(300.0))
    queues = tuple(
        Queue(
            f"q{n}", laws.lognormal(240.0, 1.0), laws.exponential(180.0), laws.exponential(30.0),
            priority=float(n % 3), redial=redial,
        )
        for n in range(8)
    )  # fmt: skip
    groups = tuple(
        Group(f"g{n}", 0, tuple((n + k) % 8 for k in range(3)), ring=laws.uniform(2.0, 6.0))
        for n in range(8)
    )
    load = rates.sum(axis=0) * 274.0
    levels = np.array([np.ceil(1.02 * load / 8).astype(np.int64)] * 8)
    groups = tuple(
        Group(g.name, int(row.max()), g.skills, g.ring)
        for g, row in zip(groups, levels, strict=True)
    )
    return Model(
        edges=edges, queues=queues, groups=groups, rates=rates, duties=from_levels(edges, levels),
        trunks=int(2 * load.max()),
    )  # fmt: skip


def typhoon_day(runs: int) -> float:
    """Calls per second of the best run of the typhoon's day: overload, bookings, a centre lost."""
    run = run_of(read_plan(TYPHOON))
    samples = [replicate(run, 0, number) for number in range(runs)]
    return max(sample.calls / sample.seconds for sample in samples)


PEERS = (
    ("script of 15 lines", script), ("SimPy", simpy), ("Ciw", ciw), ("cimba", cimba),
)  # fmt: skip


def best(peer: Callable[[int], float], calls: int, runs: int) -> float | None:
    """Calls per second of the best run; None when the peer is not installed."""
    try:
        return max(peer(calls) for _ in range(runs))
    except ImportError:
        return None


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--calls", type=int, default=200_000)
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}")
    before = time.process_time()
    compile_now()
    print(f"compiling, or reading what is compiled: {time.process_time() - before:.1f} s")
    model = full_day()
    results = [simulate(model, seed=n) for n in range(given.runs)]
    result = min(results, key=lambda one: one.seconds / one.calls)
    print(
        f"full model: {result.calls:,} calls, {model.agents:,} agents in {result.seconds:.2f} s: "
        f"{result.calls / result.seconds:,.0f} calls/s; "
        f"answered {result.totals.answered.sum() / result.totals.offered.sum():.1%}"
    )
    print(
        f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most; "
        f"waited {waited_for_processor():.1f} s for a processor"
    )
    print(f"typhoon's day with call-backs: {typhoon_day(given.runs):,.0f} calls/s")
    ours = best(engine, max(given.calls, 2_000_000), given.runs)
    assert ours is not None
    print(f"{'one skill, 200 agents':<28}{'calls/s':>12}{'engine is':>12}")
    print(f"{'this engine':<28}{ours:>12,.0f}")
    for name, peer in PEERS:
        theirs = best(peer, given.calls // (10 if peer is ciw else 1), given.runs)
        if theirs is None:
            print(f"{name:<28}{'not installed':>12}")
        else:
            print(f"{name:<28}{theirs:>12,.0f}{ours / theirs:>11,.0f}x")


if __name__ == "__main__":
    main()
