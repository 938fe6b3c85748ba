"""Live media: many WebSocket calls at once against one server process, seen from the clients.

    python benchmarks/media.py [--calls 100] [--seconds 20] [--server direct|plain] [--loop uvloop]

The server (media path and gateway, an exchange that only plays prompts) and the clients are two
processes, each pinned to a core of its own. Every client sends silence every 20 ms, as telephones
do, and a key every few seconds. Reported: spacing of media frames as they arrive (budget: p99 at
most 30 ms), time from a key to the last sound (budget: p99 at most 60 ms), processor time, and
how long each process waited for its core (/proc/PID/schedstat): on a busy machine that wait, not
the program, is what the figures show.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import platform
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

SILENT_PAYLOAD = base64.b64encode(b"\xff" * 160).decode()
SILENT = json.dumps({"event": "media", "media": {"payload": SILENT_PAYLOAD}})
TICK = 0.020
KEY_EVERY = 4.0


# --- the server ----------------------------------------------------------------------------------


async def serve(server: str) -> None:
    """Print the port, serve until standard input closes, then print the engine's statistics."""
    import socket

    import uvicorn
    from fastapi import FastAPI

    from audio.g711 import ULAW_TO_ALAW
    from hotline.switch import actions as do
    from hotline.switch import events as ev
    from hotline.switch.clock import WallClock
    from hotline.telephony.engine import Engine
    from hotline.telephony.gateway import Gateway
    from hotline.telephony.media import EngineMedia
    from hotline.telephony.server import settings
    from hotline.telephony.websocket import mount

    class Voice:
        """Whatever is asked for, nine seconds of sound without a pause: every frame counts."""

        clips = (bytes(range(120)) * 600,)

        def render(self, template: str, values: object, language: str) -> Voice:
            return self

        def ulaw(self, clip: bytes) -> bytes:
            return clip

        def alaw(self, clip: bytes) -> bytes:
            return clip.translate(ULAW_TO_ALAW)

        def music(self) -> bytes:
            return self.clips[0]

        def tone(self, name: str) -> bytes:
            return self.clips[0]

    loop = asyncio.get_running_loop()
    engine = Engine(WallClock(loop.time, loop.call_later))
    media = EngineMedia(engine, Voice())
    prompt = do.Prompt("benchmark", "")

    class Prompter:
        """Plays prompts one after the other; a key stops the present one for two seconds."""

        def post(self, event: ev.Event) -> None:
            match event:
                case ev.CallArrived(call=call):
                    media.answer(call)
                    media.play(call, 1, prompt)
                case ev.PlaybackFinished(call=call):
                    media.play(call, 1, prompt)
                case ev.KeyPressed(call=call):
                    media.stop(call, 1)
                    loop.call_later(2.0, media.play, call, 1, prompt)

    app = FastAPI()
    mount(app, Gateway(Prompter(), media, limit=10_000))
    options = settings() if server == "direct" else {"ws": "websockets-sansio"}
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    web = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", **options))
    task = asyncio.create_task(web.serve(sockets=[listener]))
    print(listener.getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(engine.statistics.as_dict()), flush=True)
    web.should_exit = web.force_exit = True
    await task


# --- the clients ---------------------------------------------------------------------------------


class Caller:
    """One call: instants of its frames, and how long its keys took to silence the prompt."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.instants: list[float] = []
        self.silenced: list[float] = []
        self.pressed: float | None = None
        self.last_sound = 0.0
        self.ended = ""

    async def run(self, url: str, until: float) -> None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosed

        try:
            async with connect(url, compression=None, ping_interval=None) as line:
                await line.send('{"event":"connected"}')
                await line.send(
                    json.dumps(
                        {
                            "event": "start",
                            "start": {"customParameters": {"from": f"138{self.number:08d}"}},
                        }
                    )
                )
                talking = asyncio.create_task(self.talk(line, until))
                async for message in line:
                    self.hear(str(message))
                    if time.perf_counter() > until:
                        break
                await talking
                line.transport.abort()
        except (ConnectionClosed, OSError) as error:
            self.ended = repr(error)

    async def talk(self, line, until: float) -> None:
        """Silence every 20 ms at absolute instants, a key now and then."""
        begin = time.perf_counter() + self.number % 20 / 1000
        key_at = begin + 2.0 + self.number % 37 / 37 * KEY_EVERY
        tick = 0
        with suppress(Exception):
            while (now := time.perf_counter()) < until:
                tick += 1
                await line.send(SILENT)
                if now > key_at:
                    key_at += KEY_EVERY
                    self.settle()
                    self.pressed = time.perf_counter()
                    await line.send('{"event":"dtmf","dtmf":{"digit":"1"}}')
                await asyncio.sleep(max(0.0, begin + tick * TICK - time.perf_counter()))

    def hear(self, message: str) -> None:
        now = time.perf_counter()
        if message.startswith('{"event":"media"'):
            self.instants.append(now)
            if SILENT_PAYLOAD not in message and (self.pressed is None or now - self.pressed < 1.0):
                self.last_sound = now

    def settle(self) -> None:
        """Note the delay of the key before this one."""
        if self.pressed is not None:
            self.silenced.append(max(0.0, self.last_sound - self.pressed))
            self.last_sound = 0.0


def schedstat(pid: int) -> tuple[float, float]:
    """Seconds of processor time, and seconds of waiting for a processor, of all threads."""
    ran = waited = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            run, wait, _ = map(int, (task / "schedstat").read_text().split())
            ran, waited = ran + run, waited + wait
    return ran / 1e9, waited / 1e9


async def measure(url: str, calls: int, seconds: float, server: int) -> dict[str, float]:
    callers = [Caller(number) for number in range(calls)]
    ramp = calls * 0.01
    until = time.perf_counter() + ramp + seconds
    tasks = []
    for caller in callers:
        tasks.append(asyncio.create_task(caller.run(url, until)))
        await asyncio.sleep(0.01)
    await asyncio.sleep(1.0)
    begin, own, theirs = time.perf_counter(), schedstat(os.getpid()), schedstat(server)
    await asyncio.sleep(max(0.0, until - time.perf_counter() - 0.2))
    lasted = time.perf_counter() - begin
    own_end, theirs_end = schedstat(os.getpid()), schedstat(server)
    await asyncio.gather(*tasks)
    spacing = (
        np.concatenate(
            [np.diff([at for at in caller.instants if at >= begin]) for caller in callers]
        )
        * 1000
    )
    keys = np.array([delay for caller in callers for delay in caller.silenced]) * 1000
    frames = sum(len(caller.instants) for caller in callers)
    return {
        "calls": calls,
        "calls cut off": sum(bool(caller.ended) for caller in callers),
        "frames received": frames,
        "spacing p50 ms": float(np.percentile(spacing, 50)),
        "spacing p99 ms": float(np.percentile(spacing, 99)),
        "spacing p99.9 ms": float(np.percentile(spacing, 99.9)),
        "spacing max ms": float(spacing.max()),
        "keys": len(keys),
        "key to silence p50 ms": float(np.percentile(keys, 50)) if len(keys) else 0.0,
        "key to silence p99 ms": float(np.percentile(keys, 99)) if len(keys) else 0.0,
        "server processor %": 100 * (theirs_end[0] - theirs[0]) / lasted,
        "server run-queue wait %": 100 * (theirs_end[1] - theirs[1]) / lasted,
        "client processor %": 100 * (own_end[0] - own[0]) / lasted,
        "client run-queue wait %": 100 * (own_end[1] - own[1]) / lasted,
    }


def show(figures: dict[str, float], title: str, *, json_only: bool) -> None:
    """The figures, under a line that names the machine."""
    if json_only:
        print(json.dumps(figures))
        return
    cores = len(os.sched_getaffinity(os.getppid()))
    machine = platform.processor() or platform.machine()
    print(f"{machine}, {cores} cores, Python {platform.python_version()}, {title}")
    for name, value in figures.items():
        print(f"  {name:<28}{value:>12,.1f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--server", choices=("direct", "plain"), default="direct")
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="uvloop")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    run = asyncio.run
    if chosen.loop == "uvloop":
        import uvloop

        run = uvloop.run
    if chosen.serve:
        run(serve(chosen.server))
        return 0
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, __file__, "--serve"]
    command += ["--server", chosen.server, "--loop", chosen.loop]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, {cores[0]})
    os.sched_setaffinity(0, {cores[-1]})
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = f"ws://127.0.0.1:{int(process.stdout.readline())}/media"
        figures = run(measure(url, chosen.calls, chosen.seconds, process.pid))
        process.stdin.close()
        figures |= {
            f"engine {name}": value for name, value in json.loads(process.stdout.readline()).items()
        }
    finally:
        process.terminate()
        process.wait()
    title = f"{chosen.server} server on {chosen.loop}, {chosen.seconds:g} s"
    show(figures, title, json_only=chosen.json)
    return 0 if figures["spacing p99 ms"] <= 30 and figures["key to silence p99 ms"] <= 60 else 1


if __name__ == "__main__":
    sys.exit(main())
