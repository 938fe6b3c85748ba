"""Small inline SVG plots of a report: drawn here, styled by the page's CSS classes, no scripts.

Every mark has a `<title>`, so that a reader can point at it, and each plot its numbers in text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

WIDTH, HEIGHT = 560, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 16, 30
_BASE = HEIGHT - BOTTOM
_INNER = WIDTH - LEFT - RIGHT
_TALL = _BASE - TOP


def css() -> str:
    """The style of the project's self-contained pages."""
    return files("hotline.standard").joinpath("page.css").read_text("utf-8")


def histogram(counts: Sequence[int], limit: float, label: str, unit: str) -> str:
    """Bars of 1 `unit` each, the last open-ended, with the limit as a line. Bars past it stand
    out."""
    scale = _scale(max(counts, default=0))
    slot = _INNER / max(1, len(counts))
    parts = [scale.lines()]
    for place, count in enumerate(counts):
        more = "+" if place == len(counts) - 1 else f"–{place + 1}"
        kind = "late" if place >= limit else "bar"
        tip = f"{place}{more} {unit}: {count}"
        parts.append(_bar(LEFT + place * slot, slot, count / scale.top, kind, tip))
    for place in range(0, len(counts), 5):
        open_ended = "+" if place == len(counts) - 1 else ""
        parts.append(_tick(LEFT + place * slot, f"{place}{open_ended}"))
    parts.append(_limit(LEFT + limit * slot, f"{limit:g} {unit}"))
    return _svg(parts, label)


def hourly(
    values: Sequence[float | None],
    label: str,
    *,
    top: float | None = None,
    percent: bool = False,
    weights: Sequence[int] = (),
) -> str:
    """24 bars, one a clock hour; hours without a value stay empty. `weights`: how many it is of."""
    known = [value for value in values if value is not None]
    scale = _scale(max(known, default=0), top=top, percent=percent)
    slot = _INNER / 24
    parts = [scale.lines()]
    for hour, value in enumerate(values):
        if value is None:
            continue
        shown = f"{value:.1%}" if percent else f"{value:.1f}"
        of = f" ({weights[hour]})" if weights else ""
        parts.append(
            _bar(LEFT + hour * slot, slot, value / scale.top, "bar", f"{hour}:00 {shown}{of}")
        )
    for hour in range(0, 25, 3):
        parts.append(_tick(LEFT + hour * slot, f"{hour}"))
    return _svg(parts, label)


def stacked(rows: Sequence[tuple[str, int, int]], label: str) -> str:
    """One line a row: name, then passed and failed as shares of what was checked."""
    high, left, wide = 20, 84, WIDTH - 84 - 120
    parts = []
    for place, (name, passed, failed) in enumerate(rows):
        y, total = place * high + 4, passed + failed
        good = wide * passed / total if total else 0.0
        # A failure among thousands must still be seen.
        good = min(good, wide - 3) if failed and good > wide - 3 else good
        parts.append(f'<text x="{left - 8}" y="{y + 11}" class="name">{escape(name)}</text>')
        if passed:
            parts.append(_cell(left, y, good, "good", f"{name}: {passed}"))
        if failed:
            gap = 2 if passed else 0
            parts.append(
                _cell(left + good + gap, y, wide - good - gap, "late", f"{name}: {failed}")
            )
        said = f"{passed:,} / {total:,}"
        parts.append(f'<text x="{left + wide + 8}" y="{y + 11}" class="count">{said}</text>')
    return _svg(parts, label, high * max(1, len(rows)) + 8)


def course(
    series: Sequence[tuple[str, Sequence[float | None]]],
    label: str,
    times: Sequence[str],
    *,
    top: float | None = None,
    percent: bool = False,
    stairs: bool = False,
    mark: float | None = None,
    ticks: Sequence[tuple[int, str]] = (),
) -> str:
    """Lines over the day, one a series (name, values), with gaps where there is no value.

    `times`: the time of day of each value, for pointers; every third hour is written below, unless
    `ticks` (place, text) say otherwise. `stairs`: values hold for their whole interval, as numbers
    of agents do. `mark`: a value that is wished for, as a line across.
    """
    known = [value for _, values in series for value in values if value is not None]
    scale = _scale(max(known, default=0), top=top, percent=percent)
    slot = _INNER / max(1, len(times))
    parts = [scale.lines()]
    for number, (_, values) in enumerate(series):
        parts += [_line(points, number) for points in _runs(values, scale.top, slot, stairs)]
    if mark is not None:
        parts.append(_mark(scale, mark))
    parts += [_pointer(place, slot, time, series, percent) for place, time in enumerate(times)]
    parts += [_tick(LEFT + place * slot, text) for place, text in ticks or _hours(times)]
    return _svg(parts, label)


def _hours(times: Sequence[str]) -> list[tuple[int, str]]:
    """Every third hour."""
    whole = [(place, time) for place, time in enumerate(times) if time.endswith(":00")]
    return [(place, time[:2]) for place, time in whole if int(time[:2]) % 3 == 0]


Curve = tuple[str, Sequence[float], Sequence[float]]
"""Name, x and y of a line."""


def curves(
    series: Sequence[Curve],
    label: str,
    unit: str,
    right: float,
    band: tuple[Curve, Curve] | None = None,
) -> str:
    """Lines of shares from 0 to 1 over 0 to `right` `unit`, one a series.

    `band`: the lower and the upper end of the first line's interval, which is shaded.
    """
    parts = [_scale(1.0, top=1.0, percent=True).lines()]
    if band is not None:
        parts.append(_band(*(_points(end, right) for end in band)))
    for number, one in enumerate(series):
        points = _points(one, right)
        if points:
            parts.append(f"<g><title>{escape(one[0])}</title>{_line(points, number)}</g>")
    step = _step(right / 6)
    ticks = [at * step for at in range(int(right / step) + 1)]
    parts += [_tick(LEFT + at / right * _INNER, f"{at:g}") for at in ticks]
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{_BASE + 28}" class="scale">{escape(unit)}</text>')
    return _svg(parts, label)


def _points(one: Curve, right: float) -> list[tuple[float, float]]:
    """A line in the plot's units, as far as `right`."""
    return [
        (LEFT + x / right * _INNER, _BASE - min(1.0, max(0.0, y)) * _TALL)
        for x, y in zip(one[1], one[2], strict=True)
        if x <= right
    ]


def _band(low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*low, *reversed(high)])
    return f'<polygon points="{path}" class="band s0"/>'


def differences(
    rows: Sequence[tuple[str, float, float, float]], label: str, form: str = "{:+.1%}"
) -> str:
    """One line a row (name, value, low, high) about zero: a dot with its interval."""
    reach = max((max(abs(low), abs(high)) for _, _, low, high in rows), default=0.0) or 1.0
    left, tall = 200, 26
    width = WIDTH - left - RIGHT - 24  # room for the last number
    zero = left + width / 2
    parts = [f'<line x1="{zero}" x2="{zero}" y1="6" y2="{len(rows) * tall + 6}" class="limit"/>']
    for place, (name, value, low, high) in enumerate(rows):
        y = place * tall + 20
        x = [zero + v / reach * width / 2 for v in (low, value, high)]
        tip = escape(f"{name}: {form.format(value)} [{form.format(low)}, {form.format(high)}]")
        parts.append(
            f'<g><title>{tip}</title><text x="{left - 10}" y="{y + 4}" class="name">'
            f"{escape(name)}</text>"
            f'<line x1="{x[0]:.1f}" x2="{x[2]:.1f}" y1="{y}" y2="{y}" class="line s0"/>'
            f'<circle cx="{x[1]:.1f}" cy="{y}" r="4" class="dot s0"/></g>'
        )
    y = len(rows) * tall + 20
    for v in (-reach, 0.0, reach):
        at = zero + v / reach * width / 2
        parts.append(f'<text x="{at:.1f}" y="{y}" class="tick">{form.format(v)}</text>')
    return _svg(parts, label, y + 10)


def _runs(
    values: Sequence[float | None], top: float, slot: float, stairs: bool
) -> Iterator[list[tuple[float, float]]]:
    """Stretches of known values as points: in the middles of their slots, or from edge to edge."""
    places = (0.0, 1.0) if stairs else (0.5,)
    points: list[tuple[float, float]] = []
    for place, value in enumerate([*values, None]):
        if value is not None:
            tall = min(1.0, max(0.0, value / top)) * _TALL
            points += [(LEFT + (place + at) * slot, _BASE - tall) for at in places]
        elif points:
            yield points
            points = []


def _line(points: Sequence[tuple[float, float]], number: int) -> str:
    x, y = points[0]
    if len(points) == 1:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" class="dot s{number % 6}"/>'
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" class="line s{number % 6}"/>'


def _pointer(
    place: int,
    slot: float,
    time: str,
    series: Sequence[tuple[str, Sequence[float | None]]],
    percent: bool,
) -> str:
    """What a reader sees who points at an interval."""
    said = [time]
    for name, values in series:
        value = values[place]
        if value is not None:
            said.append(f"{name} " + (f"{value:.1%}" if percent else f"{value:,.1f}"))
    return (
        f'<g><title>{escape(chr(10).join(said))}</title><rect x="{LEFT + place * slot:.1f}" '
        f'y="{TOP}" width="{slot:.1f}" height="{_TALL}" class="slot"/></g>'
    )


# --- pieces ------------------------------------------------------------------------------------


def _svg(parts: Sequence[str], label: str, height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )


def _bar(x: float, slot: float, share: float, kind: str, tip: str) -> str:
    """A bar from the base line, 2 px apart from its neighbour. The slot answers the pointer."""
    tall = min(1.0, max(0.0, share)) * _TALL
    return (
        f"<g><title>{escape(tip)}</title>"
        f'<rect x="{x:.1f}" y="{TOP}" width="{slot:.1f}" height="{_TALL}" class="slot"/>'
        f'<rect x="{x + 1:.1f}" y="{_BASE - tall:.1f}" width="{slot - 2:.1f}" '
        f'height="{tall:.1f}" class="{kind}"/></g>'
    )


def _cell(x: float, y: float, width: float, kind: str, tip: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{max(width, 0):.1f}" height="13" class="{kind}">'
        f"<title>{escape(tip)}</title></rect>"
    )


def _tick(x: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{_BASE + 16}" class="tick">{text}</text>'


def _limit(x: float, text: str) -> str:
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{_BASE}" class="limit"/>'
        f'<text x="{x + 5:.1f}" y="{TOP + 4}" class="limit-text">{escape(text)}</text>'
    )


def _mark(scale: _Scale, value: float) -> str:
    """A line across at a value that is wished for."""
    y, text = _BASE - min(1.0, value / scale.top) * _TALL, scale.text(value)
    return (
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="limit"/>'
        f'<text x="{LEFT + 5}" y="{y + 12:.1f}" class="limit-text">{text}</text>'
    )


# --- scales ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scale:
    """A scale from 0 to `top` with a line at every `step`."""

    top: float
    step: float
    percent: bool = False

    def lines(self) -> str:
        """Faint lines with their values."""
        lines = []
        for number in range(round(self.top / self.step) + 1):
            value = number * self.step
            y = _BASE - value / self.top * _TALL
            kind, x = "grid" if number else "axis", WIDTH - RIGHT
            lines.append(f'<line x1="{LEFT}" x2="{x}" y1="{y:g}" y2="{y:g}" class="{kind}"/>')
            lines.append(
                f'<text x="{LEFT - 6}" y="{y + 4:g}" class="scale">{self.text(value)}</text>'
            )
        return "".join(lines)

    def text(self, value: float) -> str:
        """A number of the scale, short: 250k, 1.5M; percent with as many places as it takes."""
        if self.percent:
            return f"{round(value * 100, 4):g}%"
        for size, letter in ((1e6, "M"), (1e3, "k")):
            if self.top >= 10 * size and value:
                return f"{value / size:g}{letter}"
        return f"{value:g}"


def _scale(value: float, *, top: float | None = None, percent: bool = False) -> _Scale:
    """The scale that `value` fits on with the least room above it, five lines at most."""
    if top is not None:
        return _Scale(top, top / 4, percent)
    step = _step(value / 5) if value > 0 else 0.5
    return _Scale(max(1, math.ceil(value / step - 1e-9)) * step, step, percent)


def _step(value: float) -> float:
    """The step of a scale at or above `value`: 1, 2, 2.5 or 5 of its power of ten. No 2.5 itself,
    which would fall between whole numbers."""
    power = 10.0 ** math.floor(math.log10(value))
    factors = (1, 2, 2.5, 5, 10) if power >= 10 else (1, 2, 5, 10)
    return next(power * factor for factor in factors if power * factor >= value * (1 - 1e-9))
