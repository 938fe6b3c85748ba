"""What scenarios may name: of a menu book, of the simulated agents, of the business records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields

from agents.simulated import WORDS
from hotline.callers.checking import Vocabulary, check
from hotline.callers.scenario import Scenario
from hotline.services.fixtures import KINDS
from menus.model import Book, Target

GIVEN_FIELDS = {"customer": frozenset({"phone"})}
"""What a row of `given` may have that is not of the record: a customer's telephone."""


def prompt_table(book: Book) -> dict[tuple[str, str], str]:
    """(prompt id, language) -> template: everything the hotline and its simulated agents say."""
    table: dict[tuple[str, str], str] = {}
    for prompt in book.prompts():
        for language, text in prompt.long.items():
            table[prompt.id, language] = text
        for language, text in (prompt.short or {}).items():
            table[f"{prompt.id}.short", language] = text
    for name, texts in WORDS.items():
        for language, text in texts.items():
            table[name, language] = text
    return table


def vocabulary(book: Book) -> Vocabulary:
    """The names that scenarios for `book` may use."""
    table = prompt_table(book)
    return Vocabulary(
        prompts=frozenset(prompt for prompt, _ in table),
        languages=frozenset(language for _, language in table) | {*book.agent_languages},
        services=frozenset(book.services),
        skills=frozenset(skills_of(book)),
        records={
            name: frozenset(field.name for field in fields(kind)) for name, kind in KINDS.items()
        },
        given_fields=GIVEN_FIELDS,
    )


def check_names(scenarios: Iterable[Scenario], book: Book) -> None:
    """Raise `ScenarioError` if a scenario names what `book` does not have."""
    check(scenarios, vocabulary(book))


def skills_of(book: Book) -> Iterator[str]:
    """Every skill that is asked for by name."""
    for menu in book.menus.values():
        if menu.skill:
            yield menu.skill
    for target in _targets(book):
        if target.kind == "agent" and target.arg:
            yield target.arg


def _targets(book: Book) -> Iterator[Target]:
    for menu in book.menus.values():
        yield from (key.target for key in menu.keys.values())
        yield from (menu.no_input.then, menu.wrong_key.then)
    for step in book.steps.values():
        yield from step.on.values()
        if step.next is not None:
            yield step.next
        if step.collect is not None:
            yield from (key.target for key in step.collect.keys.values())
            yield from (step.collect.no_input.then, step.collect.wrong.then)
