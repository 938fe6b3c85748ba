"""The same load in memory, over WebSocket and by SIP: real sockets, recognised audio, virtual time
(`tests.parity.switchboard`). What is measured must not depend on the line, nor on the machine."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from hotline.cli.compose import EPOCH, Parts, sign_in
from hotline.cli.load_callers import Crew
from hotline.cli.plan_agents import acd_settings, plan_agents
from hotline.load.calls import Outcome
from hotline.load.figures import load_figures
from hotline.load.media import LoadHandset, LoadSipTelephone, load_ear
from hotline.load.run import Limits, LoadRun
from hotline.load.schedule import schedule
from hotline.services.live import DirectServices
from hotline.services.records import MemoryRecords
from hotline.simulation.reading import plan_of
from hotline.switch.chance import Chance
from hotline.switch.journal import MemoryJournal
from hotline.telephony.caller import place
from hotline.telephony.gateway import Gateway
from hotline.telephony.media import EngineMedia
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.gateway import SipGateway
from hotline.telephony.sip.telephone import SipCallers
from hotline.telephony.websocket import mount
from menus.reader import read_text
from tests.load.test_run import BOOK, SOUND, Hour
from tests.parity.switchboard import Switchboard

SEED = 4
PLAN = plan_of(
    read_text(
        """
queues:
  - {name: fault, calls_per_hour: 480, handle: 8, patience: 30}
  - {name: bill, calls_per_hour: 240, handle: {distribution: exponential, mean: 6}, patience: 7}
groups:
  - {name: a, agents: 1, skills: [fault, bill], ring: 3}
after_call: 2
load: {length: 45, drain: 60}
""",
        "plan.yaml",
    ),
    "plan.yaml",
)  # rings of one length: an agent's draws are named by the call, whose name the line gives
WAITS = 0.2
"""Seconds by which waits may differ: a few frames, and 5 ms steps of the clock."""
HEARS = 0.4
"""Seconds by which two lines may differ in when a prompt was noticed, and so in when keys were
pressed: recognition needs up to half a second, the memory none."""


class Lines:
    """Two hotlines with the plan's agents, one for each kind of line, on one clock."""

    def __init__(self, board, stack):
        self.board, self.stack = board, stack

    def hotline(self):
        roster, behaviours = plan_agents(PLAN, BOOK)
        clock = self.board.clock
        parts = Parts(BOOK, roster, SOUND.pack, MemoryRecords(), acd_settings(PLAN), behaviours,
                      Chance(SEED), EPOCH, policy=PLAN.routing)  # fmt: skip
        media = EngineMedia(self.board.hotlines, SOUND.pack)
        services = DirectServices(parts.records, lambda: parts.now(clock), clock=clock)
        exchange = parts.exchange(
            clock=clock, media=media, services=services, journal=MemoryJournal()
        )
        return exchange, media, roster

    async def by_websocket(self):
        exchange, media, roster = self.hotline()
        mount(self.board.app, Gateway(exchange, media), "/media")
        sign_in(exchange, roster)
        url = f"ws://127.0.0.1:{self.board.port}/media"
        return await self.load(lambda caller: place(
            caller, url, SOUND.pack, SOUND.table, canon=SOUND.canon, engine=self.board.callers,
            ear=load_ear(None), telephone=LoadHandset,
        ))  # fmt: skip

    async def by_sip(self):
        exchange, media, roster = self.hotline()
        ports = RtpPorts(self.board.hotlines, "127.0.0.1")
        gateway = SipGateway(self.board.clock, exchange, media, ports)
        media.connect(exchange)
        await gateway.endpoint.listen("127.0.0.1", 0)
        self.stack.push_async_callback(gateway.close)
        sign_in(exchange, roster)
        callers = SipCallers(gateway.endpoint.url, self.board.callers)
        line = await self.stack.enter_async_context(callers)
        return await self.load(lambda caller: line.place(
            caller, SOUND.pack, SOUND.table, canon=SOUND.canon, ear=load_ear(None),
            telephone=LoadSipTelephone,
        ))  # fmt: skip

    async def load(self, dial):
        crew = Crew(PLAN, SOUND, BOOK, SEED)
        calls = schedule(PLAN, SEED, crew.kinds)
        limits = Limits(PLAN.load.concurrent, PLAN.load.drain)
        clock = self.board.clock
        return await LoadRun(calls, crew, dial, clock, limits, origin=clock.now()).run()


async def both():
    async with Switchboard() as board, AsyncExitStack() as stack:
        lines = Lines(board, stack)
        return await board.run(asyncio.gather(lines.by_websocket(), lines.by_sip()))


@pytest.fixture(scope="module")
def heard():
    """The calls in memory, over WebSocket and by SIP."""
    memory = asyncio.run(Hour(PLAN, SEED).load()).calls
    websocket, sip = asyncio.run(both())
    return {"memory": memory, "websocket": websocket, "sip": sip}


@pytest.mark.parametrize("line", ["websocket", "sip"])
def test_every_call_has_the_same_fate_and_waits_as_long_on_every_line(heard, line):
    assert len(heard["memory"]) == len(heard[line]) > 5
    for known, found in zip(heard["memory"], heard[line], strict=True):
        assert found.planned == known.planned
        assert not found.late
        assert found.asked == pytest.approx(known.asked, abs=HEARS)
        if known.outcome in (Outcome.SERVED, Outcome.ABANDONED):
            assert found.outcome is known.outcome
            assert found.wait == pytest.approx(known.wait, abs=WAITS)


@pytest.mark.parametrize("line", ["websocket", "sip"])
def test_nothing_is_lost_on_a_line_without_faults(heard, line):
    found = load_figures(heard[line], PLAN.limits)
    assert found.value("connected") == 1.0
    assert found.value("gaps") == 0.0
    assert found.value("lost_packets") == 0
    assert found.value("setup_p99") < 0.5
    assert found.value("sound_p99") < 0.5
    opinion = found.value("mos_p5")
    assert opinion is None if line == "websocket" else opinion > 4.3
