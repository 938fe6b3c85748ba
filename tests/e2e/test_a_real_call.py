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
# seconds after the answer -> key. The greeting is interrupted; 1 故障, 1 停电, 1 本机户号, 1 报修,
# then, when the order number has been read out, 0 转人工.
KEYS = ((2.0, "1"), (8.0, "1"), (13.0, "1"), (20.0, "1"), (40.0, "0"))
LISTENS = 62.0


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


async def call(url):
    """Every octet of audio, with what was told beside it: (seconds, event name)."""
    audio, told = bytearray(), []
    loop = asyncio.get_running_loop()
    async with websockets.connect(url) as line:
        await line.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {"streamSid": "MZ1", "callSid": "CA1", "customParameters": {"from": NUMBER}}
        await line.send(json.dumps({"event": "start", "streamSid": "MZ1", "start": start}))
        began = loop.time()

        async def press():
            for at, key in KEYS:
                await asyncio.sleep(began + at - loop.time())
                dtmf = {"event": "dtmf", "streamSid": "MZ1", "dtmf": {"digit": key}}
                await line.send(json.dumps(dtmf))

        presses = asyncio.create_task(press())
        while loop.time() - began < LISTENS:
            message = json.loads(await asyncio.wait_for(line.recv(), 10))
            if message["event"] == "media":
                audio += base64.b64decode(message["media"]["payload"])
            else:
                told.append((loop.time() - began, message["event"]))
        await presses
        await line.send(json.dumps({"event": "stop", "streamSid": "MZ1"}))
    return bytes(audio), told


def hear_it(audio):
    """What a caller who knows the prompts hears in `audio`."""
    book = load()
    table = prompt_table(book)
    ear = Ear(Pack.load(), table, canon=Canon(table))
    heard = []
    for at in range(0, len(audio), 160):
        heard += ear.hear(audio[at : at + 160], (at + 160) / 8000)
    return heard + ear.finish(len(audio) / 8000)


@pytest.mark.live
def test_a_plain_client_reports_a_fault_and_reaches_an_agent(hotline):
    audio, told = asyncio.run(call(hotline.url))
    heard = hear_it(audio)
    prompts = [event.prompt for event in heard if isinstance(event, hear.Heard)]
    for prompt in ("greeting", "notice.recording", "fault", "outage", "outage_none",
                   "repair_created", "transfer"):  # fmt: skip
        assert prompt in prompts, prompts
    assert prompts.index("greeting") == 0
    # barge-in: the greeting was cut by the key, and the client told to drop what it had buffered
    assert [name for at, name in told if 1.9 < at < 4.0] == ["clear"]
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
            [HOTLINE, "test", "--tag", "live", "--transcript", *media],
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
