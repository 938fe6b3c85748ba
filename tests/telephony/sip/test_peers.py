"""Foreign peers call `hotline serve --sip`, and are called: SIPp, baresip. All of it side by side."""

import asyncio
import contextlib
import json
import math
import os
import re
import shutil
import signal
import socket
import struct
import sys
import wave
from collections import Counter
from pathlib import Path

import pytest

from hotline.store.archive import read_journal
from hotline.store.calls import iter_calls
from hotline.store.database import open_database
from hotline.switch import events as ev
from hotline.switch.clock import WallClock
from hotline.telephony.engine import Engine
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import Answered, Ended, Invited, MediaAgreed
from tests.telephony.sip.kit import uri

MISSING = [name for name in ("sipp", "baresip") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.live,
    # in CI a peer that is missing is a failure: scripts/test installs them
    pytest.mark.skipif(bool(MISSING) and not os.environ.get("CI"), reason=f"needs {MISSING}"),
]

HOTLINE = Path(sys.executable).with_name("hotline")
SCENARIOS = Path(__file__).with_name("sipp")
PCAPS = "/usr/share/sip-tester"
MODULES = "/usr/lib/baresip/modules"


def free_port():
    """A pair of free UDP ports, the first one even."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
        if port % 2 == 0:
            return port


class Hotline:
    """A served hotline, its database and the port of its SIP side."""

    def __init__(self, folder, *options):
        self.database = f"sqlite:///{folder}/hotline.db"
        self._folder, self._options = folder, options

    async def __aenter__(self):
        self._folder.mkdir()
        command = ["serve", "--port", "0", "--no-pages", "--sip", "127.0.0.1:0"]
        self.process = await asyncio.create_subprocess_exec(
            HOTLINE,
            *command,
            *["--database", self.database, *self._options],
            cwd=self._folder,
            stdout=asyncio.subprocess.PIPE,
        )
        ready = (await self.process.stdout.readline()).decode()
        self.port = int(re.search(r"sip:127\.0\.0\.1:(\d+)", ready)[1])
        return self

    async def __aexit__(self, *problem):
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self.process.wait(), 30) == 0

    def journals(self):
        """The journals of all its calls."""
        database = open_database(self.database)
        with contextlib.closing(database):
            return [
                [entry.event for entry in read_journal(database, record.call)]
                for record in iter_calls(database)
            ]


async def sipp(name, port, folder, *options):
    """Run one scenario of ours (or a built-in one, `-NAME`) once; "" or what went wrong."""
    scenario = ["-sn", name[1:]] if name[0] == "-" else ["-sf", str(SCENARIOS / f"{name}.xml")]
    errors = folder / f"{name}{''.join(options)}.err"
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *["-nostdin", f"127.0.0.1:{port}", *scenario, "-m", "1", "-i", "127.0.0.1"],
        *["-mp", str(free_port()), "-timeout", "35", "-trace_err", "-error_file", str(errors)],
        *options,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        code = await asyncio.wait_for(process.wait(), 45)
    except TimeoutError:
        process.kill()
        code = await process.wait()
    why = errors.read_text(errors="replace") if errors.exists() else "no reason given"
    return "" if code == 0 else f"{name} {options}: exit code {code}: {why}"


class Ringing:
    """A user agent of ours that lets calls ring; `calls` is its cap."""

    def __init__(self, calls=10):
        loop = asyncio.get_running_loop()
        self.events = []
        clock = WallClock(loop.time, loop.call_later)
        self.endpoint = SipEndpoint(clock, self._told, settings=Settings(calls=calls))

    def _told(self, event):
        self.events.append(event)
        if isinstance(event, Invited):
            event.session.ring()

    async def __aenter__(self):
        await self.endpoint.listen("127.0.0.1", 0)
        return self

    async def __aexit__(self, *problem):
        await self.endpoint.close()


async def test_sipp(tmp_path):
    """Our scenarios and SIPp's own, over UDP and TCP, at three user agents."""
    users = ["--sip-user", "alice:secret", "--sip-need-user", "--sip-digest", "MD5"]
    (tmp_path / "pcap").symlink_to(PCAPS)  # where SIPp's own scenarios look
    async with (
        Hotline(tmp_path / "open") as hotline,
        Hotline(tmp_path / "users", *users) as guarded,
        Ringing() as ringing,
        Ringing(calls=0) as full,
    ):
        runs = [
            *(
                sipp(name, hotline.port, tmp_path)
                for name in ("call", "options", "dtmf_events", "dtmf_info", "hold")
            ),
            *(sipp(name, hotline.port, tmp_path) for name in ("lost_ack", "repeated")),
            sipp("-uac", hotline.port, tmp_path, "-d", "1000"),
            sipp("-uac_pcap", hotline.port, tmp_path, "-d", "1000", "-r", "1"),
            sipp("call", hotline.port, tmp_path, "-t", "t1"),
            *(
                sipp(name, guarded.port, tmp_path)
                for name in ("digest", "wrong_password", "register")
            ),
            sipp("cancel", ringing.endpoint.port, tmp_path),
            sipp("overload", full.endpoint.port, tmp_path),
        ]
        assert [problem for problem in await asyncio.gather(*runs) if problem] == []
        assert full.events == []
        assert [type(event) for event in ringing.events] == [Invited, Ended]

    # every scenario that makes a call made one, and no other
    journals = hotline.journals()
    assert len(journals) == 9
    keys = Counter(
        "".join(event.key for event in journal if isinstance(event, ev.KeyPressed))
        for journal in journals
    )
    # telephone-event, INFO in both formats, and SIPp's own recording of the key 1
    assert (keys["2"], keys["2*"], keys["1"]) == (1, 1, 1)
    menus = [e.menu for journal in journals for e in journal if isinstance(e, ev.MenuEntered)]
    assert "fault" in menus
    assert len(guarded.journals()) == 1


class Baresip:
    """baresip with a tone for a microphone; it answers by itself and takes commands over TCP."""

    def __init__(self, folder):
        self._folder, self.port, self._control = folder, free_port(), free_port()

    async def __aenter__(self):
        self._folder.mkdir()
        wave_of_a_tone(self._folder / "tone.wav")
        modules = ("g711", "aufile", "aubridge", "account", "ctrl_tcp")
        lines = [
            "net_interface 127.0.0.1",
            f"sip_listen 127.0.0.1:{self.port}",
            f"module_path {MODULES}",
            f"audio_source aufile,{self._folder}/tone.wav",
            "audio_player aubridge,none",
            f"ctrl_tcp_listen 127.0.0.1:{self._control}",
            *(f"module {name}.so" for name in modules),
            "module_app menu.so",
        ]
        (self._folder / "config").write_text("\n".join(lines) + "\n")
        (self._folder / "accounts").write_text(
            "<sip:13900139000@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1\n"
        )
        self._log = self._folder / "log"
        with self._log.open("w") as log:
            self._process = await asyncio.create_subprocess_exec(
                *["baresip", "-f", str(self._folder)],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )
        await self.says("baresip is ready")
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._control)
        return self

    async def __aexit__(self, *problem):
        await self.do("quit")
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._writer.close()

    async def do(self, command, params=""):
        """One command, as a netstring of JSON."""
        data = json.dumps({"command": command, "params": params, "token": "t"}).encode()
        self._writer.write(f"{len(data)}:".encode() + data + b",")
        await self._writer.drain()

    async def says(self, text, seconds=15):
        """Wait until its log says so."""
        async with asyncio.timeout(seconds):
            while text not in self._log.read_text(errors="replace"):
                await asyncio.sleep(0.05)


def wave_of_a_tone(path):
    """Ten seconds of 400 Hz."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        one = [round(8000 * math.sin(2 * math.pi * 400 * n / 8000)) for n in range(8000)]
        file.writeframes(struct.pack(f"<{len(one)}h", *one) * 10)


async def test_baresip_calls(tmp_path):
    """baresip as caller: connected, two keys, audio from the hotline, BYE."""
    async with Hotline(tmp_path / "hotline") as hotline, Baresip(tmp_path / "baresip") as phone:
        await phone.do("dial", f"sip:95598@127.0.0.1:{hotline.port}")
        await phone.says("Call established")
        await asyncio.sleep(2)
        await phone.do("sndcode", "2")
        await asyncio.sleep(2)
        await phone.do("hangup")
        await asyncio.sleep(0.5)
    [journal] = hotline.journals()
    assert [e.key for e in journal if isinstance(e, ev.KeyPressed)] == ["2"]
    [report] = [e for e in journal if isinstance(e, ev.MediaReport)]
    assert report.quality.sent > 100
    assert report.quality.received > 100


async def test_baresip_is_called(tmp_path):
    """baresip as callee: it answers, its tone is heard, it is hung up on."""
    loop = asyncio.get_running_loop()
    clock = WallClock(loop.time, loop.call_later)
    engine, events, heard = Engine(clock), [], bytearray()
    ended = asyncio.Event()

    def told(event):
        events.append(event)
        if isinstance(event, MediaAgreed):
            port.connect(event.stream)
        if isinstance(event, Ended):
            ended.set()

    endpoint = SipEndpoint(clock, told)
    await endpoint.listen("127.0.0.1", 0)
    ports = RtpPorts(engine, "127.0.0.1")
    port = ports.open()
    engine.attach(port)
    port.listen(heard.extend)
    try:
        async with Baresip(tmp_path / "baresip") as phone:
            target = uri(f"sip:13900139000@127.0.0.1:{phone.port}")
            session = endpoint.agent.call(target, port.address, clock.now())
            endpoint.flush()
            await phone.says("Call established")
            await asyncio.sleep(1.5)
            endpoint.act(lambda: session.renegotiate("sendonly"))
            await asyncio.sleep(0.5)
            endpoint.act(session.hang_up)
            await asyncio.wait_for(ended.wait(), 5)
            await phone.says("terminated")
    finally:
        await endpoint.close()
        port.close()
        ports.close()
    assert [type(event) for event in events if not isinstance(event, MediaAgreed)][-2:] == [
        Answered,
        Ended,
    ]
    assert events[-1].by_peer is False
    agreed = [event.stream for event in events if isinstance(event, MediaAgreed)]
    assert (agreed[0].send, agreed[0].receive) == (True, True)
    assert (agreed[-1].send, agreed[-1].receive) == (True, False)
    # a tone of 400 Hz, not silence
    assert len(set(heard)) > 10
