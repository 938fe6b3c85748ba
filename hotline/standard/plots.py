"""Small inline SVG plots of a report: drawn here, styled by the page's CSS classes, no scripts.

Every mark has a `<title>`, so that a reader can point at it, and each plot its numbers in text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    top = _nice(max(counts, default=0))
    slot = _INNER / max(1, len(counts))
    parts = [_frame(top, "{:g}")]
    for place, count in enumerate(counts):
        more = "+" if place == len(counts) - 1 else f"–{place + 1}"
        kind = "late" if place >= limit else "bar"
        tip = f"{place}{more} {unit}: {count}"
        parts.append(_bar(LEFT + place * slot, slot, count / top, kind, tip))
    for place in range(0, len(counts), 5):
        parts.append(_tick(LEFT + place * slot, f"{place}"))
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
    top = top or _nice(max(known, default=0))
    slot = _INNER / 24
    parts = [_frame(top, "{:.0%}" if percent else "{:g}")]
    for hour, value in enumerate(values):
        if value is None:
            continue
        shown = f"{value:.1%}" if percent else f"{value:.1f}"
        of = f" ({weights[hour]})" if weights else ""
        parts.append(_bar(LEFT + hour * slot, slot, value / top, "bar", f"{hour}:00 {shown}{of}"))
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
) -> str:
    """Lines over the day, one a series (name, values), with gaps where there is no value.

    `times`: the time of day of each value, for pointers; every third hour is written below.
    """
    known = [value for _, values in series for value in values if value is not None]
    top = top or _nice(max(known, default=0))
    slot = _INNER / max(1, len(times))
    form = "{:.0%}" if percent else "{:g}"
    parts = [_frame(top, form)]
    for number, (_, values) in enumerate(series):
        parts += [_line(points, number) for points in _runs(values, top, slot)]
    parts += [_pointer(place, slot, time, series, percent) for place, time in enumerate(times)]
    parts += [
        _tick(LEFT + place * slot, time[:2])
        for place, time in enumerate(times)
        if time.endswith(":00") and int(time[:2]) % 3 == 0
    ]
    return _svg(parts, label)


def curves(
    series: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    label: str,
    unit: str,
    right: float,
) -> str:
    """Lines of shares from 0 to 1 over 0 to `right` `unit`, one a series (name, x, y)."""
    parts = [_frame(1.0, "{:.0%}")]
    for number, (name, xs, ys) in enumerate(series):
        points = [
            (LEFT + x / right * _INNER, _BASE - min(1.0, max(0.0, y)) * _TALL)
            for x, y in zip(xs, ys, strict=True)
            if x <= right
        ]
        if points:
            parts.append(f"<g><title>{escape(name)}</title>{_line(points, number)}</g>")
    step = _nice(right / 6)
    ticks = [at * step for at in range(int(right / step) + 1)]
    parts += [_tick(LEFT + at / right * _INNER, f"{at:g}") for at in ticks]
    parts.append(f'<text x="{WIDTH - RIGHT}" y="{TOP - 4}" class="scale">{escape(unit)}</text>')
    return _svg(parts, label)


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
    values: Sequence[float | None], top: float, slot: float
) -> Iterator[list[tuple[float, float]]]:
    """Stretches of known values as points."""
    points: list[tuple[float, float]] = []
    for place, value in enumerate([*values, None]):
        if value is not None:
            tall = min(1.0, max(0.0, value / top)) * _TALL
            points.append((LEFT + (place + 0.5) * slot, _BASE - tall))
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


def _frame(top: float, form: str) -> str:
    """Three faint lines with their values."""
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = _BASE - share * _TALL
        kind = "axis" if share == 0 else "grid"
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" class="{kind}"/>')
        value = _short(top * share, form)
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4}" class="scale">{value}</text>')
    return "".join(lines)


def _short(value: float, form: str) -> str:
    """A number of the scale; thousands as k, so that it has room."""
    return form.format(value) if value < 10_000 else f"{value / 1000:g}k"


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


def _nice(value: float) -> float:
    """A round number at or above `value` for the top of a scale."""
    if value <= 0:
        return 1.0
    step = 1.0
    while step * 10 < value:
        step *= 10
    while step > value:
        step /= 10
    return next(step * factor for factor in (1, 2, 4, 5, 10) if step * factor >= value)
