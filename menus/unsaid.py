"""Prompts that a book has and that nobody can hear, because of how the book is written."""

from __future__ import annotations

from menus.model import Book, Hours
from menus.wording import Both


def never_said(book: Book, prompt: str) -> Both | None:
    """Why the call never says `prompt` (an id); None if a caller can get to hear it."""
    if prompt == "error.failed" and _all_handled(book):
        return Both("每个步骤的每种结果都有去向", "every outcome of every step leads somewhere")
    if prompt == "refused.closed" and book.hours == Hours():
        return Both("人工服务全天开放", "agents are on duty round the clock")
    if prompt in ("queue.callback", "callback.greeting") and not _calls_back(book):
        return Both("没有按键预约回拨", "no key asks for a call-back")
    if prompt in ("refused.trunks", "refused.draining"):
        return Both("只对未接入即被拒绝的来电播报", "only who is refused before the call hears it")
    return None


def _calls_back(book: Book) -> bool:
    """Whether the menu in the queue offers a call-back."""
    menu = book.menus.get(book.waiting.menu or "")
    return menu is not None and any(key.target.kind == "callback" for key in menu.keys.values())


def _all_handled(book: Book) -> bool:
    """Whether no outcome of a request is left to the apology `error.failed`."""
    for step in book.steps.values():
        spec = book.services.get(step.request or "")
        outcomes = ("failed", *(spec.outcomes if spec else ()))
        if step.request and step.next is None and not set(outcomes) <= step.on.keys():
            return False
        if step.request and "failed" not in step.on:
            return False
        if step.request is None and step.next is None:
            return False
    return True
