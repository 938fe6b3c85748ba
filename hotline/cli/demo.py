"""`hotline demo`: a demonstration day in virtual time, its planted violations, and its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import click

from hotline.cli.problems import EXIT_FINDINGS

if TYPE_CHECKING:
    from hotline.cli.compose import Parts
    from hotline.demonstration.plants import Broken, Planted
    from hotline.standard.report import Report
    from hotline.switch.clock import VirtualClock
    from hotline.switch.record import Entry


@dataclass(frozen=True)
class Day:
    """What came of the day."""

    report: Report
    planted: frozenset[Broken]
    found: frozenset[Broken]
    seconds: float


@click.command()
@click.option("--calls", default=1000, show_default=True, type=click.IntRange(1, 200_000))
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--html", default="hotline-report.html", show_default=True, help="The report's page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the table.")
@click.option("--fail-on", multiple=True, help="As for `hotline report`.")
@click.pass_obj
def demo(
    lang: str, calls: int, seed: int, html: str, as_json: bool, fail_on: tuple[str, ...]
) -> int:
    """A day of scripted calls with planted violations, and what the report finds. 演示日

    Exit code 1 if the report does not find exactly what was planted, else 0.
    """
    from hotline.cli.report import show

    day = run_day(calls, seed, progress=not as_json)
    code = show(day.report, lang, as_json=as_json, html=html, fail_on=fail_on)
    missed, wrong = day.planted - day.found, day.found - day.planted
    zh = lang == "zh"
    click.echo(
        f"埋设的违规 {len(day.planted)} 处，查出 {len(day.planted & day.found)} 处，"
        f"误报 {len(wrong)} 处；{day.report.calls:,} 通电话，用时 {day.seconds:.1f} 秒"
        if zh
        else f"planted violations: {len(day.planted)}, found: {len(day.planted & day.found)}, "
        f"false alarms: {len(wrong)}; {day.report.calls:,} calls in {day.seconds:.1f} s",
        err=as_json,
    )
    for word, broken in (("not found", missed), ("false alarm", wrong)):
        for item in sorted(broken):
            click.echo(f"  {word}: {item.clause} {item.rule} {item.where}", err=True)
    return EXIT_FINDINGS if missed or wrong else code


def run_day(calls: int, seed: int, *, progress: bool = False) -> Day:
    """Play the day and report on it. The same `calls` and `seed` give the same day."""
    import time

    from agents.generated import generate
    from agents.roster import Roster
    from agents.roster_file import load_roster
    from hotline.callers.personas import Asks
    from hotline.cli.compose import Parts, built_in_pack
    from hotline.cli.reporting import local_offset, timed, workdays
    from hotline.cli.virtual import VirtualHotline
    from hotline.demonstration import day as d
    from hotline.demonstration import plants
    from hotline.services.model import WorkOrder
    from hotline.services.seed import seeded
    from hotline.standard.book_checks import check_book
    from hotline.standard.report import ReportBuilder
    from hotline.switch.chance import Chance
    from hotline.switch.clock import VirtualClock
    from hotline.switch.record import fold
    from menus.loader import load

    began = time.perf_counter()
    chance, clock, book = Chance(seed), VirtualClock(), load()
    roster = Roster((*load_roster(), *generate(40, seed, first_number=5001)))
    records = seeded(d.START, customers=100).fork()
    parts = Parts(book, roster, built_in_pack(), records, chance=chance, start=d.START)
    builder = ReportBuilder(book=book, agents=roster.by_id, examples=200, utc_offset=local_offset())

    def close(entries: Sequence[Entry]) -> None:
        builder.add_call(timed(fold(entries), d.START), entries)

    hotline = VirtualHotline(parts, clock=clock, on_closed=close)
    asks = Asks.of_book(book, hotline.canon)
    for arrival in d.arrivals(calls, chance):
        caller = d.persona_caller(arrival, book, hotline.canon, asks, chance)
        clock.call_at(arrival.at, partial(hotline.line.place, caller, arrival.call))
    for plant in plants.calls():
        _plant(plant, parts, clock, close)
    _let_the_day_pass(clock, d.DAY, progress)

    builder.add_results(check_book(load(d.BOOKS / plants.BOOK_FILE), builder.edition))
    builder.add_agents([*hotline.journal.general, d.put_on_duty(plants.UNFIT)])
    made = [d.back_office(asdict(order)) for order in records.own(WorkOrder) if order.call]
    lapsed = [order for order, _ in plants.orders(d.START)]
    builder.add_orders([*made, *lapsed], workdays=workdays)
    builder.add_outages(plants.outages(d.START))
    builder.add_dispositions(plants.dispositions())
    report = builder.build()
    seconds = time.perf_counter() - began
    return Day(report, plants.expected(d.START), d.found(report), seconds)


def _let_the_day_pass(clock: VirtualClock, day: float, progress: bool) -> None:
    """Run the clock to the end of the day and until the last caller has gone."""
    from rich.console import Console
    from rich.progress import Progress

    hours = 24
    with Progress(console=Console(stderr=True), transient=True, disable=not progress) as bar:
        task = bar.add_task("00:00", total=hours)
        for hour in range(1, hours + 1):
            clock.run(day * hour / hours)
            bar.update(task, advance=1, description=f"{hour:02d}:00")
        clock.run(day + 3 * 3600)


def _plant(
    plant: Planted,
    main: Parts,
    clock: VirtualClock,
    close: Callable[[Sequence[Entry]], None],
) -> None:
    """A branch of its own for the planted call, on the day's clock."""
    from agents.roster import Roster
    from hotline.cli.virtual import VirtualHotline
    from hotline.demonstration import day as d
    from hotline.demonstration.caller import TimedCaller
    from hotline.services.live import Faults
    from hotline.services.records import MemoryRecords
    from menus.loader import load

    branch = plant.branch
    assert isinstance(main.records, MemoryRecords)
    parts = replace(
        main,
        book=load(d.BOOKS / branch.book) if branch.book else main.book,
        roster=Roster(branch.agents),
        behaviours={"": branch.behaviour},
        acd=branch.acd,
        records=main.records.fork(),
        faulty=plant.faulty,
    )

    def closed(entries: Sequence[Entry]) -> None:
        # what happened after the branch's machine stopped did not happen
        is_it = plant.killed and entries[0].event.call == plant.call
        close(d.killed(entries, plant.at + 20.0) if is_it else entries)

    hotline = VirtualHotline(
        parts,
        clock=clock,
        on_closed=closed,
        faults=Faults(broken=set(branch.broken_services)),
        on_duty=None if branch.on_duty else frozenset(),
    )
    caller = d.planted_caller(plant)
    clock.call_at(plant.at, lambda: hotline.line.place(caller, plant.call))
    if plant.after is not None:
        before, plan = plant.after
        innocent = TimedCaller(plan, "13800138008")
        clock.call_at(
            plant.at - before, lambda: hotline.line.place(innocent, f"{plant.call}-before")
        )


__all__ = ["Day", "demo", "run_day"]
