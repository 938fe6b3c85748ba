"""The pages. Importing this package imports NiceGUI, so only `app.create_app` does, and late."""

from __future__ import annotations

from fastapi import FastAPI
from nicegui import ui

from hotline.web.pages import book, calls, desk, phone, report, shell

__all__ = ["book", "calls", "desk", "mount", "phone", "report"]


def mount(app: FastAPI) -> None:
    """Serve the pages below `app`'s own routes."""
    ui.run_with(
        app,
        title="95598",
        favicon=shell.MARK,
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10.0,
    )
