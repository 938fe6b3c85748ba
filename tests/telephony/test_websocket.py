"""The endpoint on a real socket: uvicorn here, a plain `websockets` client there.

Every test runs twice: with our uvicorn protocol (direct) and with any ASGI server's (plain).
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.clock import WallClock
from hotline.switch.events import Party
from hotline.telephony.engine import Engine
from hotline.telephony.gateway import Gateway
from hotline.telephony.leg import FRAME, SILENCE
from hotline.telephony.media import EngineMedia
from hotline.telephony.server import settings
from hotline.telephony.websocket import mount, short
from tests.telephony.doubles import FakeExchange, FakeVoice, octets
from tests.telephony.test_twilio import START, payload, say

pytestmark = pytest.mark.live

SERVERS = {"direct": settings(), "plain": {"ws": "websockets-sansio"}}
PATIENCE = 10.0


class Hotline:
    """A running server whose exchange only writes down what is posted."""

    def __init__(self, speed: float = 1.0, **options) -> None:
        loop = asyncio.get_running_loop()
        clock = WallClock(
            lambda: loop.time() * speed, lambda delay, run: loop.call_later(delay / speed, run)
        )
        self.exchange = FakeExchange()
        self.media = EngineMedia(Engine(clock), FakeVoice())
        self.gateway = Gateway(self.exchange, self.media, **options)
        self.url = ""

    @property
    def call(self) -> str:
        return self.exchange.posted[0].call

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.005)

    async def posted(self, kind: type[ev.Event]) -> ev.Event:
        await self.until(lambda: self.exchange.of(kind))
        return self.exchange.of(kind)[0]


@asynccontextmanager
async def running(server: dict[str, object], **options) -> AsyncIterator[Hotline]:
    hotline = Hotline(**options)
    app = FastAPI()
    mount(app, hotline.gateway)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
    uvicorn_server = uvicorn.Server(
        uvicorn.Config(app, log_level="critical", lifespan="off", **server)
    )
    hotline.url = f"ws://127.0.0.1:{listener.getsockname()[1]}/media"
    task = asyncio.create_task(uvicorn_server.serve(sockets=[listener]))
    await hotline.until(lambda: uvicorn_server.started)
    try:
        yield hotline
    finally:
        uvicorn_server.should_exit = uvicorn_server.force_exit = True
        async with asyncio.timeout(PATIENCE):
            await task


@pytest.fixture(params=SERVERS)
async def hotline(request) -> AsyncIterator[Hotline]:
    async with running(SERVERS[request.param]) as hotline:
        yield hotline


@asynccontextmanager
async def calling(hotline: Hotline, **options) -> AsyncIterator[ClientConnection]:
    async with connect(hotline.url, compression=None, **options) as caller:
        await caller.send(say(event="connected", protocol="Call", version="1.0.0"))
        await caller.send(json.dumps(START))
        await hotline.posted(ev.CallArrived)
        yield caller


async def hear(caller: ClientConnection, frames: int) -> tuple[bytes, list[str]]:
    """The next frames of audio, and the other messages that came between them."""
    audio, others = b"", []
    async with asyncio.timeout(PATIENCE):
        while len(audio) < frames * FRAME:
            message = json.loads(await caller.recv())
            assert message["streamSid"] == "MZ12"
            if message["event"] == "media":
                audio += base64.b64decode(message["media"]["payload"])
            else:
                others.append(message["event"])
    return audio, others


async def closing(caller: ClientConnection) -> tuple[int | None, str | None]:
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionClosed):
            while True:
                await caller.recv()
    return caller.close_code, caller.close_reason


async def test_a_caller_hears_a_prompt_and_a_key_silences_it(hotline):
    async with calling(hotline) as caller:
        hotline.media.answer(hotline.call)
        hotline.media.play(hotline.call, 1, do.Prompt("p", "abc"))
        audio, others = await hear(caller, 10)
        assert octets("abc") in audio
        assert others == ["mark"]
        hotline.media.play(hotline.call, 2, do.Prompt("p", "a" * 100))
        await hear(caller, 5)
        await caller.send(say(event="dtmf", dtmf={"digit": "7"}))
        assert (await hotline.posted(ev.KeyPressed)).key == "7"
        hotline.media.stop(hotline.call, 2)
        async with asyncio.timeout(PATIENCE):
            while json.loads(await caller.recv())["event"] != "clear":
                pass
        audio, _ = await hear(caller, 3)
        assert audio == SILENCE * 3


async def test_what_the_caller_says_arrives_in_order(hotline):
    heard: list[bytes] = []
    said = [bytes([number % 256]) * (number * 7) for number in range(1, 100)]
    async with calling(hotline) as caller:
        hotline.media.listen(hotline.call, heard.append)
        for piece in said:
            await caller.send(say(event="media", media=payload(piece)))
        await hotline.until(lambda: sum(map(len, heard)) >= sum(map(len, said)))
    assert heard == said


async def test_the_hotline_hangs_up_with_1000_and_a_reason(hotline):
    async with calling(hotline) as caller:
        hotline.media.answer(hotline.call)
        await hear(caller, 2)
        hotline.media.hang_up(hotline.call, "goodbye")
        assert await closing(caller) == (1000, "goodbye")
    assert hotline.exchange.of(ev.HungUp) == []


BAD = {
    "binary": (b"\x00\x01\x02", 1003),
    "not JSON": ("{", 1007),
    "unknown": (say(event="bogus"), 1008),
    "bad key": (say(event="dtmf", dtmf={"digit": "99"}), 1008),
    "too long": (" " * 70_000, 1009),
}


@pytest.mark.parametrize(("message", "code"), BAD.values(), ids=BAD.keys())
async def test_a_bad_message_is_closed_with_its_code_and_the_call_is_over(hotline, message, code):
    async with calling(hotline) as caller:
        await caller.send(message)
        found, reason = await closing(caller)
    assert (found, bool(reason)) == (code, True)
    assert (await hotline.posted(ev.HungUp)).by is Party.NETWORK


async def test_text_that_is_not_utf_8_is_closed_with_1007(hotline):
    async with calling(hotline) as caller:
        await caller.send(b"\xff\xfe{}", text=True)
        assert (await closing(caller))[0] == 1007
    await hotline.posted(ev.HungUp)


async def stop(caller: ClientConnection) -> None:
    await caller.send(say(event="stop"))


async def close(caller: ClientConnection) -> None:
    await caller.close()


async def vanish(caller: ClientConnection) -> None:
    caller.transport.abort()


@pytest.mark.parametrize(
    ("leave", "by"),
    [
        (stop, Party.CALLER),
        (close, Party.CALLER),
        (vanish, Party.NETWORK),
    ],
    ids=["stop", "close", "vanish"],
)
@pytest.mark.parametrize(
    "playing", [None, do.Prompt("p", "a" * 500), do.Music()], ids=["arrived", "prompt", "music"]
)
async def test_a_caller_who_goes_has_hung_up_once(hotline, playing, leave, by):
    async with calling(hotline) as caller:
        if playing is not None:
            hotline.media.play(hotline.call, 1, playing)
            await hear(caller, 2)
        await leave(caller)
        assert (await hotline.posted(ev.HungUp)).by is by
        await hotline.until(lambda: not hotline.gateway.connections)
    assert len(hotline.exchange.of(ev.HungUp)) == 1
    assert hotline.media.engine.legs == 0


async def test_a_caller_who_goes_during_the_handshake_was_no_call(hotline):
    async with connect(hotline.url) as caller:
        await hotline.until(lambda: hotline.gateway.connections)
        await vanish(caller)
        await hotline.until(lambda: not hotline.gateway.connections)
    assert hotline.exchange.posted == []


@pytest.mark.parametrize("server", SERVERS)
async def test_a_client_that_does_not_read_is_dropped_and_delays_nobody(server):
    async with running(SERVERS[server], speed=50.0) as hotline:
        quiet = socket.socket()
        quiet.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        quiet.connect(("127.0.0.1", int(hotline.url.split(":")[2].split("/")[0])))
        async with calling(hotline, sock=quiet, max_queue=1, ping_interval=None) as stuck:
            stuck.transport.pause_reading()
            hotline.media.answer(hotline.call)
            async with connect(hotline.url, compression=None) as other:
                await other.send(json.dumps(START))
                await hotline.until(lambda: len(hotline.exchange.of(ev.CallArrived)) == 2)
                second = hotline.exchange.of(ev.CallArrived)[1].call
                hotline.media.answer(second)
                hung_up, _ = await asyncio.gather(hotline.posted(ev.HungUp), hear(other, 500))
                await vanish(other)  # a client that is not read closes slowly
            await vanish(stuck)
            assert (hung_up.call, hung_up.reason) == (hotline.call, "the client does not read")
            assert hotline.gateway.counted["stalled"] == 1


async def test_beyond_the_limit_the_client_is_told(hotline):
    hotline.gateway.limit = 1
    async with calling(hotline), connect(hotline.url) as second:
        code, reason = await closing(second)
    assert code == 1013
    assert "call again later" in reason


def test_a_reason_is_cut_to_a_close_frame_without_breaking_a_character():
    assert short("再见") == "再见"
    assert len(short("电" * 100).encode()) <= 123
    assert set(short("电" * 100)) == {"电"}
