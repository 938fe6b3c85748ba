"""Scripted callers over WebSocket: the same scenarios, in real time, heard from the audio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from agents.simulated import WORDS
from audio.pack import Pack
from hotline.callers.hearing import Canon
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.switch.chance import Chance
from hotline.switch.record import Entry
from hotline.telephony.caller import call, wall_engine
from menus.loader import load
from menus.model import Book

SIDE_BY_SIDE = 8
"""calls in progress at once; each takes some per cent of a core to listen to"""


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


def run_over_websocket(
    scenarios: Sequence[Scenario],
    target: str,
    book: str | None,
    seed: int,
    *,
    recordings: Sequence[str] = (),
    side_by_side: int = SIDE_BY_SIDE,
) -> Iterator[tuple[Verdict, Mapping[str, Sequence[Entry]]]]:
    """Call `target` with each scenario and yield the verdicts in the scenarios' order, each as soon
    as it and those before it are known: whoever stops early has what was finished.

    Raises `UnreachableError` when nobody answers.
    """
    pack = Pack.load(*recordings)
    with asyncio.Runner() as runner:
        calls = runner.run(_place(scenarios, target, load(book), seed, pack, side_by_side))
        for each in calls:
            yield runner.run(_verdict(each)), {}


async def _place(
    scenarios: Sequence[Scenario],
    target: str,
    book: Book,
    seed: int,
    pack: Pack,
    side_by_side: int,
) -> list[asyncio.Task[Verdict]]:
    """All the calls, `side_by_side` of them in progress at once while the loop runs."""
    table, canon, engine = prompt_table(book), Canon.of_book(book), wall_engine()
    lines = asyncio.Semaphore(side_by_side)

    async def one(scenario: Scenario) -> Verdict:
        chosen = scenario.seed if scenario.seed is not None else seed
        async with lines:
            return await call(
                scenario, target, pack, table, canon=canon, chance=Chance(chosen), engine=engine
            )

    return [asyncio.create_task(one(scenario)) for scenario in scenarios]


async def _verdict(each: asyncio.Task[Verdict]) -> Verdict:
    return await each
