"""What was fitted to a log, for people: a few lines, and one page with the fit drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hotline.simulation.censored import Fitted, Vector
from hotline.simulation.durations import survival
from hotline.simulation.fit import LogFit, QueueFit, said
from hotline.simulation.page import Page, Part, Plot, course, render
from hotline.simulation.weekdays import clock_text
from hotline.standard.plots import Curve, curves
from menus.wording import Both

POINTS = 200
STEPS_DRAWN = 400
"""Steps of an empirical curve that are drawn at most."""


def summary(found: LogFit) -> list[Both]:
    """What was found, in a line each."""
    log, bad = found.log, len(found.log.bad)
    lines = [
        Both(f"{log.file}：{len(log.rows)} 通，{log.days} 天（自 {log.first:%Y-%m-%d} 起），"
             f"{bad} 行未用",
             f"{log.file}: {len(log.rows)} calls in {log.days} days from {log.first:%Y-%m-%d}, "
             f"{bad} rows left out")
    ]  # fmt: skip
    if found.contained:
        lines.append(
            Both(f"自助完成 {found.contained} 通", f"{found.contained} ended in the menus")
        )
    if found.blocked:
        lines.append(Both(f"呼损 {found.blocked} 通", f"{found.blocked} were blocked"))
    if found.busyness:
        cv = f"cv {found.busyness:.3f}"
        lines.append(Both(f"日间波动 {cv}", f"busyness of days: {cv}"))
    return lines + [line for one in found.queues for line in _queue_lines(one)]


def _queue_lines(one: QueueFit) -> list[Both]:
    gone = int(one.gave_up.sum())
    lines = [
        Both(f"{one.name}：{len(one.asked)} 次请求，{gone} 次放弃（其余为删失）",
             f"{one.name}: {len(one.asked)} requests, {gone} given up (the others are censored)"),
        Both(f"  耐心 {said(one.patience)}", f"  patience {said(one.patience)}"),
        Both(f"  处理 {said(one.handle)}", f"  handle {said(one.handle)}"),
    ]  # fmt: skip
    if one.after_call:
        lines.append(Both(f"  话后 {said(one.after_call)}", f"  after call {said(one.after_call)}"))
    return lines


# --- page --------------------------------------------------------------------------------------


def to_html(found: LogFit, language: str) -> str:
    """The page in `language` (zh or en)."""
    title = Both("通话日志拟合", "What the call log says").of(language)
    calls = sum(len(one.asked) for one in found.queues)
    gone = sum(int(one.gave_up.sum()) for one in found.queues)
    tiles = [
        (f"{len(found.log.rows):,}", Both("通话", "calls")),
        (f"{found.log.days}", Both("天", "days")),
        (f"{calls:,}", Both("转人工请求", "requests")), (f"{gone:,}", Both("放弃", "given up")),
        (f"{len(found.log.bad)}", Both("未用的行", "rows left out")),
    ]  # fmt: skip
    parts = [Part(Both("来电", "Arrivals").of(language), [_arrivals(found, language)])]
    parts += [_queue_part(one, language) for one in found.queues]
    page = Page(title, found.log.file, [(v, name.of(language)) for v, name in tiles], parts)
    return render(page, language)


def _arrivals(found: LogFit, language: str) -> Plot:
    times = [clock_text(slot * found.every) for slot in range(len(found.queues[0].per_interval))]
    name = Both("转人工请求", "Requests for an agent").of(language)
    note = Both(
        f"每 {found.every / 60:g} 分钟，日均", f"each {found.every / 60:g} min of the mean day"
    )
    series = [(one.name, one.per_interval.tolist()) for one in found.queues]
    return course(name, note.of(language), series, times)


def _queue_part(one: QueueFit, language: str) -> Part:
    plots = [_patience(one, language)] if one.patience else []
    plots.append(_times(one.talks, one.handle, Both("通话时长", "Handle time"), language))
    if one.after_call:
        plots.append(
            _times(one.after, one.after_call, Both("话后处理", "After-call work"), language)
        )
    kinds = [(Both("耐心", "patience"), one.patience), (Both("处理", "handle"), one.handle),
             (Both("话后", "after call"), one.after_call)]  # fmt: skip
    rows = [
        [kind.of(language) if not at else "", said([fitted]), f"{fitted.aic:,.0f}"]
        for kind, found in kinds
        for at, fitted in enumerate(found)
    ]
    laws = Both("分布与参数（95% 区间）", "law and parameters (95 %)")
    heads = [Both("量", "quantity"), laws, Both("AIC", "AIC")]
    return Part(one.name, plots, [head.of(language) for head in heads], rows)


def _patience(one: QueueFit, language: str) -> Plot:
    """Kaplan-Meier with its interval, and the fitted laws."""
    curve = one.survival
    right = float(np.quantile(one.waits, 0.999)) or 1.0
    word = Both("Kaplan-Meier 及 95% 区间", "Kaplan-Meier with its 95 % interval").of(language)
    drawn, low, high = (
        (word, *_steps(curve.times, ys, 1.0)) for ys in (curve.share, curve.low, curve.high)
    )
    series: list[Curve] = [drawn, *_laws(one.patience, right)]
    name = Both("耐心：仍愿等待的比例", "Patience: share still waiting").of(language)
    note = Both("应答者为删失", "the answered are censored").of(language)
    svg = curves(series, name, "s", right, (low, high))
    return Plot(name, note, svg, [key for key, _, _ in series])


def _times(data: Vector, laws: Sequence[Fitted], title: Both, language: str) -> Plot:
    """Share longer than t: as observed, and by the laws."""
    ordered = np.sort(data)
    right = float(np.quantile(data, 0.99)) or 1.0
    share = 1 - np.arange(1, len(ordered) + 1) / len(ordered)
    observed = Both("观测", "observed").of(language)
    series = [(observed, *_steps(ordered, share, 1.0)), *_laws(laws[:3], right)]
    name = title.of(language)
    note = Both("长于 t 的比例", "share longer than t").of(language)
    return Plot(name, note, curves(series, name, "s", right), [key for key, _, _ in series])


def _laws(laws: Sequence[Fitted], right: float) -> list[Curve]:
    x = np.linspace(0.0, right, POINTS)
    return [(one.law.name, x.tolist(), survival(one.law, x).tolist()) for one in laws]


def _steps(x: Vector, y: Vector, first: float) -> tuple[list[float], list[float]]:
    """A falling step function as points, thinned where there are very many."""
    thin = np.unique(np.linspace(0, len(x) - 1, min(len(x), STEPS_DRAWN)).astype(np.int64))
    xs, ys = [0.0], [first]
    for at, level in zip(x[thin].tolist(), y[thin].tolist(), strict=True):
        xs += [at, at]
        ys += [ys[-1], level]
    return xs, ys
