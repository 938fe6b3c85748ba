"""A carrier's trunk (Kamailio) between callers and the hotline: both prove with a digest who they
are, it asserts the caller's number, and call-backs go out through it to a telephone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from pathlib import Path

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.clock import WallClock
from hotline.telephony.engine import Engine
from hotline.telephony.media import EngineMedia
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.gateway import SipGateway, Trunk
from hotline.telephony.sip.message import parse_uri
from tests.telephony.doubles import FakeExchange, FakeVoice
from tests.telephony.sip.kit import message
from tests.telephony.sip.peers import (
    HOTLINE,
    PATIENCE,
    Baresip,
    Hotline,
    Kamailio,
    free_port,
    needs,
    until,
)

pytestmark = needs("kamailio", "baresip")

CONFIG = Path(__file__).with_name("trunk.cfg")
STORY = """
scenario: 经中继拨入
story:
  - hear: {prompt: greeting}
  - press: "2"
  - hear: {prompt: bill}
  - hang_up:
"""


def trunk(folder, algorithm):
    return Kamailio(folder, CONFIG, ALGORITHM=f'"{algorithm}"')


def registered(port):
    """Whether the trunk knows where 95598 is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        via = f"SIP/2.0/UDP 127.0.0.1:{free_port()};branch=z9hG4bK{time.monotonic_ns()};rport"
        sock.sendto(message(f"OPTIONS sip:95598@127.0.0.1:{port}", Via=via), ("127.0.0.1", port))
        with contextlib.suppress(TimeoutError):
            return b"SIP/2.0 200" in sock.recv(2000)
    return False


async def call_through(tmp_path, algorithm):
    """`hotline call` through a trunk to `hotline serve` that has registered there."""
    folder = tmp_path / algorithm
    folder.mkdir()
    (folder / "story.yaml").write_text(STORY, encoding="utf-8")
    async with trunk(folder / "trunk", algorithm) as carrier:
        (folder / "trunk.txt").write_text(f"sip:95598:secret@127.0.0.1:{carrier.port}\n")
        options = ["--sip-trunk", "@../trunk.txt", "--sip-register"]
        async with Hotline(folder / "hotline", *options) as hotline:
            await until(lambda: registered(carrier.port), "the hotline's registration")
            process = await asyncio.create_subprocess_exec(
                *[HOTLINE, "call", folder / "story.yaml"],
                *["--target", f"sip:95598@127.0.0.1:{carrier.port}"],
                env={**os.environ, "HOTLINE_SIP_USER": "customer:secret"},
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
            assert process.returncode == 0, said.decode()
    [journal] = hotline.journals()
    assert {e.number for e in journal if isinstance(e, ev.CallArrived)} == {"+8613912345678"}
    assert [e.key for e in journal if isinstance(e, ev.KeyPressed)] == ["2"]


async def test_calls_come_in_through_a_trunk(tmp_path):
    """401 and 407 by a foreign server, in both algorithms."""
    await asyncio.gather(*(call_through(tmp_path, name) for name in ("MD5", "SHA-256")))


async def test_a_call_back_goes_out_through_a_trunk(tmp_path):
    """407, the route through the proxy, audio and the hang-up: at a telephone registered there."""
    loop = asyncio.get_running_loop()
    clock, exchange = WallClock(loop.time, loop.call_later), FakeExchange()
    media = EngineMedia(Engine(clock), FakeVoice(), exchange)
    async with trunk(tmp_path / "trunk", "MD5") as carrier:
        account = f"<sip:13900139000@127.0.0.1:{carrier.port}>;auth_pass=secret"
        uri = parse_uri(f"sip:127.0.0.1:{carrier.port}")
        gateway = SipGateway(
            clock,
            exchange,
            media,
            RtpPorts(media.engine),
            trunk=Trunk(uri, Credentials("95598", "secret")),
        )
        await gateway.listen("127.0.0.1", 0)
        try:
            async with Baresip(tmp_path / "baresip", account=account) as telephone:
                await telephone.says("200 OK")
                gateway.dial("back", "13900139000")
                await until(lambda: exchange.of(ev.AnsweredOut), "the customer's answer")
                media.play("back", 1, do.Music())
                [leg] = gateway._legs.values()
                await until(lambda: leg.port.session.reception.received > 25, "his voice")
                media.hang_up("back", "over")
                await telephone.says("session closed")
                gateway.dial("nobody", "13900139999")
                await until(lambda: exchange.of(ev.HungUp), "a refusal")
        finally:
            await gateway.close()
    [refused] = exchange.of(ev.HungUp)
    assert (refused.call, refused.by) == ("nobody", ev.Party.NETWORK)
    assert "404" in refused.reason or "Not Found" in refused.reason
