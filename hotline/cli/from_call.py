"""`hotline scenario-from-call CALL_ID`: a scenario that makes a stored call once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline.callers.writing import as_yaml
from hotline.cli.problems import EXIT_FINDINGS

if TYPE_CHECKING:
    from hotline.callers.from_call import Draft
    from hotline.callers.listening import Perceived
    from hotline.switch.record import Entry
    from menus.model import Book

Experience = list[tuple[str, str, tuple[tuple[str, str], ...]]]

_WORDS = {
    "zh": {
        "same": "在内存中重跑，所听所按一致：{n} 项",
        "differs": "重跑时第 {n} 项不同：原通话 {was}，场景 {now}",
        "nothing": "无",
        "note": "无法重现：{text}",
        "made": "由通话 {call} 生成",
    },
    "en": {
        "same": "run in memory, the same was heard and pressed: {n} items",
        "differs": "item {n} differs when run: the call had {was}, the scenario {now}",
        "nothing": "nothing",
        "note": "cannot be repeated: {text}",
        "made": "made from call {call}",
    },
}


@click.command("scenario-from-call")
@click.argument("call", metavar="CALL_ID")
@click.option("--database", default="sqlite:///hotline.db", show_default=True, help="URL.")
@click.option("--book", type=click.Path(), help="The book the call went through.")
@click.option("--out", type=click.Path(dir_okay=False), help="Write to this file, not the screen.")
@click.option("--name", help="The scenario's name; by default the call's id.")
@click.option("--reveal", is_flag=True, help="Keep true telephone and account numbers.")
@click.pass_obj
def from_call(
    lang: str,
    call: str,
    database: str,
    book: str | None,
    out: str | None,
    name: str | None,
    reveal: bool,
) -> int:
    """Write the scenario of the stored call CALL_ID. 由通话生成场景

    It is run at once, in memory: exit code 0 when the caller hears and presses the same as in the
    call, 1 when something differs (told on standard error), 2 when there is no such call.
    """
    from hotline.cli.replay import stored
    from hotline.store.database import open_database
    from menus.targets import playable

    menu_book = playable(book)
    opened = open_database(database, create=False)
    try:
        entries, record = stored(opened, call)
    finally:
        opened.close()
    call = entries[0].event.call  # `last` was asked for, perhaps
    start = record.clock_start + record.arrived if record else 0.0
    time = f"{datetime.fromtimestamp(start):%Y-%m-%d %H:%M:%S}" if start else ""
    draft, text, difference = written(entries, menu_book, name or call, time, reveal=reveal)
    words = _WORDS[lang]
    text = f"# {words['made'].format(call=call)}\n{text}"
    if out is None:
        click.echo(text, nl=False)
    else:
        Path(out).write_text(text, encoding="utf-8")
    for note in draft.notes:
        click.echo(words["note"].format(text=note[lang != "zh"]), err=True)
    click.echo(_told(difference, len(draft.data["story"]), words), err=True)
    return EXIT_FINDINGS if difference else 0


def _told(difference: Difference | None, steps: int, words: dict[str, str]) -> str:
    if difference is None:
        return words["same"].format(n=steps)
    number, was, now = difference
    return words["differs"].format(n=number, was=_item(was, words), now=_item(now, words))


def _item(item: Any, words: dict[str, str]) -> str:
    return words["nothing"] if item is None else f"{item[0]} {item[1]}".rstrip()


Difference = tuple[int, Any, Any]
"""Number of the first item that differs, what it was in the call, what it is in the scenario."""


def written(
    entries: Sequence[Entry], book: Book, name: str, time: str = "", *, reveal: bool = False
) -> tuple[Draft, str, Difference | None]:
    """The draft of a call, its YAML, and where running it differs from the call.

    Numbers typed in one go get a human's range of pauses if the call then goes the same way, the
    very pauses of the call if not. What is compared is the scenario with its true numbers.
    """
    from hotline.callers.from_call import draft
    from hotline.callers.hearing import Canon
    from hotline.callers.listening import listen
    from hotline.cli.compose import built_in_pack, render

    say, canon = render(built_in_pack()), Canon.of_book(book)
    perceived = listen(entries, say, canon)
    experience = _experience(perceived)
    for exact in (False, True):
        true = draft(entries, perceived, name=name, time=time, reveal=True, exact=exact)
        again = _run(as_yaml(true.data), book)
        difference = _first_difference(experience, _experience(listen(again, say, canon)))
        if difference is None:
            break
    mine = draft(entries, perceived, name=name, time=time, reveal=reveal, exact=exact)
    return mine, as_yaml(mine.data), difference


def _run(text: str, book: Book) -> Sequence[Entry]:
    """The journal of the scenario's call."""
    from hotline.callers.reading import parse
    from hotline.callers.runner import run_with_journal
    from hotline.cli.virtual import scenario_hotlines

    (scenario,) = parse(text, "scenario")
    _, journal = run_with_journal(scenario, scenario_hotlines(book))
    return next(iter(journal.values()))


def _experience(perceived: Sequence[Perceived]) -> Experience:
    return [(item.kind, item.what, item.values) for item in perceived]


def _first_difference(was: Experience, now: Experience) -> Difference | None:
    for number, (one, other) in enumerate(zip_longest(was, now), 1):
        if one != other:
            return number, one, other
    return None
