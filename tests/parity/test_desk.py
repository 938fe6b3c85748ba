"""Agents over the wire: a bot on the control channel gives the call that a simulated agent gives.

The bot is a plain WebSocket client. It says the simulated agent's words with the pack's voice, so the
scripted caller, who hears audio only, must hear the same.
"""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from agents.simulated import WORDS
from hotline.callers.reading import load
from hotline.callers.runner import run
from hotline.callers.scenario import Scenario
from hotline.cli.live import Tee
from hotline.switch.journal import MemoryJournal
from hotline.telephony.browser import BrowserDesks
from hotline.telephony.leg import FRAME, SILENCE
from hotline.telephony.places import Places
from hotline.telephony.websocket import mount
from hotline.web.desk import CONTROL, DeskControl
from hotline.web.desk_client import AUDIO
from hotline.web.live import Hub
from tests.parity.switchboard import BOOK, FACTORY, PACK, Switchboard

CALLS = [
    scenario
    for scenario in load(str(Path(__file__).with_name("calls.yaml")))
    if {"agent", "survey"} & set(scenario.tags)
]
GREETING = b"".join(
    map(PACK.ulaw, PACK.render(WORDS["agent.greeting"]["zh-CN"], {}, "zh-CN").clips)
)


@dataclass
class DeskBoard(Switchboard):
    """A switchboard whose agents come over the wire."""

    tee: Tee = field(default_factory=lambda: Tee(MemoryJournal()))
    book = BOOK

    def journal(self):
        return self.tee

    def observe(self, callback):
        self.tee.observers.append(callback)

    def parts(self, scenario):
        parts = super().parts(scenario)
        return replace(parts, desks=frozenset(profile.id for profile in parts.roster))

    def hotline(self, scenario):
        self.exchange, media = super().hotline(scenario)
        places = self.exchange.desks = Places(self.exchange, self.clock)
        seats = BrowserDesks(places.place("browser"), media)
        agents = self.parts(scenario).roster
        nobody_asked = dict.fromkeys((agent.number for agent in agents), None)
        mount(self.app, DeskControl(Hub(self), seats, agents.by_id, nobody_asked), CONTROL)
        mount(self.app, seats, AUDIO)
        return self.exchange, media

    def come_to_work(self, exchange, scenario):
        """The bot comes by itself."""

    async def sleep(self, seconds):
        """Time as the hotline has it."""
        over = asyncio.get_running_loop().create_future()
        self.clock.call_at(self.clock.now() + seconds, lambda: over.set_result(None))
        await over


class Bot:
    """One agent: answers, greets, talks for a while, hands over to the survey."""

    def __init__(self, board: DeskBoard, scenario: Scenario) -> None:
        self.board, [self.agent] = board, scenario.given.agents
        self.told = []
        self.heard = b""
        self.say = b""

    async def work(self):
        async with connect(f"ws://127.0.0.1:{self.board.port}{CONTROL}") as control:
            await control.send(json.dumps({"do": "sign_in", "number": self.agent.number}))
            sound = None
            try:
                async for text in control:
                    message = json.loads(text)
                    self.told.append(message)
                    if message["t"] == "signed_in":
                        sound = asyncio.create_task(self.audio(message["token"]))
                    elif message["t"] == "offer":
                        await self.board.sleep(self.agent.answer_after or 0.0)
                        await control.send('{"do": "answer"}')
                    elif message["t"] == "talk" and message["phase"] == "talking":
                        self.say = GREETING
                        await self.board.sleep(self.agent.talk)
                        await control.send('{"do": "survey"}')
                    elif message["t"] == "over":
                        return
            finally:
                sound.cancel()

    async def audio(self, token):
        async with connect(f"ws://127.0.0.1:{self.board.port}{AUDIO}") as media:
            start = {"streamSid": "MZ1", "customParameters": {"token": token}}
            await media.send(json.dumps({"event": "start", "start": start}))
            async for text in media:
                message = json.loads(text)
                if message["event"] != "media":
                    continue
                self.heard += base64.b64decode(message["media"]["payload"])
                frame, self.say = self.say[:FRAME] or SILENCE, self.say[FRAME:]
                payload = base64.b64encode(frame).decode()
                await media.send(json.dumps({"event": "media", "media": {"payload": payload}}))


@pytest.mark.parametrize("scenario", CALLS, ids=lambda scenario: scenario.name)
async def test_a_bot_at_a_desk_gives_the_call_of_a_simulated_agent(scenario):
    async with DeskBoard() as board:
        bot = Bot(board, scenario)
        calling = asyncio.ensure_future(board.by_websocket(scenario))
        verdict, _ = await board.run(asyncio.gather(calling, bot.work()))
    memory = run(scenario, FACTORY)
    assert verdict.transcript.text() == memory.transcript.text()
    assert verdict.passed, verdict.failures
    assert [m["state"] for m in bot.told if m["t"] == "state"][:4] == [
        "not_ready",
        "ready",
        "ringing",
        "talking",
    ]
    assert bot.told[-1]["by"] == ("agent" if "survey" in scenario.tags else "caller")
