"""The softphone page. The component does everything in the browser (`softphone.js`)."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from nicegui import ui

from hotline.web.customers import customers
from hotline.web.pages.shell import base_of, page


class Softphone(ui.element, component="softphone.js"):
    """Keypad, sound, captions and menu tree of one phone. `base`: path of the app."""

    def __init__(self, base: str, lang: str, people: list[dict[str, Any]]) -> None:
        super().__init__()
        self._props["base"] = base
        self._props["lang"] = lang
        self._props["customers"] = people


@ui.page("/")
@ui.page("/phone")
def phone(request: Request) -> None:
    """Call the hotline from the browser."""
    with page(request, "phone", wide=True) as words:
        Softphone(base_of(request), words.lang, customers())
