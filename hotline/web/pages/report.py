"""The clause report of all closed calls."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from hotline.web import reports
from hotline.web.pages.shell import base_of, html, hub_of, language_of, page
from hotline.web.pages.texts import Words


@ui.page("/report")
async def report(request: Request) -> None:
    """Clause by clause."""
    hub, base = hub_of(request), base_of(request)
    lang = language_of(request)
    found = await asyncio.to_thread(reports.as_json, hub.hotline, dict(hub.closed), lang)
    with page(request, "report") as words:
        html(
            f"<h1>{words.both('report')}</h1><p class='lead'><b>{found['calls']}</b> "
            f"{words.both('closed_calls')} · <a href='{base}/api/report.html?lang={words.lang}' "
            f"download='report.html'>{words.both('download')}</a></p>"
        )
        html(clauses(found["clauses"], words)).classes("card")


def clauses(rows: list[dict[str, Any]], words: Words) -> str:
    """The table."""
    if not rows:
        return f"<p>{words.both('no_report')}</p>"
    columns = ("clause", "requirement", "checked", "passed", "failed", "status")
    head = "".join(f"<th>{words.both(name)}</th>" for name in columns)
    body = "".join(_row(clause, words) for clause in rows)
    return (
        f"<div class='scroll-x'><table class='plain report'><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(clause: dict[str, Any], words: Words) -> str:
    status = reports.shown_status(clause)
    kind = escape(status.split()[0])
    return (
        f"<tr class='{kind}'><td>{escape(str(clause['clause']))}</td>"
        f"<td><b>{escape(str(clause['title']))}</b><br>"
        f"<span class='need'>{escape(str(clause.get('requirement', '')))}</span>"
        f"{_reason(clause)}{_rules(clause, words)}{_examples(clause, words)}</td>"
        f"<td>{clause['checked']}</td><td>{clause['passed']}</td><td>{clause['failed']}</td>"
        f"<td><span class='badge {kind}'>{escape(words[status])}</span></td></tr>"
    )


def _reason(clause: dict[str, Any]) -> str:
    """Why nothing was checked."""
    reason = clause.get("reason")
    return f"<br><small>{escape(str(reason))}</small>" if reason else ""


def _rules(clause: dict[str, Any], words: Words) -> str:
    seen = [rule for rule in clause.get("rules", ()) if rule["checked"]]
    if len(seen) < 2:
        return ""
    lines = "".join(
        f"<li>{escape(rule['title'])} {rule['passed']} / {rule['checked']}</li>" for rule in seen
    )
    return f"<details><summary>{words['rules']} ({len(seen)})</summary><ul>{lines}</ul></details>"


def _examples(clause: dict[str, Any], words: Words) -> str:
    examples = clause.get("examples") or ()
    if not examples:
        return ""
    lines = "".join(map(_example, examples))
    return (
        f"<details open><summary>{words['examples']} ({len(examples)})</summary>"
        f"<ul>{lines}</ul></details>"
    )


def _example(example: dict[str, Any]) -> str:
    """A failure; its call is a link."""
    rest = " · ".join(
        escape(str(example[name])) for name in ("measured", "place") if example.get(name)
    )
    if not example.get("call"):
        return f"<li>{rest}</li>"
    shown = escape(str(example.get("number") or example["call"]))
    return f"<li><a href='calls/{escape(str(example['call']))}'>{shown}</a> · {rest}</li>"
