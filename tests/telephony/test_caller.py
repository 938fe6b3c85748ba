"""The scripted caller over a real WebSocket: servers that are hasty, mute, broken or not there."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from audio.pack import Pack
from hotline.callers.reading import parse
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.telephony.caller import UnreachableError, call

pytestmark = pytest.mark.live

PACK = Pack.load()
TABLE = {
    ("greeting", "zh-CN"): "你用电，我用心，国家电网95598为您服务。",
    ("fault", "zh-CN"): "没有收到您的按键，请您选择。",
}
TIMEOUT = 20.0


def scenario(story: str) -> Scenario:
    steps = "\n".join(f"  - {step}" for step in story.split("; "))
    [only] = parse(f"scenario: s\nstory:\n{steps}\n", "s.yaml")
    return only


def ulaw(prompt: str) -> bytes:
    clips = PACK.render(TABLE[prompt, "zh-CN"], {}, "zh-CN").clips
    return b"".join(map(PACK.ulaw, clips))


@dataclass
class Foreign:
    """Somebody else's server: what it was told, and how to talk to the caller."""

    line: ServerConnection
    heard: list[dict[str, object]] = field(default_factory=list)

    async def media(self, audio: bytes) -> None:
        await self.tell(event="media", media={"payload": b64encode(audio).decode()})

    async def tell(self, **message: object) -> None:
        await self.line.send(json.dumps({"streamSid": "MZ1", **message}))

    async def until(self, event: str) -> dict[str, object]:
        while True:
            message = json.loads(await self.line.recv())
            self.heard.append(message)
            if message["event"] == event:
                return message


Behaviour = Callable[[Foreign], Awaitable[None]]


@asynccontextmanager
async def server(behaviour: Behaviour) -> AsyncIterator[str]:
    async def handle(line: ServerConnection) -> None:
        await behaviour(Foreign(line))

    async with serve(handle, "127.0.0.1", 0) as running:
        yield f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}/media"


async def play(story: str, behaviour: Behaviour, timeout: float = 5.0) -> Verdict:
    async with server(behaviour) as url, asyncio.timeout(TIMEOUT):
        return await call(scenario(story), url, PACK, TABLE, timeout=timeout)


async def test_a_server_faster_than_real_time_with_frames_of_any_length():
    echoed: list[object] = []

    async def hasty(foreign: Foreign) -> None:
        await foreign.until("start")
        audio = ulaw("greeting") + b"\xff" * 1600
        for at in range(0, len(audio), 777):
            await foreign.media(audio[at : at + 777])
        await foreign.tell(event="mark", mark={"name": "g"})
        key = await foreign.until("dtmf")
        await foreign.tell(event="clear")
        await foreign.media(ulaw("fault"))
        mark = next(
            m for m in [*foreign.heard, await foreign.until("mark")] if m["event"] == "mark"
        )
        echoed.extend([key["dtmf"]["digit"], mark["mark"]["name"]])
        await foreign.until("stop")

    verdict = await play(
        "hear: {prompt: greeting}; press: '1'; hear: {prompt: fault}; hang_up:", hasty
    )
    assert verdict.passed, verdict.failures
    assert verdict.transcript.text().split("\n") == [
        "heard   greeting",
        "pressed 1",
        "heard   fault",
        "hung up caller",
    ]
    assert echoed == ["1", "g"]
    assert verdict.duration < 6.0  # the cleared greeting was not waited for


async def test_the_caller_sends_silence_every_20_ms_and_its_number_first():
    told: list[dict[str, object]] = []

    async def listen(foreign: Foreign) -> None:
        await foreign.until("start")
        await foreign.media(ulaw("greeting"))
        for _ in range(50):
            await foreign.until("media")
        told.extend(foreign.heard)
        await foreign.line.close(1000, "that was all")

    verdict = await play("hear: {prompt: greeting}; hear: hangup", listen)
    assert [message["event"] for message in told[:3]] == ["connected", "start", "media"]
    start = told[1]["start"]
    assert start["customParameters"]["from"]
    assert start["mediaFormat"]["encoding"] == "audio/x-mulaw"
    assert told[2]["media"]["payload"] == b64encode(b"\xff" * 160).decode()
    stamps = [int(m["media"]["timestamp"]) for m in told if m["event"] == "media"]
    assert stamps == list(range(20, 20 * len(stamps) + 1, 20))
    assert str(verdict.transcript.items[-1]) == "hung up hotline"


async def test_what_is_not_of_the_format_is_passed_over():
    async def babble(foreign: Foreign) -> None:
        await foreign.until("start")
        for message in (
            "{",
            "[]",
            "null",
            "1",
            '{"event": 5}',
            '{"event": "media"}',
            b"\x00",
            '{"event": "media", "media": {"payload": "@"}}',
            '{"event": "mark"}',
            '{"event": "later", "later": {}}',
            "[" * 10_000,
        ):
            await foreign.line.send(message)
        await foreign.media(ulaw("greeting"))
        await foreign.until("stop")

    verdict = await play("hear: {prompt: greeting}; hang_up:", babble)
    assert verdict.passed, verdict.failures


async def test_a_hotline_that_closes_at_once_fails_the_story_not_the_program():
    async def refuse(foreign: Foreign) -> None:
        await foreign.line.close(1013, "full")

    verdict = await play("hear: {prompt: greeting}; hang_up:", refuse)
    assert not verdict.passed
    assert "refused: full" in verdict.failures[0].got


async def test_a_server_that_sends_half_an_hour_in_one_message():
    async def rich(foreign: Foreign) -> None:
        await foreign.until("start")
        await foreign.media(ulaw("greeting") + b"\xff" * 8000 * 600)
        await foreign.until("stop")

    verdict = await play("hear: {prompt: greeting}; hang_up:", rich)
    assert verdict.passed, verdict.failures


async def test_a_server_that_never_clears_is_heard_on_to_its_end():
    async def stubborn(foreign: Foreign) -> None:
        await foreign.until("start")
        await foreign.media(ulaw("greeting"))
        await foreign.until("dtmf")
        await foreign.media(b"\xff" * 1600 + ulaw("fault"))
        await foreign.until("stop")

    verdict = await play(
        "hear: {prompt: greeting}; press: '1'; hear: {prompt: fault}; hang_up:", stubborn
    )
    assert verdict.passed, verdict.failures
    assert verdict.duration > 3.0  # the greeting went on beneath the key


async def test_a_server_that_refuses_the_upgrade_is_told_with_its_status():
    def refuse(connection: ServerConnection, request: Request) -> Response:
        return connection.respond(403, "no callers here")

    async def never(line: ServerConnection) -> None: ...

    async with serve(never, "127.0.0.1", 0, process_request=refuse) as running:
        url = f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}/media"
        with pytest.raises(UnreachableError, match="HTTP 403"):
            await call(scenario("hang_up:"), url, PACK, TABLE, timeout=2.0)


async def odd_server(answer: bytes) -> asyncio.Server:
    """Listens, answers whatever it is asked with `answer`, and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(answer)
        writer.close()

    return await asyncio.start_server(handle, "127.0.0.1", 0)


@pytest.mark.parametrize("answer", [b"", b"220 mail.example ESMTP\r\n", b"\x00\xff" * 200])
async def test_a_server_that_answers_garbage_does_not_speak_websocket(answer: bytes):
    async with await odd_server(answer) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
        with pytest.raises(UnreachableError, match="does not speak WebSocket") as told:
            await call(scenario("hang_up:"), url, PACK, TABLE, timeout=2.0)
    assert "\n" not in str(told.value)


async def test_wss_where_no_tls_is_spoken():
    async with await odd_server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as server:
        url = f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}/media"
        with pytest.raises(UnreachableError, match="TLS"):
            await call(scenario("hang_up:"), url, PACK, TABLE, timeout=2.0)


async def test_wss_with_a_certificate_that_nobody_vouches_for(tmp_path: Path):
    async def never(line: ServerConnection) -> None: ...

    async with serve(never, "127.0.0.1", 0, ssl=own_certificate(tmp_path)) as running:
        url = f"wss://localhost:{running.sockets[0].getsockname()[1]}/media"
        with pytest.raises(UnreachableError, match="certificate is not trusted") as told:
            await call(scenario("hang_up:"), url, PACK, TABLE, timeout=2.0)
    assert "\n" not in str(told.value)


def own_certificate(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that it made itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_nobody_there_is_told_in_one_line():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://user:secret@127.0.0.1:{free.getsockname()[1]}/media?token=secret"
        with pytest.raises(UnreachableError) as told:
            await call(scenario("hang_up:"), url, PACK, TABLE, timeout=2.0)
    assert "connection refused" in str(told.value)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "nonsense", "ws://", "ws://127.0.0.1:x/"])
async def test_what_is_no_address_is_told_too(url):
    with pytest.raises(UnreachableError) as told:
        await call(scenario("hang_up:"), url, PACK, TABLE, timeout=2.0)
    assert "\n" not in str(told.value)


async def test_a_mute_server_counts_as_unreachable_in_its_time():
    async def mute(foreign: Foreign) -> None:
        await foreign.until("stop")

    with pytest.raises(UnreachableError, match=r"no audio came within 0\.3 s"):
        await play("hear: {prompt: greeting}; hang_up:", mute, timeout=0.3)


async def test_a_server_that_accepts_and_says_nothing_counts_as_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"ws://127.0.0.1:{deaf.getsockname()[1]}/media"
        with pytest.raises(UnreachableError, match=r"no connection within 0\.3 s"):
            await call(scenario("hang_up:"), url, PACK, TABLE, timeout=0.3)
