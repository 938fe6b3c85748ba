"""`hotline test --generate DIR`: write the suite that a book's menus enumerate."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import click

from hotline.callers.generation import MARK, Case, generate, menu_text
from hotline.callers.reading import parse
from hotline.callers.runner import run
from hotline.callers.ways import Ways
from hotline.cli.samples import seeded_world
from hotline.cli.virtual import scenario_hotlines
from hotline.services.catalogue import log as services_log
from menus.loader import default_book
from menus.model import Book
from menus.paths import CallerPath
from menus.targets import playable

_WORDS = {
    "zh": {
        "wrote": "{folder}：{files} 个文件，{cases} 个场景，都在这份菜单上通过",
        "untaken": "{count} 条走法没有样例数据能走到，请手写（用 given 准备数据）：",
        "failed": "{count} 个场景在这份菜单上不通过，没有写出：",
        "more": "  …… 共 {count} 条",
        "next": "运行：hotline test {folder}{book}",
    },
    "en": {
        "wrote": "{folder}: {files} files, {cases} scenarios, all of which pass on this book",
        "untaken": "{count} ways that no sample data take; write them by hand, with `given`:",
        "failed": "{count} scenarios do not pass on this book and were not written:",
        "more": "  ... {count} in all",
        "next": "run: hotline test {folder}{book}",
    },
}
LISTED = 10
"""ways named that were left out"""


def write_suite(folder: Path, book: str | None, lang: str) -> int:
    """Write one file a menu of the book into `folder`; files of an earlier time are replaced."""
    menu_book = playable(book)
    level = services_log.level
    services_log.setLevel(logging.CRITICAL)  # a sample that does not fit is no trouble
    try:
        suite = generate(menu_book, Ways(menu_book, *seeded_world()))
    finally:
        services_log.setLevel(level)
    good, bad = _sorted_out(menu_book, suite.menus)
    _refuse_foreign(folder, good)
    folder.mkdir(parents=True, exist_ok=True)
    source = Path(book).name if book else default_book().name
    for menu, cases in good.items():
        text = menu_text(menu_book, menu, cases, source)
        (folder / f"{menu}.yaml").write_text(text, encoding="utf-8")
    words = _WORDS[lang[:2]]
    count = sum(len(cases) for cases in good.values())
    click.echo(words["wrote"].format(folder=folder, files=len(good), cases=count))
    for line in _listed(words, "untaken", [_way(menu_book, path) for path in suite.untaken]):
        click.echo(line)
    for line in _listed(words, "failed", bad):
        click.echo(line)
    option = f" --book {book}" if book else ""
    click.echo(words["next"].format(folder=folder, book=option))
    return 0


def _sorted_out(
    book: Book, menus: dict[str, list[Case]]
) -> tuple[dict[str, list[Case]], list[str]]:
    """The cases that pass on the book by menu, and the names of those that do not."""
    factory = scenario_hotlines(book)
    good: dict[str, list[Case]] = {}
    bad: list[str] = []
    for menu, cases in menus.items():
        for case in cases:
            (scenario,) = parse(case.text(), f"{menu}.yaml")
            if run(scenario, factory).passed:
                good.setdefault(menu, []).append(case)
            else:
                bad.append(case.name)
    return good, bad


def _refuse_foreign(folder: Path, menus: dict[str, list[Case]]) -> None:
    """Nothing that somebody wrote by hand is overwritten."""
    if folder.exists() and not folder.is_dir():
        raise click.ClickException(f"{folder} is a file: name a folder")
    for menu in menus:
        file = folder / f"{menu}.yaml"
        if file.exists() and not file.read_text("utf-8", errors="replace").startswith(MARK):
            raise click.ClickException(
                f"{file} was not generated and is not overwritten: choose another folder"
            )


def _listed(words: dict[str, str], title: str, items: list[str]) -> Iterator[str]:
    if not items:
        return
    yield words[title].format(count=len(items))
    yield from (f"  {item}" for item in items[:LISTED])
    if len(items) > LISTED:
        yield words["more"].format(count=len(items))


def _way(book: Book, path: CallerPath) -> str:
    """A way as keys and outcomes, with the place of the step that no sample brings about."""
    told = [
        move.value if move.kind == "key" else f"{move.at[1]}={move.value}"
        for move in path.moves
        if move.kind in ("key", "outcome")
    ]
    last = path.moves[-1].at
    place = book.steps[last[1]].place if last[0] == "step" else book.menus[last[1]].place
    return f"{place}: {' '.join(told)}"
