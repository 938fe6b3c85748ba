"""An edition, a book and a roster made ready for checking many calls: patterns compiled once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hotline.standard.clauses import Edition
from hotline.standard.results import Profile
from menus.model import Book

OWN_PROMPTS = (
    "greeting",
    "notice",
    "bulletin",
    "agent.",
    "survey",
    "closing",
    "queue.",
    "transfer",
)
"""Prompts that are no menus: without a book it is unknown whether a key may interrupt them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the call checks need. Times in seconds."""

    edition: Edition
    greeting: re.Pattern[str]
    announcement: re.Pattern[str]
    closing: re.Pattern[str]
    interruptible: Mapping[str, bool] | None
    no_input_limits: Mapping[str, int]
    transfer_keys: frozenset[str]
    agent_menus: frozenset[str]
    agents: Mapping[str, Profile] | None

    @classmethod
    def of(
        cls, edition: Edition, book: Book | None, agents: Mapping[str, Profile] | None
    ) -> Settings:
        """Settings for calls through `book` (None: unknown) answered by `agents`."""
        return cls(
            edition=edition,
            greeting=re.compile(edition.text("greeting_pattern")),
            announcement=re.compile(edition.text("announcement_pattern")),
            closing=re.compile(edition.text("closing_pattern")),
            interruptible=_interruptible(book) if book else None,
            no_input_limits=_no_input_limits(book) if book else {},
            transfer_keys=_transfer_keys(book) if book else frozenset(),
            agent_menus=_agent_menus(book) if book else frozenset(),
            agents=agents,
        )

    def may_interrupt(self, prompt: str) -> bool:
        """Whether a key must stop prompt `prompt` (5.2.6.3); legal notices are heard in full."""
        if self.interruptible is not None:
            return self.interruptible.get(prompt, True)
        return not prompt.startswith(OWN_PROMPTS)

    def re_prompts(self, at_id: str) -> int:
        """Re-prompts on silence at a menu or step, before its last resort."""
        return self.no_input_limits.get(at_id, int(self.edition.number("no_input_prompts")))


def _interruptible(book: Book) -> dict[str, bool]:
    return {prompt.id: prompt.interruptible for prompt in book.prompts()}


def _no_input_limits(book: Book) -> dict[str, int]:
    limits = {menu.id: menu.no_input.limit for menu in book.menus.values()}
    collecting = {s.id: s.collect.no_input.limit for s in book.steps.values() if s.collect}
    return limits | collecting


def _transfer_keys(book: Book) -> frozenset[str]:
    return frozenset(key for key, target in book.common_keys.items() if target.kind == "agent")


def _agent_menus(book: Book) -> frozenset[str]:
    """Menus with some key to an agent."""
    return frozenset(
        menu.id
        for menu in book.menus.values()
        if any(key.target.kind == "agent" for key in menu.keys.values())
    )
