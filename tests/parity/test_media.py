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
from tests.parity.switchboard import EARLY, FACTORY, Switchboard

HERE = Path(__file__).parent
CALLS = load(str(HERE / "calls.yaml"))
RINGING, REFUSED = load(str(HERE / "early.yaml"))
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


async def test_what_is_heard_before_the_answer_or_the_refusal():
    """As early media by SIP; over WebSocket a refused caller hears it before the busy tone."""
    async with Switchboard(factory=EARLY) as board:
        ringing, refused, other = await board.run(
            asyncio.gather(
                board.by_sip(RINGING), board.by_sip(REFUSED), board.by_websocket(REFUSED)
            )
        )
    assert ringing.transcript == run(RINGING, EARLY).transcript
    assert str(ringing.transcript).startswith("tone    ringback\nheard   greeting")
    assert refused.transcript == other.transcript == run(REFUSED, EARLY).transcript
    for verdict in (ringing, refused, other):
        assert verdict.passed, verdict.failures
