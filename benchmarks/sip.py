"""Whole SIP calls at `hotline serve`: SIPp sets them up, one socket here hears all of their audio.

    python benchmarks/sip.py [--calls 500] [--rate 50] [--seconds 20] [--hold SECONDS]

The hotline is the real one (database, journal, simulated agents, the default book) in a process
pinned to one core; SIPp and this program share another. Calls come at `--rate` a second until
there are `--calls`, and with no `--hold` all stay until `--seconds` have been measured. With
`--hold` each ends after so long: `--calls 1500 --rate 50 --hold 4` is thirty seconds of fifty
set-ups a second.

Every caller sends 20 ms packets of silence, goes to the step that asks for an account number
(keys 2, 1 by RFC 4733) and types a digit into its prompt: the time from that key to the last sound
is measured. Reported as well: set-up time and failures as SIPp counts them, spacing of packets (by
the kernel's own time of arrival, so that a busy caller is not taken for a late hotline), processor
and run-queue wait of all (/proc/PID/schedstat), memory of the server a call.

Two parts are told apart, and no figure of either is left out: `whole` from the first INVITE to the
last BYE, and `steady` while all calls are up and none is set up or released (with `--hold`: between
the first two seconds and the last call's set-up). A call is known by the hotline's port and its
SSRC: a port that a call has left may be another call's within the same second.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

import numpy as np
from media import schedstat, show
from rtp_media import EVENTS, HEADER, HOST, LOOK, SILENT, SLOTS, TICK, caller_socket

from hotline.telephony.rtp.port import more_files

KEYS = ((7.5, 2), (8.7, 1), (11.0, 1))
"""seconds after the first packet -> key; the last one is typed into a prompt"""
GONE = 1.0
"""Seconds without a packet after which a call is over."""
GAP = 0.06
"""A longer time between two packets is a gap in what the caller hears, seconds."""
SO_TIMESTAMPNS = 35
"""Linux: the kernel tells when a datagram came (socket.SO_TIMESTAMPNS is not in Python 3.11)."""
BUDGET = {
    "steady spacing p99 ms": 25.0,
    "whole spacing p99 ms": 25.0,
    "key to silence p99 ms": 60.0,
    "kB a call": 200.0,
    "failed calls": 0.0,
    "calls with gaps": 0.0,
    "whole gaps above 60 ms": 0.0,
}
STAMP = Struct("qq")

Source = tuple[tuple[str, int], int]
"""The hotline's address and the SSRC of a call's packets."""


@dataclass(slots=True)
class Call:
    """One call as its telephone sees it; instants of `time.time`, the kernel's for packets."""

    source: Source
    number: int
    began: float
    last: float
    step: int = 0
    heard: int = 0
    counted_from: float = 0.0
    pressed: float = 0.0
    sound: float = 0.0


class Telephones:
    """The audio of all calls on one socket. `short`: they may end while they are measured."""

    def __init__(self, sock: socket.socket, *, short: bool) -> None:
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._sock, self._short = sock, short
        self._calls: dict[Source, Call] = {}
        self._slots: list[list[Call]] = [[] for _ in range(SLOTS)]
        self._begin, self._slot, self._number = time.time(), 0, 0
        self.spacing: list[float] = []
        self.silenced: list[float] = []
        self.gaps: set[Source] = set()
        """calls that had too few packets"""
        self.most = 0
        self.measuring = False

    def run(self, seconds: float) -> None:
        """Send and hear; calls send at different milliseconds of the 20."""
        until = time.time() + seconds
        while (now := time.time()) < until:
            if now >= self._begin + self._slot * TICK / SLOTS:
                self._speak(now)
                self._slot += 1
            elif not self._hear():
                time.sleep(LOOK)

    def measure(self) -> int:
        """From now on calls without packets count; where in `spacing` this is."""
        self.measuring = True
        for call in self._calls.values():
            call.heard, call.counted_from = 0, time.time()
        return len(self.spacing)

    def stop(self) -> None:
        """The calls that go on are judged; what comes later is only looked at for its spacing."""
        for call in self._calls.values():
            self._judge(call)
        self.measuring = False

    def _hear(self) -> bool:
        """Take what has come; whether there may be more."""
        with suppress(BlockingIOError):
            for _ in range(200):
                data, stamps, _, address = self._sock.recvmsg(2048, 64)
                seconds, nanoseconds = STAMP.unpack(stamps[0][2])
                now = seconds + nanoseconds / 1e9
                source = address, int.from_bytes(data[8:12], "big")
                call = self._calls.get(source)
                if call is None:
                    self._ring(source, now)
                    continue
                call.heard += 1
                self.spacing.append(now - call.last)
                call.last = now
                if data[12:] != SILENT:
                    call.sound = now
            return True
        return False

    def _ring(self, source: Source, now: float) -> None:
        self._number += 1
        call = Call(source, self._number, now, now, counted_from=now)
        self._calls[source] = call
        self._slots[self._number % SLOTS].append(call)
        self.most = max(self.most, len(self._calls))

    def _speak(self, now: float) -> None:
        slot = self._slot % SLOTS
        sequence = self._slot // SLOTS
        for call in list(self._slots[slot]):
            if now - call.last > GONE:
                self._slots[slot].remove(call)
                del self._calls[call.source]
                self._judge(call)
                continue
            kind, payload = 8, SILENT
            if call.pressed and now - call.pressed > 1.0:
                self.silenced.append(max(0.0, call.sound - call.pressed))
                call.pressed = 0.0
            if call.step < len(KEYS) and now - call.began > KEYS[call.step][0]:
                kind, payload = EVENTS | 0x80, bytes((KEYS[call.step][1], 0x0A, 0, 0xA0))
                call.step += 1
                sounding = now - call.sound < 0.1
                call.pressed = now if call.step == len(KEYS) and sounding else 0.0
            head = HEADER.pack(0x80, kind, sequence & 0xFFFF, sequence * 160 % 2**32, call.number)
            with suppress(BlockingIOError):
                self._sock.sendto(head + payload, call.source[0])

    def _judge(self, call: Call) -> None:
        """Whether it got nine tenths of its packets while it was measured."""
        lasted = (call.last if self._short else time.time()) - call.counted_from
        if self.measuring and call.heard < 0.9 * lasted / TICK - 5:
            self.gaps.add(call.source)


def memory(process: int) -> int:
    """Resident bytes."""
    fields = Path(f"/proc/{process}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGESIZE")


def hotline(folder: str, calls: int) -> tuple[subprocess.Popen[str], int]:
    """Start it; the process and the port of its SIP side."""
    command = [str(Path(sys.executable).with_name("hotline")), "serve", "--port", "0", "--no-pages"]
    command += ["--sip", f"{HOST}:0", "--sip-calls", str(2 * calls), "--drain", "1"]
    command += ["--database", f"sqlite:///{folder}/hotline.db"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    ready = re.search(rf"sip:{HOST}:(\d+)", process.stdout.readline())
    if ready is None:
        raise SystemExit("hotline serve did not start")
    return process, int(ready[1])


def sipp(folder: str, port: int, media: int, chosen: argparse.Namespace) -> subprocess.Popen[bytes]:
    """Start the calls."""
    command = ["sipp", "-nostdin", f"{HOST}:{port}", "-i", HOST]
    command += ["-sf", str(Path(__file__).with_name("sip_load.xml")), "-key", "media", str(media)]
    command += ["-m", str(chosen.calls), "-l", str(chosen.calls), "-r", str(chosen.rate)]
    command += ["-d", str(round(chosen.hold * 1000)), "-trace_stat", "-stf", f"{folder}/stat.csv"]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def counted(folder: str) -> dict[str, str]:
    """SIPp's own figures, of the whole run."""
    names, *_, last = Path(folder, "stat.csv").read_text().splitlines()
    return dict(zip(names.split(";"), last.split(";"), strict=False))


def milliseconds(text: str) -> float:
    """SIPp's `00:00:00:003123` (hours, minutes, seconds, microseconds)."""
    hours, minutes, seconds, micro = map(int, text.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + micro / 1000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was used up to an instant: processor and run-queue wait (seconds) of each process."""

    at: float
    spent: dict[str, tuple[float, float]]

    @classmethod
    def now(cls, processes: Mapping[str, int]) -> Snapshot:
        """The present one."""
        return cls(time.time(), {name: schedstat(pid) for name, pid in processes.items()})

    def since(self, part: str, begin: Snapshot) -> dict[str, float]:
        """Shares of a core that `part` of the run took."""
        lasted, figures = self.at - begin.at, {}
        for name, (ran, waited) in self.spent.items():
            figures[f"{part} {name} processor %"] = 100 * (ran - begin.spent[name][0]) / lasted
            figures[f"{part} {name} run-queue wait %"] = (
                100 * (waited - begin.spent[name][1]) / lasted
            )
        return figures


def spaced(part: str, seconds: list[float]) -> dict[str, float]:
    """How far apart the packets of `part` of the run came."""
    spacing = np.array(seconds or [0.0]) * 1000
    return {
        f"{part} spacing p50 ms": float(np.percentile(spacing, 50)),
        f"{part} spacing p99 ms": float(np.percentile(spacing, 99)),
        f"{part} spacing max ms": float(spacing.max()),
        f"{part} gaps above 60 ms": float((spacing > GAP * 1000).sum()),
    }


def measure(folder: str, chosen: argparse.Namespace) -> dict[str, float]:
    """One run."""
    cores = sorted(os.sched_getaffinity(0))
    server, port = hotline(folder, chosen.calls)
    os.sched_setaffinity(server.pid, {cores[0]})
    os.sched_setaffinity(0, {cores[-1]})
    sock = caller_socket()
    telephones = Telephones(sock, short=chosen.short)
    ramp = chosen.calls / chosen.rate
    before = memory(server.pid)
    load = sipp(folder, port, sock.getsockname()[1], chosen)
    pids = {"server": server.pid, "SIPp": load.pid, "callers": os.getpid()}
    try:
        first = Snapshot.now(pids)
        telephones.run(2.0 if chosen.short else ramp + 2.0)
        begin, steady = telephones.measure(), Snapshot.now(pids)
        telephones.run(max(0.0, ramp - 2.0) if chosen.short else chosen.seconds)
        end, ended = len(telephones.spacing), Snapshot.now(pids)
        used = memory(server.pid) - before
        telephones.stop()
        # the calls end one by one, as they were set up
        telephones.run(chosen.hold if chosen.short else ramp + 2.0)
        last = Snapshot.now(pids)
        telephones.run(1.0)
        load.wait(timeout=60)
    finally:
        load.terminate()
        server.terminate()
        server.wait(timeout=30)
    total = counted(folder)
    keys = np.array(telephones.silenced or [0.0]) * 1000
    figures = {
        "calls": float(total["TotalCallCreated"]),
        "calls at once": float(telephones.most),
        "failed calls": float(total["FailedCall(C)"]),
        "calls with gaps": float(len(telephones.gaps)),
        "set-up mean ms": milliseconds(total["ResponseTime1(C)"]),
        "requests repeated": float(total["Retransmissions(C)"]),
        "keys": float(len(telephones.silenced)),
        "key to silence p50 ms": float(np.percentile(keys, 50)),
        "key to silence p99 ms": float(np.percentile(keys, 99)),
        "kB a call": used / max(telephones.most, 1) / 1000,
    }
    figures |= spaced("whole", telephones.spacing) | last.since("whole", first)
    if end == begin:  # all was over before anything was steady
        return figures
    return figures | spaced("steady", telephones.spacing[begin:end]) | ended.since("steady", steady)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--rate", type=float, default=50.0, help="set-ups a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--hold", type=float, default=0.0, help="seconds that each call lasts")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    chosen.short = chosen.hold > 0
    if not chosen.short:
        chosen.hold = chosen.calls / chosen.rate + chosen.seconds + 4.0
    more_files()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(folder, chosen)
    title = f"SIPp, {chosen.rate:g} set-ups a second, calls of {chosen.hold:g} s"
    show(figures, title, json_only=chosen.json)
    kept = all(figures.get(name, 0.0) <= limit for name, limit in BUDGET.items())
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
