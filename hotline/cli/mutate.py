"""`hotline test --mutate`: does any scenario notice when the book is changed?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import click

from hotline.callers.mutation import Bench, Result, Score, scores, total
from hotline.callers.reading import load as load_scenarios
from hotline.cli.choosing import chosen
from hotline.cli.problems import EXIT_FINDINGS
from hotline.cli.virtual import scenario_hotlines
from menus.mutants import OPERATORS, Mutant, mutants
from menus.targets import playable

_WORDS = {
    "zh": {
        "working": "变异",
        "hand-written": "手写场景",
        "generated": "生成场景",
        "total": "合计",
        "left": "存活的变异（{suite}）：",
        "reached": "到过此处而未察觉：{names}",
        "more": "等 {count} 个场景",
        "nobody": "没有场景到过此处",
        "same": "另有 {count} 个变异在通话中分辨不出，不计入：",
        "failing": "{count} 个场景在原菜单上就不通过，没有使用：{names}",
        "missed": "{suite} 发现了 {rate:.1%}，低于要求的 {wanted:g}%",
    },
    "en": {
        "working": "mutants",
        "hand-written": "hand-written",
        "generated": "generated",
        "total": "all",
        "left": "survivors ({suite}):",
        "reached": "reached without noticing: {names}",
        "more": "{count} in all",
        "nobody": "no scenario reaches it",
        "same": "{count} more that no caller can tell from the book, not counted:",
        "failing": "{count} scenarios fail on the book itself and were not used: {names}",
        "missed": "{suite} kills {rate:.1%}, less than the {wanted:g}% asked for",
    },
}
NAMED = 3
"""scenarios named with a survivor"""
CHUNK = 20
"""mutants handed to a worker at once"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to mutate, and with which scenarios."""

    paths: tuple[str, ...]
    book: str | None
    seed: int
    pattern: str = ""
    tags: tuple[str, ...] = ()

    def bench(self) -> Bench:
        """The scenarios, played once on the book itself."""
        book = playable(self.book)
        hotlines = scenario_hotlines(book)
        bench = Bench(book, hotlines.serving, self.seed)
        every = (scenario for path in self.paths for scenario in load_scenarios(path))
        bench.add(chosen(every, self.pattern, self.tags, last_failed=False))
        return bench


def mutate(
    plan: Plan, lang: str, *, workers: int = 1, kill_at_least: float = 0.0, as_json: bool = False
) -> int:
    """Run the mutants of a book past the scenarios and report; the exit code.

    `kill_at_least`: per cent of the mutants that the hand-written scenarios (or, without any, the
    generated ones) must kill.
    """
    bench = plan.bench()
    if not bench.suites:
        raise click.UsageError("no scenario passes on the book itself: nothing can be told")
    every = list(mutants(bench.book))
    tried = [mutant for mutant in every if mutant.equivalent is None]
    results = list(_progress(_judged(bench, plan, tried, workers), len(tried), lang))
    report = Report(bench, every, results)
    click.echo(json.dumps(report.to_json(), ensure_ascii=False) if as_json else report.text(lang))
    suite = bench.suites[0]
    score = total(results, suite)
    if score.rate * 100 >= kill_at_least:
        return 0
    words = _WORDS[lang[:2]]
    name = words[suite]
    missed = words["missed"].format(suite=name, rate=score.rate, wanted=kill_at_least)
    click.echo(missed, err=True)
    return EXIT_FINDINGS


# --- the work ------------------------------------------------------------------------------------


def _judged(
    bench: Bench, plan: Plan, tried: Sequence[Mutant], workers: int
) -> Iterator[list[Result]]:
    """The results of each mutant, in order, by one process or several."""
    if workers <= 1:
        yield from ([*bench.judge(mutant)] for mutant in tried)
        return
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(plan,)) as pool:
        chunks = [range(at, min(at + CHUNK, len(tried))) for at in range(0, len(tried), CHUNK)]
        for chunk, told in zip(chunks, pool.map(_work, chunks), strict=True):
            for at, results in zip(chunk, told, strict=True):
                yield [Result(tried[at], *result) for result in results]


_BENCHES: list[tuple[Bench, list[Mutant]]] = []
"""the bench of a worker process"""


def _start(plan: Plan) -> None:
    bench = plan.bench()
    _BENCHES.append((bench, [m for m in mutants(bench.book) if m.equivalent is None]))


def _work(chunk: range) -> list[list[tuple[str, str, tuple[str, ...]]]]:
    """Results without their mutants, whose changes are functions and stay in their process."""
    bench, tried = _BENCHES[0]
    return [
        [(r.suite, r.killed_by, r.noticed_nothing) for r in bench.judge(tried[at])] for at in chunk
    ]


def _progress(judged: Iterable[list[Result]], count: int, lang: str) -> Iterator[Result]:
    """The results, with a bar on the terminal while they come."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_WORDS[lang[:2]]["working"], total=count)
        for results in judged:
            bar.advance(task)
            yield from results


# --- the report ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """What `--mutate` found."""

    bench: Bench
    mutants: Sequence[Mutant]
    results: Sequence[Result]

    def text(self, lang: str) -> str:
        """A table of operators and suites, then the survivors with their places."""
        words = _WORDS[lang[:2]]
        lines = [*self._table(lang, words)]
        for suite in self.bench.suites:
            left = [r for r in self.results if r.suite == suite and not r.killed]
            if left:
                lines += ["", words["left"].format(suite=words[suite])]
                lines += [line for result in left for line in _survivor(result, lang, words)]
        same = [mutant for mutant in self.mutants if mutant.equivalent is not None]
        if same:
            lines += ["", words["same"].format(count=len(same))]
            lines += [f"  {_told(m, lang)}: {(m.equivalent or m.what).of(lang)}" for m in same]
        if self.bench.failing:
            names = ", ".join(self.bench.failing[:NAMED])
            count = len(self.bench.failing)
            lines += ["", words["failing"].format(count=count, names=names)]
        return "\n".join(lines)

    def _table(self, lang: str, words: dict[str, str]) -> Iterator[str]:
        suites = self.bench.suites
        found = {suite: scores(self.results, suite) for suite in suites}
        names = [f"{words[suite]:>16}" for suite in suites]
        yield f"{'':<18}" + "".join(names)
        for operator, name in OPERATORS.items():
            cells = [found[suite].get(operator) for suite in suites]
            if any(cells):
                yield _row(name.of(lang), cells)
        yield _row(words["total"], [total(self.results, suite) for suite in suites])

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        return {
            "suites": {
                suite: {
                    "killed": total(self.results, suite).killed,
                    "total": total(self.results, suite).total,
                    "operators": {
                        name: {"killed": score.killed, "total": score.total}
                        for name, score in scores(self.results, suite).items()
                    },
                    "survivors": [
                        {**_plain(r.mutant), "reached_by": list(r.noticed_nothing)}
                        for r in self.results
                        if r.suite == suite and not r.killed
                    ],
                }
                for suite in self.bench.suites
            },
            "equivalent": [
                {**_plain(mutant), "why": mutant.equivalent.en}
                for mutant in self.mutants
                if mutant.equivalent is not None
            ],
            "failing": self.bench.failing,
        }


def _row(name: str, cells: Sequence[Score | None]) -> str:
    wide = sum(ord(letter) > 0x2E7F for letter in name)  # a Chinese letter takes two columns
    told = [f"{c.killed:>5}/{c.total:<4}{c.rate:6.1%}" if c else "" for c in cells]
    return f"{name:<{18 - wide}}" + "".join(f"{cell:>16}" for cell in told)


def _survivor(result: Result, lang: str, words: dict[str, str]) -> Iterator[str]:
    yield f"  {_told(result.mutant, lang)}"
    names = result.noticed_nothing
    if not names:
        yield f"      {words['nobody']}"
        return
    listed = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        listed += " … " + words["more"].format(count=len(names))
    yield "      " + words["reached"].format(names=listed)


def _told(mutant: Mutant, lang: str) -> str:
    return f"{mutant.place}: {OPERATORS[mutant.operator].of(lang)}: {mutant.what.of(lang)}"


def _plain(mutant: Mutant) -> dict[str, object]:
    return {
        "operator": mutant.operator,
        "file": mutant.place.file,
        "line": mutant.place.line,
        "what": mutant.what.en,
    }


__all__ = ["Plan", "mutate"]
