"""Scripted callers over WebSocket or SIP: the same scenarios in real time, heard from audio."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from hotline.callers.hearing import Caller
from hotline.callers.player import Player
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.cli.sound import Sound
from hotline.switch.chance import Chance
from hotline.switch.record import Entry
from hotline.telephony.caller import ANSWER_WITHIN, place, wall_engine
from hotline.telephony.engine import Engine
from hotline.telephony.handset import Handset


def medium_of(target: str) -> str:
    """What `--media` calls the medium of a target's URL."""
    return "sip" if target.lower().startswith(("sip:", "sips:")) else "ws"


def not_given(scenarios: Iterable[Scenario], lang: str) -> str:
    """What scenarios say of the world before the call, which nobody prepares here; "" if nothing.

    It may be so by chance, or because somebody has seen to it, so it is told and not refused.
    """
    parts = ", ".join(dict.fromkeys(part for s in scenarios for part in s.given.parts))
    if not parts:
        return ""
    if lang == "zh":
        return f"hotline: given 在网络上不起作用，对方须自行准备：{parts}"
    return f"hotline: given does nothing over a network; the target must be so: {parts}"


def run_over_network(
    scenarios: Sequence[Scenario],
    target: str,
    sound: Sound,
    seed: int,
    *,
    timeout: float = ANSWER_WITHIN,
) -> Iterator[tuple[Verdict, Mapping[str, Sequence[Entry]]]]:
    """Call `target` (a ws or sip URL) with each scenario and yield the verdicts in the scenarios'
    order, each as soon as it and those before it are known: whoever stops early has what was
    finished. `sound` is what the callers know of how the target sounds.

    Raises `UnreachableError` when nobody answers within `timeout` seconds.
    """
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        calls = runner.run(_place(stack, scenarios, target, sound, seed, timeout))
        try:
            for each in calls:
                yield runner.run(_verdict(each)), {}
        finally:
            runner.run(_end(stack, calls))


async def _place(
    stack: AsyncExitStack,
    scenarios: Sequence[Scenario],
    target: str,
    sound: Sound,
    seed: int,
    timeout: float,
) -> list[asyncio.Task[Verdict]]:
    """All the calls, some of them in progress at once while the loop runs."""
    dial = await telephone(stack, target, sound, wall_engine(), timeout)
    lines = asyncio.Semaphore(sound.side_by_side)

    async def one(scenario: Scenario) -> Verdict:
        chosen = seed if scenario.seed is None else scenario.seed
        player = Player(scenario, Chance(chosen), sound.canon, sound.late)
        async with lines:
            await dial(player)
        assert player.verdict is not None
        return replace(player.verdict, seed=chosen, unjudged=scenario.inside)

    return [asyncio.create_task(one(scenario)) for scenario in scenarios]


async def _end(stack: AsyncExitStack, calls: Sequence[asyncio.Task[Verdict]]) -> None:
    """Nobody waits for the calls that are left, nor for what they may complain of."""
    for each in calls:
        each.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await stack.aclose()


async def _verdict(each: asyncio.Task[Verdict]) -> Verdict:
    return await each


Dial = Callable[[Caller], Awaitable[None]]


async def telephone(
    stack: AsyncExitStack,
    target: str,
    sound: Sound,
    engine: Engine,
    timeout: float,
    *,
    measured: bool = False,
) -> Dial:
    """How callers reach `target`: by its URL's scheme. `measured`: all are `load.Observed`."""
    pack, table, canon, ear = sound.pack, sound.table, sound.canon, sound.ear
    handset, sip_telephone = Handset, None
    if measured:
        from hotline.load.media import LoadHandset, LoadSipTelephone, load_ear

        handset, sip_telephone, ear = LoadHandset, LoadSipTelephone, load_ear(ear)
    if medium_of(target) == "ws":
        return lambda caller: place(
            caller, target, pack, table, canon=canon, timeout=timeout, engine=engine, ear=ear,
            telephone=handset,
        )  # fmt: skip
    from hotline.telephony.sip.digest import Credentials
    from hotline.telephony.sip.telephone import SIP_USER, SipCallers, SipTelephone

    user, _, password = os.environ.get(SIP_USER, "").partition(":")
    credentials = Credentials(user, password) if user else None
    callers = await stack.enter_async_context(
        SipCallers(target, engine, credentials=credentials, timeout=timeout)
    )
    return lambda caller: callers.place(
        caller, pack, table, canon=canon, ear=ear, telephone=sip_telephone or SipTelephone
    )
