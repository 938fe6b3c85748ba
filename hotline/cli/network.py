"""Scripted callers over WebSocket or SIP: the same scenarios in real time, heard from audio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from agents.simulated import WORDS
from audio.pack import Pack
from hotline.callers.hearing import Caller, Canon
from hotline.callers.player import Player
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.switch.chance import Chance
from hotline.switch.record import Entry
from hotline.telephony.caller import place, wall_engine
from hotline.telephony.ear import PromptTable
from hotline.telephony.engine import Engine
from menus.loader import load
from menus.model import Book

SIP_USER = "HOTLINE_SIP_USER"
"""Environment variable NAME:PASSWORD for SIP targets that ask who calls."""
SIDE_BY_SIDE = 8
"""calls in progress at once; each takes some per cent of a core to listen to"""


def medium_of(target: str) -> str:
    """What `--media` calls the medium of a target's URL."""
    return "sip" if target.startswith("sip:") else "ws"


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


def run_over_network(
    scenarios: Sequence[Scenario],
    target: str,
    book: str | None,
    seed: int,
    *,
    recordings: Sequence[str] = (),
    side_by_side: int = SIDE_BY_SIDE,
) -> Iterator[tuple[Verdict, Mapping[str, Sequence[Entry]]]]:
    """Call `target` (a ws or sip URL) with each scenario and yield the verdicts in the scenarios'
    order, each as soon as it and those before it are known: whoever stops early has what was
    finished.

    Raises `UnreachableError` when nobody answers.
    """
    pack = Pack.load(*recordings)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        calls = runner.run(_place(stack, scenarios, target, load(book), seed, pack, side_by_side))
        try:
            for each in calls:
                yield runner.run(_verdict(each)), {}
        finally:
            runner.run(stack.aclose())


async def _place(
    stack: AsyncExitStack,
    scenarios: Sequence[Scenario],
    target: str,
    book: Book,
    seed: int,
    pack: Pack,
    side_by_side: int,
) -> list[asyncio.Task[Verdict]]:
    """All the calls, `side_by_side` of them in progress at once while the loop runs."""
    table, canon, engine = prompt_table(book), Canon.of_book(book), wall_engine()
    dial = await _telephone(stack, target, engine)
    lines = asyncio.Semaphore(side_by_side)

    async def one(scenario: Scenario) -> Verdict:
        chosen = seed if scenario.seed is None else scenario.seed
        player = Player(scenario, Chance(chosen), canon)
        async with lines:
            await dial(player, pack, table, canon)
        assert player.verdict is not None
        return replace(player.verdict, seed=chosen, unjudged=scenario.inside)

    return [asyncio.create_task(one(scenario)) for scenario in scenarios]


async def _verdict(each: asyncio.Task[Verdict]) -> Verdict:
    return await each


Place = Callable[[Caller, Pack, PromptTable, Canon], Awaitable[None]]


async def _telephone(stack: AsyncExitStack, target: str, engine: Engine) -> Place:
    """How callers reach `target`: by its URL's scheme."""
    if not target.startswith("sip:"):
        return lambda caller, pack, table, canon: place(
            caller, target, pack, table, canon=canon, engine=engine
        )
    from hotline.telephony.sip.digest import Credentials
    from hotline.telephony.sip.telephone import SipCallers

    user, _, password = os.environ.get(SIP_USER, "").partition(":")
    credentials = Credentials(user, password) if user else None
    callers = await stack.enter_async_context(SipCallers(target, engine, credentials=credentials))
    return lambda caller, pack, table, canon: callers.place(caller, pack, table, canon=canon)
