"""`hotline serve`, and a client that knows nothing but the message format: from ring to report."""

import asyncio
import base64
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import websockets

from audio import g711
from audio.pack import Pack
from hotline.callers import hearing as hear
from hotline.callers.hearing import Canon
from hotline.cli.vocabulary import prompt_table
from hotline.telephony.ear import Ear
from menus.loader import load

HOTLINE = Path(sys.executable).with_name("hotline")
NUMBER = "13800138000"
# What the caller presses as soon as he notices a prompt, or (True) has heard it to its end. The
# greeting is interrupted; 1 故障, 1 停电, 1 本机户号, 1 报修, and with the order number 0 转人工.
KEYS = [
    ("greeting", False, "1"),
    ("fault", False, "1"),
    ("outage", False, "1"),
    ("outage_none", False, "1"),
    ("repair_created", True, "0"),
]
PATIENCE = 120.0
SHORT = "not balance and not 余额"
"""Live scenarios of 20 s at most; tests/parity has the others in less time than they take."""


class Hotline:
    """A served hotline in a folder of its own."""

    def __init__(self, folder):
        self.database = f"sqlite:///{folder}/hotline.db"
        self.process = subprocess.Popen(
            [HOTLINE, "serve", "--port", "0", "--no-pages", "--database", self.database],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        ready = self.process.stdout.readline()
        self.url = re.search(r"ws://\S+", ready).group()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0

    def report(self):
        made = subprocess.run(
            [HOTLINE, "report", "--database", self.database, "--json"],
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(made.stdout)


@pytest.fixture
def hotline(tmp_path):
    served = Hotline(tmp_path)
    yield served
    if served.process.poll() is None:
        served.process.kill()


class Caller:
    """A client that knows the prompts and presses what he is asked to, until an agent's number."""

    def __init__(self, line):
        table = prompt_table(load())
        self._ear = Ear(Pack.load(), table, canon=Canon(table))
        self._line, self._keys = line, list(KEYS)
        self.audio, self.told, self.heard = bytearray(), [], []

    async def send(self, event, **more):
        await self._line.send(json.dumps({"event": event, "streamSid": "MZ1", **more}))

    async def call(self):
        await self.send("connected", protocol="Call", version="1.0.0")
        start = {"streamSid": "MZ1", "callSid": "CA1", "customParameters": {"from": NUMBER}}
        await self.send("start", start=start)
        while not any(isinstance(e, hear.HeardAgent) and e.whole for e in self.heard):
            message = json.loads(await self._line.recv())
            if message["event"] == "media":
                await self._listen(base64.b64decode(message["media"]["payload"]))
            else:
                self.told.append(message["event"])
        await self.send("stop")
        self.heard += self._ear.finish(len(self.audio) / 8000)

    async def _listen(self, octets):
        self.audio += octets
        for event in self._ear.hear(octets, len(self.audio) / 8000):
            self.heard.append(event)
            wanted = self._keys[0][:2] if self._keys else ()
            if isinstance(event, hear.Heard) and (event.prompt, event.whole) == wanted:
                self.told.append(self._keys[0][2])
                await self.send("dtmf", dtmf={"digit": self._keys.pop(0)[2]})


async def call(url):
    """The call, from ring to the agent's number."""
    async with asyncio.timeout(PATIENCE), websockets.connect(url) as line:
        caller = Caller(line)
        await caller.call()
    return caller


@pytest.mark.live
def test_a_plain_client_reports_a_fault_and_reaches_an_agent(hotline):
    caller = asyncio.run(call(hotline.url))
    audio, heard = bytes(caller.audio), caller.heard
    prompts = [event.prompt for event in heard if isinstance(event, hear.Heard)]
    for prompt in ("greeting", "notice.recording", "fault", "outage", "outage_none",
                   "repair_created", "transfer"):  # fmt: skip
        assert prompt in prompts, prompts
    assert prompts.index("greeting") == 0
    # barge-in: the greeting was cut by the key, and the client told to drop what it had buffered
    told = [name for name in caller.told if name != "mark"]
    assert told[:2] == ["1", "clear"]
    [order] = [
        dict(event.values)["order"]
        for event in heard
        if isinstance(event, hear.Heard) and event.prompt == "repair_created" and event.whole
    ]
    assert len(order) == 12
    kinds = [type(event) for event in heard]
    assert hear.HeardMusic in kinds[: kinds.index(hear.HeardAgent)]
    numbers = {e.number for e in heard if isinstance(e, hear.HeardAgent) and e.whole}
    assert len(numbers) == 1
    assert re.fullmatch(r"\d{4,6}", numbers.pop())
    # no silence longer than the standard's checks allow while somebody should be heard
    loud = np.abs(g711.ulaw_decode(audio).astype(int)) > 200
    assert loud.mean() > 0.3
    hotline.stop()

    report = hotline.report()
    assert report["calls"] == 1
    status = {row["clause"]: row["status"] for row in report["clauses"]}
    for clause in ("5.2.6.1", "5.2.6.2", "5.2.6.3", "5.2.6.4", "5.2.6.5", "5.2.7.1", "5.2.7.3"):
        assert status[clause] == "pass", clause
    assert NUMBER not in json.dumps(report)


@pytest.mark.live
def test_the_same_scenarios_pass_in_memory_and_over_websocket(hotline):
    shown = {}
    for media in (["--media", "memory"], ["--media", "ws", "--target", hotline.url]):
        done = subprocess.run(
            [HOTLINE, "test", "--tag", "live", "-k", SHORT, "--transcript", *media],
            capture_output=True,
            text=True,
            env={**os.environ, "HOTLINE_LANG": "en"},
        )
        assert done.returncode == 0, done.stdout
        lines = done.stdout.splitlines()
        shown[media[1]] = [line for line in lines if line.startswith("    ")]
    assert shown["memory"]
    assert shown["memory"] == shown["ws"]
    hotline.stop()
