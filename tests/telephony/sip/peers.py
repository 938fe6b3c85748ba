"""Peers for live calls: a served hotline, SIPp, baresip, telephones of our own. Each is started,
used and ended by itself."""

import asyncio
import contextlib
import json
import os
import pty
import re
import shutil
import signal
import socket
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from audio import g711
from hotline.callers.hearing import Heard
from hotline.cli.compose import built_in_pack
from hotline.cli.vocabulary import prompt_table
from hotline.store.archive import read_journal
from hotline.store.calls import iter_calls
from hotline.store.database import open_database
from hotline.store.tables import journal
from hotline.switch.clock import WallClock
from hotline.switch.events import AgentStateChanged
from hotline.telephony.ear import Ear
from hotline.telephony.engine import Engine
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import Answered, Ended, MediaAgreed
from hotline.telephony.sip.message import parse_uri
from menus.loader import load as load_book
from tests.telephony.sip.kit import uri

PATIENCE = 90.0
"""Seconds that anything may take on a busy machine."""


def needs(*programs):
    """Marks of tests with these programs: without them they are skipped, but fail in CI, where
    scripts/test installs them."""
    missing = [name for name in programs if shutil.which(name) is None]
    skip = bool(missing) and not os.environ.get("CI")
    return [pytest.mark.live, pytest.mark.skipif(skip, reason=f"needs {missing}")]


HOTLINE = Path(sys.executable).with_name("hotline")
SCENARIOS = Path(__file__).with_name("sipp")
PCAPS = "/usr/share/sip-tester"
MODULES = "/usr/lib/baresip/modules"


def free_port():
    """A pair of free UDP ports, the first one even and free for TCP as well."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            port = sock.getsockname()[1]
            if port % 2 == 0 and _free_for_tcp(port):
                return port


def _free_for_tcp(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Hotline:
    """A served hotline, its database and the port of its SIP side."""

    COMMAND = ("serve", "--port", "0", "--no-pages", "--sip", "127.0.0.1:0")
    READY = r"sip:127\.0\.0\.1:(\d+)"

    def __init__(self, folder, *options, database=""):
        self.database = database or f"sqlite:///{folder}/hotline.db"
        self._folder, self._options, self._code = folder, options, 0
        self._draining = False

    async def __aenter__(self):
        self._folder.mkdir()
        self.process = await asyncio.create_subprocess_exec(
            HOTLINE,
            *self.COMMAND,
            *["--database", self.database, *self._options],
            cwd=self._folder,
            stdout=asyncio.subprocess.PIPE,
        )
        ready = (await self.process.stdout.readline()).decode()
        self.port = int(re.search(self.READY, ready)[1])
        return self

    async def __aexit__(self, *problem):
        if self.process.returncode is None and not self._draining:
            self.drain()
        assert await asyncio.wait_for(self.process.wait(), PATIENCE) == self._code

    def drain(self):
        """It takes no more calls, and ends with its last one. A second signal would end it at
        once."""
        self._draining = True
        self.process.send_signal(signal.SIGTERM)

    async def kill(self):
        """It dies without a word."""
        self.process.kill()
        self._code = -signal.SIGKILL
        await self.process.wait()

    def events(self):
        """What has happened in all calls so far, those that go on included."""
        with contextlib.closing(open_database(self.database)) as database:
            with database.read() as connection:
                calls = connection.execute(select(journal.c.call).distinct()).scalars().all()
            return [entry.event for call in calls for entry in read_journal(database, call)]

    def journals(self):
        """The journals of all its calls."""
        database = open_database(self.database)
        with contextlib.closing(database):
            return [
                [entry.event for entry in read_journal(database, record.call)]
                for record in iter_calls(database)
            ]


class Acd(Hotline):
    """An ACD for several hotlines, and the port where they join it."""

    COMMAND = ("acd", "--listen", "127.0.0.1:0")
    READY = r"acd 127\.0\.0\.1:(\d+)"

    async def __aexit__(self, *problem):
        await super().__aexit__(*problem)
        said = (await self.process.stdout.read()).decode()
        self.counted = {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", said)}
        """what it has counted, once it has ended"""

    def engaged(self):
        """How many agents ring or talk now."""
        states = {e.agent: e.state for e in self.events() if isinstance(e, AgentStateChanged)}
        return sum(state in ("ringing", "talking") for state in states.values())


async def sipp(name, port, folder, *options):
    """Run one scenario of ours (or a built-in one, `-NAME`) once; "" or what went wrong."""
    for _ in range(3):
        problem = await _sipp(name, port, folder, *options)
        if "Unable to bind" not in problem:  # somebody took the port that we had found free
            break
    return problem


async def _sipp(name, port, folder, *options):
    scenario = ["-sn", name[1:]] if name[0] == "-" else ["-sf", str(SCENARIOS / f"{name}.xml")]
    errors = folder / f"{name}{''.join(options)}.err"
    process = await asyncio.create_subprocess_exec(
        "sipp",
        *["-nostdin", f"127.0.0.1:{port}", *scenario, "-m", "1", "-i", "127.0.0.1"],
        *[
            "-mp",
            str(free_port()),
            "-timeout",
            str(int(PATIENCE)),
            "-trace_err",
            "-error_file",
            str(errors),
        ],
        # a busy machine answers late: what is said once more is no failure, what never comes is
        *["-default_behaviors", "all,-abortunexp"],
        *options,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        code = await asyncio.wait_for(process.wait(), PATIENCE + 10)
    except TimeoutError:
        process.kill()
        code = await process.wait()
    why = errors.read_text(errors="replace") if errors.exists() else "no reason given"
    return "" if code == 0 else f"{name} {options}: exit code {code}: {why}"


class Baresip:
    """baresip with a tone, or other `sound`, for a microphone; it answers by itself, unless
    `answers` is `manual`, and takes commands over TCP. Its address is `target`; what it hears is
    in `recording` at the end. `account` is what its file of that name says."""

    def __init__(
        self,
        folder,
        sound=None,
        *,
        account="<sip:13900139000@127.0.0.1>;regint=0",
        answers="auto",
    ):
        self._folder = folder
        self._account = f"{account};answermode={answers}"
        self._sound = sound or tone()
        self.events = ""
        """what it told over TCP: replies and events, JSON"""
        self._choose_ports()

    def _choose_ports(self):
        self.port, self._control = free_port(), free_port()
        self.target = f"sip:13900139000@127.0.0.1:{self.port}"

    @property
    def recording(self):
        [found] = self.recordings
        return found

    @property
    def recordings(self):
        return sorted(self._folder.glob("dump-*-dec.wav"))

    @property
    def recorded(self):
        """Seconds that are in its recordings so far."""
        return sum(seconds_in(path) for path in self.recordings)

    @property
    def log(self):
        return self._log.read_text(errors="replace")

    async def __aenter__(self):
        self._folder.mkdir()
        write_wave(self._folder / "sound.wav", self._sound)
        for tries_left in (2, 1, 0):
            await self._start()
            try:
                reader, self._writer = await asyncio.open_connection("127.0.0.1", self._control)
                break
            except ConnectionRefusedError:
                # somebody took the port between our choice and baresip's use of it
                self._process.kill()
                await self._process.wait()
                if not tries_left:
                    raise
                self._choose_ports()
        self._listening = asyncio.create_task(self._listen(reader))
        return self

    async def _start(self):
        modules = ("g711", "aufile", "aubridge", "account", "ctrl_tcp", "sndfile")
        lines = [
            "net_interface 127.0.0.1",
            f"sip_listen 127.0.0.1:{self.port}",
            f"module_path {MODULES}",
            f"audio_source aufile,{self._folder}/sound.wav",
            f"snd_path {self._folder}",
            "audio_player aubridge,none",
            f"ctrl_tcp_listen 127.0.0.1:{self._control}",
            *(f"module {name}.so" for name in modules),
            "module_app menu.so",
        ]
        (self._folder / "config").write_text("\n".join(lines) + "\n")
        (self._folder / "accounts").write_text(f"{self._account};audio_codecs=PCMA/8000/1\n")
        self._log = self._folder / "log"
        with self._log.open("w") as log:
            self._process = await asyncio.create_subprocess_exec(
                *["baresip", "-f", str(self._folder)],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )
        await self.says("baresip is ready")

    async def _listen(self, reader):
        while data := await reader.read(65536):
            self.events += data.decode()

    async def __aexit__(self, *problem):
        await self.do("quit")
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._writer.close()
        self._listening.cancel()

    async def do(self, command, params=""):
        """One command, as a netstring of JSON."""
        data = json.dumps({"command": command, "params": params, "token": "t"}).encode()
        self._writer.write(f"{len(data)}:".encode() + data + b",")
        await self._writer.drain()

    async def says(self, text, seconds=PATIENCE, times=1):
        """Wait until its log says so, for the last of so many times."""
        async with asyncio.timeout(seconds):
            while self.log.count(text) < times:
                await asyncio.sleep(0.05)


class Linphone:
    """linphonec at a terminal of its own, as it wants one; its sound card is made of files."""

    def __init__(self, folder):
        self._folder, self.recording = folder, folder / "heard.wav"

    async def __aenter__(self):
        for place in ("", ".local/share/linphone", ".config/linphone"):
            (self._folder / place).mkdir(parents=True)
        write_wave(self._folder / "sound.wav", tone())
        (self._folder / "rc").write_text(
            f"[sip]\nsip_port={free_port()}\nsip_tcp_port=0\nuse_ipv6=0\n"
            "bind_address=127.0.0.1\ncontact=sip:13900139001@127.0.0.1\n"
            f"[rtp]\naudio_rtp_port={free_port()}\n[sound]\nechocancellation=0\n"
        )
        self._terminal, inside = pty.openpty()
        self._said = b""
        self._process = await asyncio.create_subprocess_exec(
            *["linphonec", "-c", str(self._folder / "rc")],
            *["-d", "6", "-l", str(self._folder / "log")],
            env={**os.environ, "HOME": str(self._folder), "TERM": "dumb"},
            stdin=inside,
            stdout=inside,
            stderr=inside,
        )
        os.close(inside)
        os.set_blocking(self._terminal, False)
        log = self._folder / "log"
        up = "SIP network reachability state is now [UP]"
        await until(lambda: log.exists() and up in log.read_text(errors="replace"), "linphone up")
        self.do("soundcard use files")
        self.do(f"play {self._folder}/sound.wav")
        self.do(f"record {self.recording}")
        return self

    async def __aexit__(self, *problem):
        self.do("quit")
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        os.close(self._terminal)

    def do(self, command):
        """Type a line."""
        os.write(self._terminal, command.encode() + b"\n")

    @property
    def recorded(self):
        """Seconds that are in its recording so far."""
        return seconds_in(self.recording)

    async def says(self, text):
        """Wait until the terminal shows it."""

        def shown():
            with contextlib.suppress(BlockingIOError):
                self._said += os.read(self._terminal, 65536)
            return text.encode() in self._said

        await until(shown, text)


class Kamailio:
    """Kamailio with a configuration at a free port, its files in `folder`; `defines` are the
    configuration's own."""

    def __init__(self, folder, config, **defines):
        self._folder, self._config, self._defines = folder, config, defines
        self.port = free_port()

    async def __aenter__(self):
        self._folder.mkdir(exist_ok=True)
        defines = {"LISTEN": f"udp:127.0.0.1:{self.port}", **self._defines}
        self._log = (self._folder / "log").open("w")
        self._process = await asyncio.create_subprocess_exec(
            *["kamailio", "-f", str(self._config), "-w", str(self._folder), "-DD"],
            *["-E", "-m", "32", "-M", "4", "-Y", str(self._folder)],
            *(word for name, value in defines.items() for word in ("-A", f"{name}={value}")),
            cwd=self._folder,
            stdout=self._log,
            stderr=self._log,
        )
        return self

    async def __aexit__(self, *problem):
        self._process.terminate()
        await asyncio.wait_for(self._process.wait(), 10)
        self._log.close()


def tone(hertz=400):
    """Ten seconds of a tone, mu-law."""
    one = 8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)
    return bytes(g711.ulaw_encode(one.astype(np.int16))) * 10


def write_wave(path, ulaw):
    """Audio for a peer's microphone."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(g711.ulaw_decode(ulaw).astype("<i2").tobytes())


def seconds_in(path):
    """How long the recording is that a peer may still be writing."""
    return (path.stat().st_size - 44) / 16_000 if path.exists() else 0.0


def read_wave(path):
    """What a peer has recorded: samples."""
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (1, 2, 8000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def share_of(hertz, samples):
    """How much of the power of `samples` is this tone, 0 to 1."""
    samples = samples.astype(float)
    turn = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / 8000)
    power = np.sum(samples**2) * len(samples)
    return 2 * abs(np.sum(samples * turn)) ** 2 / power if power else 0.0


def prompts_in(path):
    """The hotline's prompts that are heard in what a peer has recorded, in order."""
    ulaw = bytes(g711.ulaw_encode(read_wave(path)))
    ear = Ear(built_in_pack(), prompt_table(load_book()), call="peer")
    events = [
        e for at in range(0, len(ulaw), 160) for e in ear.hear(ulaw[at : at + 160], at / 8000)
    ]
    return [e.prompt for e in [*events, *ear.finish(len(ulaw) / 8000)] if isinstance(e, Heard)]


async def until(condition, what):
    """Wait until it is so."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"still not: {what}")


class Phone:
    """One call of ours; `node` is the port of the hotline that took it."""

    def __init__(self, phones, port):
        self._phones, self._port = phones, port
        self.session = None
        self.answered, self.ended, self.frames = False, None, 0
        self.audio = bytearray()
        """all that it heard, A-law"""

    @property
    def node(self):
        return parse_uri(self.session.dialog.target).port

    def heard(self, octets):
        self.frames += len(set(octets)) > 1  # speech or music, not silence
        self.audio += octets

    def told(self, event):
        match event:
            case MediaAgreed(_, stream):
                self._port.connect(stream, trusted=True)
            case Answered():
                self.answered = True
            case Ended():
                self.ended = event

    def press(self, key):
        self._port.press(key)

    def hang_up(self):
        self._phones.endpoint.act(self.session.hang_up)

    async def hears(self):
        """More audio comes."""
        before = self.frames
        await until(lambda: self.frames > before + 25, "audio")


class Phones:
    """All our telephones at one user agent."""

    def __init__(self, target):
        loop = asyncio.get_running_loop()
        self.clock = WallClock(loop.time, loop.call_later)
        self.engine = Engine(self.clock)
        self.endpoint = SipEndpoint(self.clock, self._told, settings=Settings(calls=0))
        self._target, self._phones = uri(target), {}

    async def __aenter__(self):
        await self.endpoint.listen("127.0.0.1", 0)
        self._ports = RtpPorts(self.engine, "127.0.0.1")
        return self

    async def __aexit__(self, *problem):
        await self.endpoint.close()
        self._ports.close()

    def _told(self, event):
        if phone := self._phones.get(getattr(event, "session", None)):
            phone.told(event)

    def dial(self):
        port = self._ports.open()
        phone = Phone(self, port)
        phone.leg = self.engine.attach(port)
        port.listen(phone.heard)
        phone.session = self.endpoint.agent.call(self._target, port.address, self.clock.now())
        self._phones[phone.session] = phone
        self.endpoint.flush()
        return phone

    def hang_up_all(self):
        for phone in self._phones.values():
            if phone.answered and not phone.ended:
                phone.hang_up()

    async def connected(self, number):
        phones = [self.dial() for _ in range(number)]
        await until(lambda: all(phone.answered for phone in phones), "answered")
        return phones
