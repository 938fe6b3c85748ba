"""A load carried out: by this process, or shared among several, each with a core of its own.

    this process --Task (its share of the calls)--> worker          one process each
                 <-- ready ------------------------                 all are set up
                 --- begin, an instant ----------->                 the same for all
                 <-- Live, Live, ... --------------                 what the bar shows
                 <-- Done, or Nobody ---------------

The calls are dealt out in turn, so every worker has its part of each moment. The clock is the
machine's own (CLOCK_MONOTONIC), which all of its processes share.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import click

from hotline.cli import sound
from hotline.cli.load_callers import Crew
from hotline.cli.network import telephone
from hotline.load.calls import LoadCall, Planned
from hotline.load.outcome import DriverFacts
from hotline.load.run import Limits, Live, LoadRun
from hotline.simulation.plan import Plan
from hotline.telephony.caller import UnreachableError, wall_engine
from menus.loader import load as load_book

SOON = 0.3
"""Seconds from "all are ready" to the beginning."""

Watch = Callable[[Live], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What to call and how it is heard: all that travels to a worker."""

    plan: Plan
    target: str
    seed: int
    timeout: float
    book: str | None = None
    recordings: tuple[str, ...] = ()
    pack: str | None = None
    hear: str = "pack"
    calls: tuple[Planned, ...] = ()

    def crew(self) -> Crew:
        """Its callers. Raises `PlanError`, `ScenarioError`, `UsageError`."""
        heard = sound.chosen(self.book, self.pack, self.hear, self.recordings)
        ours = not self.pack and self.hear == "pack"
        return Crew(self.plan, heard, load_book(self.book) if ours else None, self.seed)

    def shares(self, workers: int) -> Iterator[Task]:
        """The task dealt out to so many."""
        rules = self.plan.load
        for number in range(workers):
            lines = rules.concurrent // workers + (number < rules.concurrent % workers)
            plan = replace(self.plan, load=replace(rules, concurrent=max(1, lines)))
            yield replace(self, plan=plan, calls=self.calls[number::workers])


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task."""

    calls: tuple[LoadCall, ...]
    driver: DriverFacts
    interrupted: bool = False

    def __add__(self, other: Done) -> Done:
        calls = sorted((*self.calls, *other.calls), key=lambda call: call.planned.number)
        return Done(tuple(calls), self.driver + other.driver, self.interrupted or other.interrupted)


@dataclass(frozen=True, slots=True)
class Nobody:
    """A worker found nobody at `url`."""

    url: str
    why: str


def run_here(task: Task, crew: Crew, watch: Watch) -> Done:
    """Make the calls from this process. Raises `UnreachableError`."""
    _warm_up(crew)
    return asyncio.run(_run(task, crew, watch, time.monotonic() + SOON))


def _warm_up(crew: Crew) -> None:
    """Make what all calls share. What is here by then stays: were the collector to walk it again
    and again, all audio would wait for it."""
    crew.sound.warm_up()
    gc.collect()
    gc.freeze()


async def _run(task: Task, crew: Crew, watch: Watch, begin: float) -> Done:
    """`begin`: when the run starts, of `time.monotonic`."""
    engine, loop = wall_engine(), asyncio.get_running_loop()
    rules = task.plan.load
    limits = Limits(rules.concurrent, rules.drain, task.plan.limits.answer_within)
    async with AsyncExitStack() as stack:
        dial = await telephone(stack, task.target, crew.sound, engine, task.timeout, measured=True)
        origin = engine.clock.now() + begin - loop.time()
        run = LoadRun(task.calls, crew, dial, engine.clock, limits, origin=origin, watch=watch)
        used, since = time.process_time(), time.monotonic()
        with _on_interrupt(run):
            made = await run.run()
        used, passed = time.process_time() - used, time.monotonic() - since
    return Done(made, DriverFacts.of(engine.statistics, used, passed), run.interrupted)


@contextmanager
def _on_interrupt(run: LoadRun) -> Iterator[None]:
    """Ctrl-C ends the calls and keeps what is known."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, run.interrupt)
    try:
        yield
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


# --- several processes -------------------------------------------------------------------------


def run_shared(task: Task, workers: int, watch: Watch) -> Done:
    """Make the calls from `workers` processes. Raises `UnreachableError`."""
    context = get_context("spawn")
    crew: list[tuple[BaseProcess, Connection]] = []
    try:
        for share in task.shares(workers):
            ours, theirs = context.Pipe()
            process: BaseProcess = context.Process(target=_work, args=(theirs, share), daemon=True)
            process.start()
            theirs.close()
            crew.append((process, ours))
        with _handing_on([process for process, _ in crew]) as stopped:
            return _together([pipe for _, pipe in crew], watch)
    except EOFError:
        if stopped:
            raise KeyboardInterrupt from None  # before there was anything to tell
        raise click.ClickException("a worker of the load died, and its calls with it") from None
    finally:
        for process, pipe in crew:
            process.terminate()
            process.join(10)
            pipe.close()


@contextmanager
def _handing_on(processes: Sequence[BaseProcess]) -> Iterator[list[int]]:
    """Ctrl-C ends the calls of all workers, which then tell what they know; gives the signals that
    came. A terminal tells the workers too; a second time does no harm."""
    came: list[int] = []

    def stop(number: int, frame: object) -> None:
        came.append(number)
        for process in processes:
            process.terminate()

    before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _together(pipes: Sequence[Connection], watch: Watch) -> Done:
    for pipe in pipes:
        pipe.recv()
    begin = time.monotonic() + SOON
    for pipe in pipes:
        pipe.send(begin)
    lives = dict.fromkeys(pipes, Live())
    done: list[Done] = []
    while lives:
        ready = connection.wait(list(lives))
        for pipe in [pipe for pipe in lives if pipe in ready]:
            _take(pipe, lives, done)
        watch(sum(lives.values(), Live()))
    total = done[0]
    for other in done[1:]:
        total += other
    return total


def _take(pipe: Connection, lives: dict[Connection, Live], done: list[Done]) -> None:
    """What a worker says; what it raised is raised here."""
    match pipe.recv():
        case Live() as live:
            lives[pipe] = live
        case Done() as share:
            del lives[pipe]
            done.append(share)
        case Nobody(url, why):
            raise UnreachableError(url, why)


def _work(pipe: Connection, task: Task) -> None:
    """A worker's whole life."""
    for name in (signal.SIGINT, signal.SIGTERM):  # until the calls can be ended in order
        signal.signal(name, lambda number, frame: sys.exit(0))
    crew = task.crew()
    _warm_up(crew)
    pipe.send("ready")

    def tell(live: Live) -> None:
        try:
            pipe.send(live)
        except OSError:  # who asked us is gone: nobody may go on calling for him
            raise SystemExit(1) from None

    try:
        pipe.send(asyncio.run(_run(task, crew, tell, pipe.recv())))
    except UnreachableError as error:
        pipe.send(Nobody(error.url, error.why))
