"""A report as ONE self-contained HTML file: our template, inline CSS and SVG, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from hotline.standard import plots
from hotline.standard.clauses import Text
from hotline.standard.report import FAIL, PASS, UNSEEN, Report

_WORDS: Mapping[str, Text] = {
    "title": Text("95598 供电服务热线逐条检查报告", "95598 hotline, clause by clause"),
    "edition": Text("版本", "Edition"),
    "calls": Text("通话", "Calls"),
    "pass": Text("通过条款", "Clauses passed"),
    "fail": Text("不通过条款", "Clauses failed"),
    "idle": Text("本次未触及", "Not exercised"),
    "unseen": Text("软件不可见", "Not seen by software"),
    "plots": Text("图", "Plots"),
    "checks": Text("检查次数", "Checks"),
    "clauses": Text("各条结果", "Clauses"),
    "shares": Text("已检查的条款", "Clauses checked"),
    "shares_note": Text("通过与不通过的份额", "Shares passed and failed"),
    "ring": Text("振铃时间", "Ring time"),
    "ring_note": Text(
        "应答的振铃，每格1秒；竖线为时限", "answered offers by second; the line is the limit"
    ),
    "level": Text("各钟点服务水平", "Service level by hour"),
    "level_note": Text(
        "排队加振铃在时限内的份额", "share of requests answered within queue + ring limit"
    ),
    "queue": Text("各钟点平均等待", "Mean wait by hour"),
    "queue_note": Text("排队加振铃，秒", "queue + ring, seconds"),
    "load": Text("各钟点来电", "Calls by hour"),
    "load_note": Text("来电数", "number of calls"),
    "clause": Text("条款", "Clause"),
    "requirement": Text("要求", "Requirement"),
    "status": Text("结果", "Result"),
    "checked": Text("检查", "Checked"),
    "passed": Text("通过", "Passed"),
    "failed": Text("不通过", "Failed"),
    "trust": Text("依据", "Source"),
    "choice": Text("本项目取值", "Our choice"),
    "not_seen": Text("软件看不到的部分", "What software cannot see"),
    "rule": Text("检查项", "Rule"),
    "examples": Text("不通过的例子", "Examples of failures"),
    "figures": Text("指标", "Figures"),
    "nothing": Text("没有数据", "no data"),
    "seconds": Text("秒", "s"),
    "formula": Text("服务水平口径", "Service level formula"),
}
_FIGURES: Mapping[str, tuple[Text, str]] = {
    "availability": (Text("接通率", "calls that got in"), "share"),
    "blocked": (Text("遇忙", "blocked calls"), "count"),
    "blocked_worst_interval": (Text("5分钟最多遇忙", "most blocked in 5 min"), "count"),
    "requests": (Text("转人工", "requests for an agent"), "count"),
    "answered": (Text("人工应答", "answered"), "count"),
    "abandoned": (Text("放弃", "abandoned"), "count"),
    "ring_within": (Text("振铃时限内应答", "offers answered in time"), "share"),
    "queue_ring_within": (Text("排队加振铃时限内", "requests answered in time"), "share"),
    "mean_wait": (Text("平均等待", "mean wait"), "seconds"),
    "agent_hung_up_first": (Text("专员先挂断", "agent hung up first"), "count"),
    "containment": (Text("自助完结率", "containment"), "share"),
    "self_service_success": (Text("自助成功率", "self-service success"), "share"),
    "service_success": (Text("服务请求成功率", "service requests that worked"), "share"),
    "menus_to_task": (Text("办成所经菜单", "menus to a finished task"), "number"),
    "seconds_to_task": (Text("办成用时", "time to a finished task"), "seconds"),
    "agent_after_self_service": (Text("自助后转人工", "agent after self-service"), "share"),
    "wrong_keys": (Text("按错键", "wrong keys"), "count"),
    "no_inputs": (Text("无按键", "silences"), "count"),
}


def to_html(report: Report, language: str = "zh") -> str:
    """The page in `language` (zh or en); titles of clauses stand in both."""
    return str(_template().render(_view(report, language)))


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    text = files("hotline.standard").joinpath("report.html.j2").read_text("utf-8")
    return environment.from_string(text)


def _view(report: Report, language: str) -> dict[str, Any]:
    statuses = [line.status for line in report.clauses]
    return {
        "css": plots.css(),
        "lang": "zh-CN" if language.startswith("zh") else "en",
        "language": language,
        "words": {name: text.of(language) for name, text in _WORDS.items()},
        "report": report,
        "title": report.edition.title.of(language),
        "groups": _groups(report),
        "status_class": {PASS: "is-pass", FAIL: "is-fail", UNSEEN: "is-unseen"},
        "counts": {
            "pass": statuses.count(PASS),
            "fail": statuses.count(FAIL),
            "idle": sum(line.clause.visible and not line.checked for line in report.clauses),
            "unseen": sum(not line.clause.visible for line in report.clauses),
        },
        "checks": sum(line.checked for line in report.clauses),
        "figures": [
            (text.of(language), _shown(report.figures[name], kind, language))
            for name, (text, kind) in _FIGURES.items()
        ],
        "plots": _plots(report, language),
        "formula": _formula(report).of(language),
    }


def _formula(report: Report) -> Text:
    short = report.edition.number("short_abandon_seconds")
    limit = report.edition.number("queue_ring_seconds")
    return Text(
        f"{limit:g} 秒内应答的请求 ÷（全部请求 − {short:g} 秒内放弃的请求）",
        f"requests answered within {limit:g} s / (all requests - given up before {short:g} s)",
    )


def _groups(report: Report) -> list[tuple[Text, list[Any]]]:
    names = {
        "5": Text("5.2 95598供电服务热线", "5.2 The 95598 hotline"),
        "6": Text("6 服务项目", "6 Service items"),
        "7": Text("7 服务行为", "7 Conduct"),
    }
    return [
        (title, [line for line in report.clauses if line.clause.number.startswith(first)])
        for first, title in names.items()
    ]


def _shown(value: Any, kind: str, language: str) -> str:
    if value is None:
        return _WORDS["nothing"].of(language)
    match kind:
        case "share":
            return f"{value:.2%}"
        case "seconds":
            return f"{value:.1f} {_WORDS['seconds'].of(language)}"
        case "number":
            return f"{value:.1f}"
    return f"{value:,}"


def _plots(report: Report, language: str) -> list[dict[str, Any]]:
    """The plots that have something to show."""
    figures = report.figures
    hours = figures["by_hour"]
    requests = [hour["requests"] for hour in hours]
    checked = [
        (line.clause.number, line.passed, line.failed) for line in report.clauses if line.checked
    ]
    say = {name: text.of(language) for name, text in _WORDS.items()}
    found = []
    if checked:
        found.append(("shares", plots.stacked(checked, say["shares"])))
    if any(figures["ring_seconds"]):
        bins, limit = figures["ring_seconds"], figures["ring_limit"]
        found.append(("ring", plots.histogram(bins, limit, say["ring"], say["seconds"])))
    if any(requests):
        levels = [hour["service_level"] for hour in hours]
        waits = [hour["mean_wait"] for hour in hours]
        level = plots.hourly(levels, say["level"], top=1.0, percent=True, weights=requests)
        found.append(("level", level))
        found.append(("queue", plots.hourly(waits, say["queue"], weights=requests)))
    if report.calls:
        calls = [hour["calls"] or None for hour in hours]
        found.append(("load", plots.hourly(calls, say["load"])))
    return [{"name": say[n], "note": say[f"{n}_note"], "svg": svg} for n, svg in found]
