"""RTP media: many G.711 calls at once out of one server process, seen from the callers' end.

    python benchmarks/rtp_media.py [--calls 500] [--seconds 20] [--ports own|dense] [--one-way]
                                   [--do play|bridge|record]

The server (ports, media engine and media port; an exchange that only plays prompts of the real
pack, one after the other) and the callers (one cheap socket for all of them) are two processes,
each pinned to a core of its own. Every caller sends 20 ms packets of silence as telephones do
(unless --one-way) and presses a key (RFC 4733) every few seconds. Reported: processor time and
run-queue wait of both (/proc/PID/schedstat: on a busy machine that wait, not the program, is what
the figures show), spacing of packets as they arrive (budget: p99 at most 25 ms), time from a key
to the last sound (p99 at most 60 ms), memory of the server a call, calls without packets.

`--do bridge` joins the calls two by two while the prompts go on, so that every second leg decodes,
mixes and encodes; `--do record` records all of them, encrypted, into a folder that is deleted.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import resource
import select
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from struct import Struct

import numpy as np
from media import schedstat, show

from hotline.telephony.rtp.port import more_files

HOST = "127.0.0.1"
TICK = 0.020
KEY_EVERY = 4.0
LOOK = 0.0003
"""Seconds between two looks for packets. A caller who slept until one came would be woken by an
interrupt from the hotline's core, which a telephone elsewhere is not."""
SLOTS = 20
"""groups of callers that send at the same millisecond"""
HEADER = Struct("!BBHII")
SILENT = b"\xd5" * 160
EVENTS = 101
BUDGET = {"spacing p99 ms": 25.0, "key to silence p99 ms": 60.0}


# --- the server ----------------------------------------------------------------------------------


async def serve(callers: list[int], ports_kind: str, task: str) -> None:
    """Print the calls' ports, play until standard input closes, then print the statistics."""
    from cryptography.fernet import Fernet

    from audio.pack import Pack
    from hotline.store.recordings import Recordings
    from hotline.store.vault import Vault
    from hotline.switch import actions as do
    from hotline.switch import events as ev
    from hotline.switch.clock import WallClock
    from hotline.telephony.engine import Engine
    from hotline.telephony.media import EngineMedia
    from hotline.telephony.recording import NOTICE
    from hotline.telephony.rtp.dense import DensePorts
    from hotline.telephony.rtp.port import RtpPorts
    from hotline.telephony.rtp.stream import Stream
    from menus.loader import load

    loop = asyncio.get_running_loop()
    engine = Engine(WallClock(loop.time, loop.call_later))
    pack = Pack.load()
    folder = tempfile.TemporaryDirectory()
    shelf = Recordings(Path(folder.name), Vault(Fernet.generate_key()))
    media = EngineMedia(engine, pack, shelf=shelf if task == "record" else None)
    prompts = [
        do.Prompt(prompt.id, prompt.long["zh-CN"])
        for prompt in load(None).prompts()
        if "{" not in prompt.long.get("zh-CN", "{")
    ]
    prompts = [prompt for prompt in prompts if pack.render(prompt.text, {}, "zh-CN").duration > 3]
    chance = Random(1)

    class Prompter:
        """Plays prompts one after the other; a key stops the present one for two seconds."""

        def post(self, event: ev.Event) -> None:
            match event:
                case ev.PlaybackFinished(call=call):
                    media.play(call, 1, chance.choice(prompts))
                case ev.KeyPressed(call=call):
                    media.stop(call, 1)
                    loop.call_later(2.0, media.play, call, 1, chance.choice(prompts))

    exchange = Prompter()
    media.connect(exchange)
    make = DensePorts if ports_kind == "dense" else RtpPorts
    ports = make(engine, HOST)
    # prompts are shared by all calls: what they take is not memory of a call
    for prompt in prompts:
        media.speech(prompt).of("PCMA")
    gc.collect()
    before = memory()
    addresses = []
    for number, remote in enumerate(callers):
        agreed = Stream("PCMA", 8, EVENTS, TICK, (HOST, remote), send=True, receive=True)
        call = f"c{number}"

        def keyed(key: str, call: str = call) -> None:
            exchange.post(ev.KeyPressed(engine.clock.now(), call, key))

        port = ports.open(keyed=keyed)
        port.connect(agreed)
        addresses.append([port.address[1], port.session.ssrc])
        if task == "bridge" and number % 2:
            media.add_desk(call, port)
            media.bridge(f"c{number - 1}", call)
            continue
        media.add_line(call, port)
        # a recording begins when the notice has been heard
        notice = do.Prompt(NOTICE, prompts[0].text)
        media.play(call, 1, notice if task == "record" else chance.choice(prompts))
    print(json.dumps(addresses), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    used = (memory() - before) / len(callers) / 1000
    counted = {f"counted {name}": count for name, count in ports.counted.items()}
    print(json.dumps(engine.statistics.as_dict() | {"kB a call": used} | counted), flush=True)
    shelf.close()
    folder.cleanup()
    os._exit(0)


def memory() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


# --- the callers ---------------------------------------------------------------------------------


class Callers:
    """All callers; a call is known by the SSRC of the hotline's packets. They share one socket
    where the hotline has a port for each of them, and have one each where it has only one."""

    def __init__(
        self, socks: list[socket.socket], addresses: list[list[int]], one_way: bool
    ) -> None:
        self.socks, self.one_way = socks, one_way
        self.ports = [port for port, _ in addresses]
        self.number = {ssrc: number for number, (_, ssrc) in enumerate(addresses)}
        count = len(addresses)
        self.last = [0.0] * count
        self.heard = [0] * count
        self.sound = [0.0] * count
        self.pressed = [0.0] * count
        self.key_at = [time.perf_counter() + 2 + n / count * KEY_EVERY for n in range(count)]
        self.spacing: list[float] = []
        self.silenced: list[float] = []
        self.sequence = 0
        self.measuring = False
        # in no step with the hotline's phases
        order = Random(2).sample(range(count), count)
        self.slots = [order[slot::SLOTS] for slot in range(SLOTS)]

    def run(self, seconds: float) -> None:
        """Send and hear; each caller's packets go out at instants of its own within 20 ms."""
        poll = select.epoll()
        by_number = {sock.fileno(): sock for sock in self.socks}
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        begin, slot, until = time.perf_counter(), 0, time.perf_counter() + seconds
        while (now := time.perf_counter()) < until:
            due = begin + slot * TICK / SLOTS
            if now >= due:
                self.speak(slot, now)
                slot += 1
                continue
            ready = poll.poll(0)
            for number, _ in ready:
                self.hear(by_number[number])
            if not ready:
                time.sleep(LOOK)

    def hear(self, sock: socket.socket) -> None:
        with suppress(BlockingIOError):
            for _ in range(200 if len(self.socks) == 1 else 1):
                data = sock.recv(2048)
                number = self.number.get(int.from_bytes(data[8:12], "big"))
                if number is None:
                    continue
                now = time.perf_counter()
                self.heard[number] += 1
                if self.measuring and self.last[number]:
                    self.spacing.append(now - self.last[number])
                self.last[number] = now
                if data[12:] != SILENT:
                    self.sound[number] = now

    def speak(self, slot: int, now: float) -> None:
        """The callers whose millisecond this is."""
        self.sequence += slot % SLOTS == 0
        timestamp = self.sequence * 160 % 2**32
        for number in self.slots[slot % SLOTS]:
            pressed = self.pressed[number]
            if pressed and now - pressed > 1.0:
                self.silenced.append(max(0.0, self.sound[number] - pressed))
                self.pressed[number] = 0.0
            if now > self.key_at[number]:
                self.key_at[number] += KEY_EVERY
                self.pressed[number] = now
                self.send(number, EVENTS | 0x80, timestamp, b"\x01\x0a\x00\xa0")
            elif not self.one_way:
                self.send(number, 8, timestamp, SILENT)

    def send(self, number: int, kind: int, timestamp: int, payload: bytes) -> None:
        head = HEADER.pack(0x80, kind, self.sequence & 0xFFFF, timestamp, number + 1)
        with suppress(BlockingIOError):
            self.socks[number % len(self.socks)].sendto(head + payload, (HOST, self.ports[number]))


def measure(callers: Callers, seconds: float, server: int) -> dict[str, float]:
    callers.run(2.0)
    callers.measuring = True
    callers.heard = [0] * len(callers.heard)
    begin, own, theirs = time.perf_counter(), schedstat(os.getpid()), schedstat(server)
    callers.run(seconds)
    lasted = time.perf_counter() - begin
    own_end, theirs_end = schedstat(os.getpid()), schedstat(server)
    spacing, keys = np.array(callers.spacing) * 1000, np.array(callers.silenced or [0.0]) * 1000
    return {
        "calls": len(callers.ports),
        "failed calls": sum(heard < 0.9 * lasted / TICK for heard in callers.heard),
        "packets received": sum(callers.heard),
        "spacing p50 ms": float(np.percentile(spacing, 50)),
        "spacing p99 ms": float(np.percentile(spacing, 99)),
        "spacing max ms": float(spacing.max()),
        "keys": len(callers.silenced),
        "key to silence p50 ms": float(np.percentile(keys, 50)),
        "key to silence p99 ms": float(np.percentile(keys, 99)),
        "server processor %": 100 * (theirs_end[0] - theirs[0]) / lasted,
        "server run-queue wait %": 100 * (theirs_end[1] - theirs[1]) / lasted,
        "callers processor %": 100 * (own_end[0] - own[0]) / lasted,
        "callers run-queue wait %": 100 * (own_end[1] - own[1]) / lasted,
    }


def caller_socket() -> socket.socket:
    """A socket that is large enough for many calls."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.bind((HOST, 0))
    sock.setblocking(False)
    return sock


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--ports", choices=("own", "dense"), default="own")
    parser.add_argument("--do", choices=("play", "bridge", "record"), default="play")
    parser.add_argument("--one-way", action="store_true", help="callers send keys only")
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    more_files()
    if chosen.serve:
        run = asyncio.run
        if chosen.loop == "uvloop":
            import uvloop

            run = uvloop.run
        run(serve(json.loads(sys.stdin.readline()), chosen.ports, chosen.do))
        return 0
    socks = [caller_socket() for _ in range(chosen.calls if chosen.ports == "dense" else 1)]
    cores = sorted(os.sched_getaffinity(0))
    command = [sys.executable, __file__, "--serve"]
    command += ["--ports", chosen.ports, "--loop", chosen.loop, "--do", chosen.do]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, {cores[0]})
    os.sched_setaffinity(0, {cores[-1]})
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        numbers = [socks[n % len(socks)].getsockname()[1] for n in range(chosen.calls)]
        process.stdin.write(json.dumps(numbers) + "\n")
        process.stdin.flush()
        callers = Callers(socks, json.loads(process.stdout.readline()), chosen.one_way)
        figures = measure(callers, chosen.seconds, process.pid)
        process.stdin.close()
        figures |= json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
    ways = "one way" if chosen.one_way else "both ways"
    title = f"{chosen.do}, {chosen.ports} ports on {chosen.loop}, {ways}, {chosen.seconds:g} s"
    show(figures, title, json_only=chosen.json)
    kept = all(figures[name] <= limit for name, limit in BUDGET.items())
    return 0 if kept and not figures["failed calls"] else 1


if __name__ == "__main__":
    sys.exit(main())
