"""The menu book: its diagram, branch by branch or whole, and the lint findings."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from hotline.web import reports
from hotline.web.pages.shell import html, hub_of, page
from hotline.web.pages.texts import Words


@ui.page("/book")
def book(request: Request) -> None:
    """Diagram and findings."""
    hub = hub_of(request)
    menus = hub.hotline.book
    with page(request, "book") as words:
        html(
            f"<h1>{words.both('book')}</h1><p class='lead'>{escape(menus.edition)} · "
            f"<b>{len(menus.menus)}</b> {words.both('menus')} · {escape(menus.language)}</p>"
        )
        html(findings(reports.lint(menus, words.lang), words)).classes("card")
        with ui.element("section").classes("card diagram"):
            steps = request.query_params.get("steps") == "1"
            to, name = ("", "menus_only") if steps else ("?steps=1", "with_steps")
            html(
                f"<h2>{words.both('diagram')} <a class='right' href='book{to}'>"
                f"{words[name]}</a></h2>"
            )
            with ui.element("div").classes("scroll-x").props("tabindex=0"):
                ui.mermaid(
                    reports.diagram(menus, words.lang, steps=steps),
                    config={"maxTextSize": 500_000, "maxEdges": 5_000,
                            "flowchart": {"useMaxWidth": False}},
                )


def findings(found: list[dict[str, Any]], words: Words) -> str:
    """The lint findings as a table."""
    head = f"<h2>{words.both('findings')}</h2>"
    if not found:
        return f"{head}<p class='good'>✓ {words.both('no_findings')}</p>"
    columns = ("rule", "level", "clause", "place", "message")
    titles = "".join(f"<th>{words.both(name)}</th>" for name in columns)
    rows = "".join(
        f"<tr><td>{escape(f['rule'])}</td>"
        f"<td><span class='badge {escape(f['level'])}'>{escape(f['level'])}</span></td>"
        f"<td>{escape(f['clause'])}</td><td>{escape(_place(f))}</td>"
        f"<td>{escape(f['message'])}<br><small>{escape(f['hint'])}</small></td></tr>"
        for f in found
    )
    return (
        f"{head}<div class='scroll-x'><table class='plain'><thead><tr>{titles}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _place(finding: dict[str, Any]) -> str:
    """The file's name, not where it lies on this machine."""
    return f"{str(finding['file']).rpartition('/')[2]}:{finding['line']}"
