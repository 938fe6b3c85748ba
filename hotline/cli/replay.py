"""`hotline replay CALL_ID`: a stored call once more, and whether it would go the same way today."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from hotline.cli.problems import EXIT_FINDINGS

if TYPE_CHECKING:
    from hotline.store.database import Database
    from hotline.switch.record import CallRecord, Entry
    from hotline.switch.replay import Deed, Divergence, Replayed
    from menus.model import Book

_WORDS = {
    "zh": {
        "same": "动作一致：{n}",
        "differs": "{at:.1f} 秒处不一致（此前 {n} 个动作一致）",
        "recorded": "记录的动作",
        "replayed": "现在的动作",
        "nothing": "无",
        "book": "若通话经过的是另一份菜单，请用 --book 指定",
        "keys": "回车：下一行；Ctrl-C：结束",
        "listed": "回放其中一通：hotline replay 编号（last 是最近一通）",
        "none": "还没有通话",
    },
    "en": {
        "same": "same actions: {n}",
        "differs": "differs at {at:.1f} s, after {n} same actions",
        "recorded": "recorded",
        "replayed": "replayed",
        "nothing": "nothing",
        "book": "if the call went through another book, name it with --book",
        "keys": "Enter: the next line; Ctrl-C: stop",
        "listed": "play one again: hotline replay ID (last is the latest)",
        "none": "there are no calls yet",
    },
}


@click.command()
@click.argument("call", metavar="[CALL_ID]", required=False)
@click.option("--database", default="sqlite:///hotline.db", show_default=True, help="URL.")
@click.option("--book", type=click.Path(), help="The book the call went through.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="In real time, so many times as fast; at once if left out.",
)
@click.option("--step", is_flag=True, help="Wait for Enter before each line.")
@click.option("--reveal", is_flag=True, help="Show typed digits and telephone numbers.")
@click.pass_obj
def replay(
    lang: str,
    call: str | None,
    database: str,
    book: str | None,
    speed: float | None,
    step: bool,
    reveal: bool,
) -> int:
    """Play the stored call CALL_ID (or `last`) again; without it, list the latest. 回放一通电话

    Its journal is fed to the call machine of today. Exit code 0 when that does the same, 1 when
    it does something else, 2 when there is no such call or its journal was purged.
    """
    if step and speed is not None:
        raise click.UsageError("--step and --speed exclude each other: choose one")
    from hotline.cli.timeline import Timeline
    from hotline.store.database import open_database
    from menus.targets import playable

    menu_book = playable(book)
    opened = open_database(database, create=False)
    try:
        if call is None:
            for each in _latest(opened, lang):
                click.echo(each)
            return 0
        entries, record = stored(opened, call)
    finally:
        opened.close()
    if step and sys.stdin.isatty():
        click.echo(_WORDS[lang]["keys"], err=True)
    timeline = Timeline(menu_book, lang, reveal=reveal)
    start = entries[0].event.at
    lines = [(e.event.at, line) for e in entries if (line := timeline.line(e, start)) is not None]
    for line in _paced(lines, speed, step):
        click.echo(line)
    result = again(entries, menu_book, record.clock_start if record else 0.0)
    click.echo(_verdict(result, start, lang, reveal))
    return 0 if result.same else EXIT_FINDINGS


def again(entries: Sequence[Entry], book: Book, clock_start: float) -> Replayed:
    """Replay `entries` through `book`; `clock_start` (epoch s, 0: unknown) gives the hours."""
    from hotline.cli.compose import EPOCH, calendar_from
    from hotline.switch.replay import replay as compare
    from ivr import Call

    start = datetime.fromtimestamp(clock_start) if clock_start else EPOCH
    calendar = calendar_from(start)
    return compare(entries, lambda event: Call(book, calendar=calendar))


LISTED = 20
"""Calls that are listed, the latest first."""


def _latest(database: Database, lang: str) -> Iterator[str]:
    """The latest calls, one a line: id, beginning, seconds, caller, what came of it."""
    from hotline.store.calls import recent_calls

    words, calls = _WORDS[lang], recent_calls(database, LISTED)
    width = max((len(one.call) for one in calls), default=0)
    for one in calls:
        began = datetime.fromtimestamp(one.clock_start + one.arrived)
        seconds = one.ended - one.arrived
        yield (
            f"{one.call:<{width}}  {began:%Y-%m-%d %H:%M:%S}  {seconds:6.1f} s  "
            f"{one.number:<11}  {one.outcome.value}"
        )
    yield words["listed"] if calls else words["none"]


def stored(database: Database, call: str) -> tuple[list[Entry], CallRecord | None]:
    """The journal and the row of a stored call, `last` the latest; explains why there is none."""
    from hotline.store.archive import read_journal
    from hotline.store.calls import load_call, recent_calls

    if call == "last":
        latest = recent_calls(database, 1)
        if not latest:
            raise click.ClickException(f"there are no calls in {database.name} yet")
        call = latest[0].call
    record = load_call(database, call)
    entries = read_journal(database, call) if call else []
    if entries:
        return entries, record
    if record is None:
        raise click.ClickException(
            f"there is no call {call} in {database.name}: `hotline replay` alone lists the latest"
        )
    raise click.ClickException(
        f"the journal of call {call} was purged: only its row is left, which cannot be replayed"
    )


# --- pace --------------------------------------------------------------------------------------


def _paced(lines: Iterable[tuple[float, str]], speed: float | None, step: bool) -> Iterable[str]:
    if step:
        return _stepped(lines)
    return (line for _, line in lines) if speed is None else _timed(list(lines), speed)


def _stepped(lines: Iterable[tuple[float, str]]) -> Iterator[str]:
    for at, (_, line) in enumerate(lines):
        if at:
            sys.stdin.readline()
        yield line


def _timed(lines: Sequence[tuple[float, str]], speed: float) -> Iterator[str]:
    import time

    from hotline.switch.clock import PacedClock

    due: list[str] = []
    start = min((at for at, _ in lines), default=0.0)
    clock = PacedClock(1 / speed, time.monotonic, time.sleep, start=start)
    for at, line in lines:
        clock.call_at(at, lambda line=line: due.append(line))  # type: ignore[misc]
    while clock.step():
        yield due.pop()


# --- verdict -----------------------------------------------------------------------------------


def _verdict(result: Replayed, start: float, lang: str, reveal: bool) -> str:
    words = _WORDS[lang]
    divergence = result.divergence
    if divergence is None:
        return words["same"].format(n=result.actions)
    return "\n".join(
        (
            words["differs"].format(at=divergence.at - start, n=result.actions),
            *_sides(divergence, words, reveal),
            f"  {words['book']}",
        )
    )


def _sides(divergence: Divergence, words: dict[str, str], reveal: bool) -> Iterator[str]:
    for name, deed in (("recorded", divergence.recorded), ("replayed", divergence.replayed)):
        yield f"  {words[name]}: {words['nothing'] if deed is None else _shown(deed, reveal)}"


def _shown(deed: Deed, reveal: bool) -> str:
    """A deed in one line; without `reveal` no values that callers gave or were told."""
    from hotline.switch import actions as do
    from hotline.switch import events as ev

    name = type(deed).__name__
    match deed:
        case do.Play(play, what):
            return f"{name} {play} {what if reveal else what.id}"
        case do.CallService(request, service, inputs):
            return f"{name} {request} {service} {dict(inputs) if reveal else sorted(inputs)}"
        case do.DialOut() | ev.CallbackRequested() | ev.Chosen() if not reveal:
            return f"{name} {getattr(deed, 'at_id', '')} {getattr(deed, 'target', '')}".rstrip()
    return str(deed)
