"""A hotline for every scenario on real sockets, all in this process: the world each one asks for.

    scenario --> exchange --> WebSocket /media/N of one server, or a SIP port of its own

The same roster, records, chance and call ids as in memory, so that whatever is heard differs only
if a medium is at fault. The sockets are real, the time is not: the clock of both sides moves one
step, then the sockets are let to deliver, then it moves again. So a busy machine makes the test
slower, never wrong, and an idle one makes it faster than the calls last.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import uvicorn
from starlette.applications import Starlette

from hotline.callers.hearing import Canon
from hotline.callers.player import Player
from hotline.callers.runner import call_id
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.cli.compose import Parts, built_in_pack, sign_in
from hotline.cli.virtual import ScenarioHotlines, scenario_hotlines
from hotline.cli.vocabulary import prompt_table
from hotline.services.live import DirectServices, Faults
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.exchange import Exchange
from hotline.switch.journal import MemoryJournal
from hotline.switch.ports import JournalSink
from hotline.telephony import server
from hotline.telephony.caller import call as call_by_websocket
from hotline.telephony.caller import use
from hotline.telephony.engine import SLOT, Engine
from hotline.telephony.gateway import Gateway
from hotline.telephony.media import EngineMedia
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.gateway import SipGateway
from hotline.telephony.sip.telephone import SipCallers, SipTelephone
from hotline.telephony.websocket import mount
from menus.loader import load as load_book

BOOK = load_book()
CANON = Canon.of_book(BOOK)
TABLE = prompt_table(BOOK)
PACK = built_in_pack()
FACTORY = scenario_hotlines(BOOK)
EARLY = scenario_hotlines(BOOK, announces=True)
"""hotlines that say why they refuse"""


class ToneTelephone(SipTelephone):
    """A telephone that sends its keys as tones in the audio."""

    def press(self, key: str) -> None:
        """Neither as telephone-event nor by INFO."""
        assert self._port is not None
        self._port.press(key, in_band=True)


ROUNDS = 8
"""looks at the sockets between two steps of the clock: a WebSocket message passes a few tasks"""

T = TypeVar("T")

KINDS = {"info": SipTelephone, "inband": ToneTelephone}
"""tag of a scenario -> a telephone that does not know telephone-event"""


def ids(scenario: Scenario) -> Callable[[], str]:
    """The call ids that the scenario's calls have in memory: they name the same draws."""
    first = call_id(scenario)
    numbers = iter([first, *(f"{first}.{number}" for number in range(2, 50))])
    return lambda: next(numbers)


@dataclass
class Switchboard:
    """Hotlines and callers of one event loop; all share one media clock for each side."""

    app: Starlette = field(default_factory=Starlette)
    factory: ScenarioHotlines = FACTORY

    def __post_init__(self) -> None:
        self._stack = AsyncExitStack()
        self.clock = VirtualClock()
        self.hotlines, self.callers = Engine(self.clock), Engine(self.clock)
        self.port = 0
        self._mounted = 0

    async def run(self, work: Awaitable[T]) -> T:
        """Move the clock and the sockets in turn until `work` is done."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self.clock.run(until=self.clock.now() + SLOT)
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
        return task.result()

    async def __aenter__(self) -> Switchboard:
        self.port = await self._stack.enter_async_context(serving(self.app))
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._stack.aclose()

    def hotline(self, scenario: Scenario) -> tuple[Exchange, EngineMedia]:
        """A new one, in the world of the scenario."""
        parts = self.parts(scenario)
        media = EngineMedia(self.hotlines, PACK, refusals=parts.refusals())
        clock = self.clock
        faults = Faults(broken=set(scenario.given.failing), slow=scenario.given.slow)
        exchange = parts.exchange(
            clock=clock,
            media=media,
            services=DirectServices(
                parts.records, lambda: parts.now(clock), clock=clock, faults=faults
            ),
            journal=self.journal(),
        )
        return exchange, media

    def journal(self) -> JournalSink:
        """Where one hotline keeps its journal."""
        return MemoryJournal()

    def come_to_work(self, exchange: Exchange, scenario: Scenario) -> None:
        """The agents sign in."""
        sign_in(exchange, self.parts(scenario).roster)

    def parts(self, scenario: Scenario) -> Parts:
        """What its hotline is made of."""
        return self.factory(scenario, scenario.seed or 0).parts

    def player(self, scenario: Scenario) -> Player:
        """Its caller."""
        return Player(scenario, Chance(scenario.seed or 0), CANON)

    async def by_websocket(self, scenario: Scenario) -> Verdict:
        """Play it over WebSocket."""
        exchange, media = self.hotline(scenario)
        self._mounted += 1
        path = f"/media/{self._mounted}"
        mount(self.app, Gateway(exchange, media, make_id=ids(scenario)), path)
        self.come_to_work(exchange, scenario)
        return await call_by_websocket(
            scenario,
            f"ws://127.0.0.1:{self.port}{path}",
            PACK,
            TABLE,
            canon=CANON,
            chance=Chance(scenario.seed or 0),
            engine=self.callers,
        )

    async def by_sip(self, scenario: Scenario) -> Verdict:
        """Play it over SIP."""
        exchange, media = self.hotline(scenario)
        ports = RtpPorts(self.hotlines, "127.0.0.1")
        parts = self.parts(scenario)
        gateway = SipGateway(
            self.clock, exchange, media, ports, make_id=ids(scenario), rings=parts.rings
        )
        media.connect(exchange)
        await gateway.endpoint.listen("127.0.0.1", 0)
        self.come_to_work(exchange, scenario)
        player = self.player(scenario)
        plain = next((KINDS[tag] for tag in scenario.tags if tag in KINDS), None)
        try:
            async with SipCallers(gateway.endpoint.url, self.callers, events=plain is None) as line:
                await use(
                    player,
                    PACK,
                    TABLE,
                    self.callers,
                    canon=CANON,
                    telephone=plain or SipTelephone,
                    carry=line._carry,
                )
        finally:
            await gateway.close()
        assert player.verdict is not None
        return player.verdict


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[int]:
    """`app` on a port of the kernel's choice, set up for calls."""
    config = uvicorn.Config(app, port=0, log_level="warning", access_log=False, **server.settings())
    web = uvicorn.Server(config)
    task = asyncio.create_task(web.serve())
    while not web.started:
        await asyncio.sleep(0.01)
    [listening] = web.servers
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        web.should_exit = True
        await task
