"""The menu book: its outline with what is said, the lint findings, and the diagram."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from hotline.web import reports
from hotline.web.pages.shell import html, hub_of, page
from hotline.web.pages.texts import Words
from hotline.web.tree import Node, menu_tree
from menus.model import Book, Texts


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
        html(outline(menus, words)).classes("card outline")
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
                    config={
                        "maxTextSize": 500_000,
                        "maxEdges": 5_000,
                        "flowchart": {"useMaxWidth": False},
                    },
                )


def outline(book: Book, words: Words) -> str:
    """The tree a caller walks, branch by branch, with the prompt of each menu."""
    return f"<h2>{words.both('outline')}</h2>{_branch(menu_tree(book), book, words.lang, True)}"


def _branch(node: Node, book: Book, lang: str, opened: bool = False) -> str:
    key = f"<kbd>{escape(node.key)}</kbd> " if node.key else ""
    other = node.en if lang == "zh" else node.zh
    title = node.zh if lang == "zh" else node.en
    also = f" <small>{escape(other)}</small>" if other != title else ""
    name = f"{key}{escape(title)}{also}"
    said = _said(node, book)
    if not node.children and not said:
        return f"<div class='leaf {node.kind}'>{name}</div>"
    inside = "".join(_branch(child, book, lang) for child in node.children)
    return (
        f"<details class='{node.kind}'{' open' if opened else ''}><summary>{name}</summary>"
        f"{said}{inside}</details>"
    )


def _said(node: Node, book: Book) -> str:
    """The words of a menu or step, in each language the book has."""
    texts: Texts = {}
    if node.kind == "menu":
        texts = book.menus[node.id].prompt.long
    elif node.kind == "step" and (say := book.steps[node.id].say):
        texts = say.long
    lines = "".join(f"<p lang='{code}'>{escape(text)}</p>" for code, text in texts.items())
    return f"<div class='said'>{lines}</div>" if lines else ""


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
