"""A run of scenarios as ONE self-contained page: `hotline test --html FILE`.

Chinese with English beside it. Each failed call is drawn as lanes over time, with the step that
failed, what it expected and what was heard instead. No script but the page's own few lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from hotline.callers.coverage import ITEM_NAMES, Coverage
from hotline.cli.runs import Case, Comparison, Run
from hotline.standard.plots import css
from hotline.switch import events as ev
from hotline.switch.actions import CALL
from hotline.switch.record import Entry
from hotline.web.messages import Message, Wording
from hotline.web.timeline import BOTH, Span, lanes, svg
from menus.model import Book, Place

AROUND = 4
"""Lines of the scenario shown before and after the one that failed."""

Journal = Mapping[str, Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as the page shows it: its timelines (SVG), source lines and replay command."""

    case: Case
    timelines: tuple[str, ...] = ()
    sources: tuple[tuple[tuple[int, str, bool], ...], ...] = ()
    """for each failure: (line number, text, whether it is the one)"""
    replay: str = ""

    @property
    def words(self) -> str:
        """What a search looks at."""
        said = [
            f[n] for f in self.case.failures for n in ("expected", "got", "expected_zh", "got_zh")
        ]
        parts = (self.case.name, self.case.file, *self.case.tags, *said, *self.case.transcript)
        return " ".join(parts).casefold()


def to_html(
    run: Run,
    drawings: Mapping[int, Sequence[str]],
    *,
    coverage: Coverage | None = None,
    comparison: Comparison | None = None,
    options: str = "",
) -> str:
    """The page. `drawings`: of cases that failed, by index; `options` as given for a replay."""
    shown = [_shown(case, drawings.get(index, ()), options) for index, case in enumerate(run.cases)]
    return str(
        _template().render(
            run=run,
            failed=[one for one in shown if not one.case.passed],
            passed=[one for one in shown if one.case.passed],
            coverage=_coverage(coverage) if coverage else None,
            comparison=comparison,
            css=css() + _static("timeline.css"),
        )
    )


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    text = files("hotline.cli").joinpath("run_page.html.j2").read_text("utf-8")
    return environment.from_string(text)


def _static(name: str) -> str:
    return (files("hotline.web") / "static" / name).read_text("utf-8")


# --- cases -------------------------------------------------------------------------------------


def _shown(case: Case, drawings: Sequence[str], options: str) -> Shown:
    if case.passed:
        return Shown(case)
    from hotline.callers.console import replay_of

    return Shown(
        case,
        tuple(drawings),
        tuple(tuple(_source(failure["file"], failure["line"])) for failure in case.failures),
        replay_of(case.where, case.seed, options) if case.where else "",
    )


@cache
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(Path(file).read_text("utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return ()


def _source(file: str, line: int) -> Iterator[tuple[int, str, bool]]:
    """The lines around `line` of a scenario file, no further than its document goes."""
    lines = _lines(file)
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    ends = [number for number in range(first, last + 1) if lines[number - 1].startswith("---")]
    first = max((end + 1 for end in ends if end < line), default=first)
    last = min((end - 1 for end in ends if end > line), default=last)
    for number in range(first, last + 1):
        yield number, lines[number - 1], number == line


# --- timelines ---------------------------------------------------------------------------------


class Drawing:
    """Draws the calls of scenarios; knows the texts and titles of one book."""

    def __init__(self, book: Book) -> None:
        self._wording = Wording(book)
        titles = {one.id: one.title for one in book.menus.values()}
        titles |= {one.id: one.title for one in book.steps.values()}
        self._titles = {name: title.get(book.language, name) for name, title in titles.items()}

    def calls(self, journal: Journal, failures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """An SVG for each call; a failure is drawn in the call that was going on."""
        kept = [entries for entries in journal.values() if entries]
        if not kept:
            return
        lifted = kept[0][0].event.at
        for at, entries in enumerate(kept):
            ends = kept[at + 1][0].event.at if at + 1 < len(kept) else float("inf")
            here = [
                failure
                for failure in failures
                if entries[0].event.at <= lifted + failure["at"] < ends
            ]
            yield self._call(entries, here, lifted)

    def _call(
        self, entries: Sequence[Entry], failures: Iterable[Mapping[str, Any]], lifted: float
    ) -> str:
        messages = [m for entry in entries if (m := self._message(entry)) is not None]
        spans = lanes(messages, self._titles)
        for failure in failures:
            at = lifted + failure["at"]
            label = f"✗ {failure['expected_zh']}"
            hint = f"{failure['expected']}: {failure['got']}"
            spans.append(Span("expected", _since(entries, at), at, label, hint))
        return svg(sorted(spans, key=lambda span: span.start), BOTH)

    def _message(self, entry: Entry) -> Message | None:
        message = self._wording.message(entry)
        if message is not None and isinstance(entry.event, ev.KeyPressed):
            # the scenario's own file says it too: nobody's secret
            message["key"] = entry.event.key
        return message


def _since(entries: Iterable[Entry], at: float) -> float:
    """Since when the caller waited: its last key before `at`, or the beginning."""
    keys = [
        e.event.at
        for e in entries
        if e.to == CALL and isinstance(e.event, (ev.CallArrived, ev.KeyPressed)) and e.event.at < at
    ]
    return max(keys, default=at)


# --- coverage ----------------------------------------------------------------------------------


def _coverage(coverage: Coverage) -> dict[str, Any]:
    """Shares in per cent of each group, and what is missing by place."""
    chinese, english = ITEM_NAMES["zh"], ITEM_NAMES["en"]
    missing: dict[tuple[str, str, str], list[str]] = {}
    places: dict[tuple[str, str, str], Place] = {}
    for item, place in coverage.missing():
        at = (str(place), item.group, item.where)
        places[at] = place
        missing.setdefault(at, []).append(item.what)
    return {
        "fraction": coverage.fraction,
        "shares": [
            {
                "zh": chinese[share.group],
                "en": english[share.group],
                "reached": share.reached,
                "total": share.total,
                "fraction": share.fraction,
                "good": 100 * (share.reached - share.only_failing) / max(1, share.total),
                "doubtful": 100 * share.only_failing / max(1, share.total),
                "only_failing": share.only_failing,
            }
            for share in coverage.shares()
        ],
        "missing": [
            {
                "file": Path(places[at].file).name,
                "line": places[at].line,
                "place": at[0],
                "zh": chinese[at[1]],
                "en": english[at[1]],
                "where": at[2],
                "whats": [what for what in whats if what],
            }
            for at, whats in missing.items()
        ],
    }
