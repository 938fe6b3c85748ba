"""The agent's page. The component does everything in the browser (`desk.js`)."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import Request
from nicegui import ui

from hotline.web.pages.shell import base_of, html, hub_of, page

COMMANDS = "hotline serve --agents desk\nhotline serve --agents both --desk-user 1001"
"""How to open desks: for everybody, or for one agent beside the simulated ones."""


class AgentDesk(ui.element, component="desk.js"):
    """One agent's desk. `agents`: who needs no password; `secret`: whether some do."""

    def __init__(self, base: str, lang: str, agents: list[dict[str, Any]], *, secret: bool) -> None:
        super().__init__()
        self._props["base"] = base
        self._props["lang"] = lang
        self._props["agents"] = agents
        self._props["secret"] = secret


@ui.page("/desk")
def desk(request: Request) -> None:
    """Answer calls in the browser."""
    control = hub_of(request).desk
    with page(request, "desk", wide=True) as words:
        if control is not None:
            people = control.open_to_all()
            AgentDesk(base_of(request), words.lang, people, secret=control.needs_password)
            return
        html(
            f"<h1>{words.both('no_desk')}</h1><p>{words.both('no_desk_why')}</p>"
            f"<pre>{escape(COMMANDS)}</pre>"
        ).classes("card")
