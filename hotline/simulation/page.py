"""Results as ONE self-contained HTML file: tiles, plots, tables and notes in the project's look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from hotline.standard import plots


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart: SVG, its name, a note, and the names of its lines in order."""

    name: str
    note: str
    svg: str
    legend: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page: plots, then a table, then notes; each may be missing.

    `folded`: the table opens when this text is clicked.
    """

    title: str
    plots: Sequence[Plot] = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page. `tiles`: (value, what it is)."""

    title: str
    subtitle: str = ""
    tiles: Sequence[tuple[str, str]] = ()
    parts: Sequence[Part] = field(default_factory=tuple)


def style() -> str:
    """The style of the simulation's pages."""
    own = files("hotline.simulation").joinpath("charts.css").read_text("utf-8")
    return f"{plots.css()}\n{own}"


def render(page: Page, language: str) -> str:
    """The page as HTML in `language` (zh or en)."""
    lang = "zh-CN" if language.startswith("zh") else "en"
    return str(template("page.html.j2").render(page=page, lang=lang, css=style()))


def course(
    name: str,
    note: str,
    series: Sequence[tuple[str, Sequence[float | None]]],
    times: Sequence[str],
    *,
    percent: bool = False,
    top: float | None = None,
    stairs: bool = False,
    mark: float | None = None,
    ticks: Sequence[tuple[int, str]] = (),
) -> Plot:
    """Lines over the day, one a series (`hotline.standard.plots.course`)."""
    svg = plots.course(
        series, name, times, top=top, percent=percent, stairs=stairs, mark=mark, ticks=ticks
    )
    return Plot(name, note, svg, [key for key, _ in series] if len(series) > 1 else ())


@cache
def template(name: str) -> Any:
    """One of the simulation's templates."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    def source(file: str) -> str:
        return files("hotline.simulation").joinpath(file).read_text("utf-8")

    loader = FunctionLoader(source)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, loader=loader
    )
    return environment.get_template(name)
