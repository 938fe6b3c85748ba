"""The contract of media: a scenario gives the same transcript in memory, over WebSocket and by SIP.

Real sockets, all calls side by side; what is heard is known from the audio alone.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from hotline.callers.reading import load
from hotline.callers.runner import run
from hotline.callers.scenario import PickUp
from hotline.cli.test import shipped
from tests.parity.switchboard import FACTORY, Switchboard

CALLS = load(str(Path(__file__).with_name("calls.yaml")))
EVERY = 100
SHIPPED = sorted(
    # a caller by SIP cannot be rung here: no call-backs
    (s for s in load(shipped()) if not any(isinstance(step, PickUp) for step in s.story)),
    key=lambda scenario: scenario.name,
)[::EVERY]


async def test_in_memory_over_websocket_and_by_sip_it_is_the_same_call():
    async with Switchboard() as board:
        by_websocket, by_sip = await board.run(
            asyncio.gather(
                asyncio.gather(*map(board.by_websocket, CALLS)),
                asyncio.gather(*map(board.by_sip, CALLS)),
            )
        )
    for scenario, websocket, sip in zip(CALLS, by_websocket, by_sip, strict=True):
        memory = run(scenario, FACTORY)
        for heard in (websocket, sip):
            assert heard.transcript.text() == memory.transcript.text(), scenario.name
            assert heard.transcript == memory.transcript, scenario.name
            assert heard.passed, (scenario.name, heard.failures)


async def test_shipped_scenarios_by_sip_are_the_calls_that_they_are_in_memory():
    """A few of all kinds; every tenth is heard in tests/telephony/test_transcripts.py."""
    async with Switchboard() as board:
        heard = await board.run(asyncio.gather(*map(board.by_sip, SHIPPED)))
    for scenario, sip in zip(SHIPPED, heard, strict=True):
        assert sip.transcript == run(scenario, FACTORY).transcript, scenario.name
