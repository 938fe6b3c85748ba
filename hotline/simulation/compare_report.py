"""Variants for people: a table of differences in a terminal, and a part of the page."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.simulation.compare import Compared
from hotline.simulation.estimates import Estimate
from hotline.simulation.page import Part, Plot
from hotline.simulation.tables import NAMES, WIDE, shown
from hotline.standard.plots import differences
from menus.wording import Both

TITLE = Both("与本计划之差（95% 区间，同一批来电）",
             "Differences to the plan (95 % intervals, the same callers)")  # fmt: skip
IN_TABLE = ("service_level", "abandoned_fraction", "blocked_fraction", "mean_wait",
            "mean_wait_answered", "callback")  # fmt: skip
CLEAR = Both("* 区间不含 0；比例之差是百分点，通数之差是每次运行",
             "* the interval does not contain 0; shares differ by percentage points, counts by so "
             "many in a run")  # fmt: skip


def cell(name: str, e: Estimate, runs: int) -> str:
    """A difference and half its interval; * where chance does not explain it."""
    kind = NAMES[name][1]
    if e.value is None:
        return "-"
    value = f"{e.value:{_SIGNED.get(kind, '+.2f')}}"
    if e.half is None:
        return value
    return f"{value} ±{shown(e.half, kind)}{'' if e.covers(0.0) else ' *'}"


_SIGNED = {"share": "+.2%", "count": "+,.0f"}


def table(all_: Sequence[Compared], language: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: one row a variant and queue."""
    used = [name for name in IN_TABLE if name not in ("blocked_fraction", "callback")
            or any(e.value for one in all_ for e in _column(one, name))]  # fmt: skip
    heads = [Both("方案", "variant").of(language), Both("队列", "queue").of(language),
             *(NAMES[name][0].of(language) for name in used)]  # fmt: skip
    rows = []
    for one in all_:
        queues = one.queues()
        whole = queues.pop("")
        if len(queues) > 1:
            queues[Both("合计", "all").of(language)] = whole
        runs = len(one.found.samples)
        for place, (queue, own) in enumerate(queues.items()):
            cells = [cell(name, own[name], runs) for name in used]
            rows.append([one.name if not place else "", queue, *cells])
    return heads, rows


def _column(one: Compared, name: str) -> list[Estimate]:
    return [own[name] for own in one.queues().values()]


def print_compared(all_: Sequence[Compared], language: str) -> None:
    """Print the table."""
    from rich.console import Console
    from rich.table import Table

    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = WIDE
    heads, rows = table(all_, language)
    drawn = Table(title=TITLE.of(language), title_justify="left", box=None, pad_edge=False,
                  header_style="bold", title_style="bold")  # fmt: skip
    for number, head in enumerate(heads):
        drawn.add_column(head, justify="right" if number > 1 else "left")
    for row in rows:
        drawn.add_row(*row)
    console.print(drawn)
    console.print(CLEAR.of(language), style="dim", markup=False)


def part(all_: Sequence[Compared], language: str) -> Part:
    """The part of a page: charts of the differences over all queues, then the table."""
    heads, rows = table(all_, language)
    plots = [_plot(all_, name, language) for name in ("service_level", "abandoned_fraction")]
    plots.append(_plot(all_, "mean_wait", language))
    return Part(TITLE.of(language), plots, heads, rows, [CLEAR.of(language)])


def _plot(all_: Sequence[Compared], figure: str, language: str) -> Plot:
    rows = []
    for one in all_:
        e = one.queues()[""][figure]
        if e.value is not None and e.low is not None and e.high is not None:
            rows.append((one.name, e.value, e.low, e.high))
    name, kind = NAMES[figure]
    form = "{:+.2%}" if kind == "share" else "{:+.2f}"
    title = name.of(language)
    note = Both("方案 − 计划", "variant - plan").of(language)
    return Plot(title, note, differences(rows, title, form))
