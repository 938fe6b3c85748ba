"""The clause report of all closed calls."""

from __future__ import annotations

import asyncio
from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from hotline.web import reports
from hotline.web.pages.shell import base_of, html, hub_of, page
from hotline.web.pages.texts import Words


@ui.page("/report")
async def report(request: Request) -> None:
    """Clause by clause."""
    hub, base = hub_of(request), base_of(request)
    found = await asyncio.to_thread(reports.as_json, hub.hotline)
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
    status = str(clause["status"])
    title = reports.title_of(clause, words.lang)
    examples = "".join(_example(example) for example in clause.get("examples") or ())
    more = (
        f"<details><summary>{words['examples']} ({len(clause['examples'])})</summary>"
        f"<ul>{examples}</ul></details>" if examples else ""
    )
    return (
        f"<tr class='{escape(status.split()[0])}'><td>{escape(str(clause['clause']))}</td>"
        f"<td>{escape(title)}{more}</td><td>{clause['checked']}</td><td>{clause['passed']}</td>"
        f"<td>{clause['failed']}</td><td><span class='badge {escape(status.split()[0])}'>"
        f"{escape(words[status])}</span></td></tr>"
    )


def _example(example: Any) -> str:
    """An example may name its call, which then is a link."""
    if isinstance(example, dict) and example.get("call"):
        call = escape(str(example["call"]))
        rest = " · ".join(escape(str(v)) for k, v in example.items() if k != "call" and v)
        return f"<li><a href='calls/{call}'>{call}</a> {rest}</li>"
    return f"<li>{escape(str(example))}</li>"
