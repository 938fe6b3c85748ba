"""The contract of media: a scenario gives the same transcript in memory, over WebSocket and by SIP.

Real sockets, all calls side by side; what is heard is known from the audio alone.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from hotline.callers.reading import load
from hotline.callers.runner import run
from tests.parity.switchboard import FACTORY, Switchboard

CALLS = load(str(Path(__file__).with_name("calls.yaml")))


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
