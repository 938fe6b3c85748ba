"""How many callers of a load one core drives: walkers on a real hotline, more and more of them.

    python benchmarks/load.py [--medium ws|sip] [--calls 50 100 200 400] [--seconds 20]

The hotline (`hotline serve --plan`, agents enough for all) has one core, the load another. For
each number of calls the load brings them up evenly in half the time; they walk to an agent and
talk until the end, as most callers of a real load do. Reported for the driving process: processor
time for a second of a call, share of a core, late and skipped ticks, p99 spacing of its packets,
and whether the load itself would call its figures doubtful. The last line is the most calls that
were driven without that.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from media import show

HOTLINE = str(Path(sys.executable).with_name("hotline"))
PLAN = """
queues:
  - {{name: fault, calls_per_hour: {rate:.3f}, handle: {talk}}}
groups:
  - {{name: a, agents: {agents}, skills: [fault], ring: 1}}
load: {{length: {length}, drain: {drain}, concurrent: 20000}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--medium", choices=["ws", "sip"], default="sip")
    parser.add_argument("--calls", type=int, nargs="+", default=[50, 100, 200, 400])
    parser.add_argument("--seconds", type=float, default=20.0)
    wish = parser.parse_args()
    most = 0
    for calls in wish.calls:
        found = measure(wish.medium, calls, wish.seconds)
        driver, figures = found["driver"], found["all"]
        up = max(part["up"] for part in found["course"]["parts"])
        seconds = sum_of_calls(found)
        title = f"{wish.medium}, {figures['calls']} calls, {up:.0f} at once"
        show({
            "driver's core %": 100 * driver["processor_seconds"] / driver["seconds"],
            "ms processor a call-second": 1000 * driver["processor_seconds"] / seconds,
            "late ticks": driver["late"],
            "skipped ticks": driver["skipped"],
            "spacing p99 ms": driver["spacing_p99_ms"],
            "failed %": 100 * figures["failed"],
            "late calls %": 100 * figures["late"],
            "doubtful": driver["strained"],
        }, title, json_only=False)  # fmt: skip
        if not driver["strained"]:
            most = max(most, int(up))
    print(f"most calls at once without doubt: {most}")


def sum_of_calls(found: dict) -> float:
    """Seconds of calls, of all calls together: those up, times the length of each part."""
    return max(1.0, sum(part["up"] for part in found["course"]["parts"])
               * found["course"]["seconds"])  # fmt: skip


def measure(medium: str, calls: int, seconds: float) -> dict:
    """The JSON of one load, both sides pinned to a core of their own."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.yaml"
        length = seconds / 2
        plan.write_text(
            PLAN.format(rate=calls * 3600 / length, talk=seconds + 60, agents=calls + 50,
                        length=length, drain=length),
            "utf-8",
        )  # fmt: skip
        cores = sorted(os.sched_getaffinity(0))
        serving = subprocess.Popen(
            pinned(cores[0], "serve", "--plan", plan, "--port", 0, "--sip", "127.0.0.1:0",
                   "--sip-calls", 5000, "--sip-rate", 100_000, "--no-pages", "--drain", 1,
                   "--database", f"sqlite:///{folder}/load.db"),
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert serving.stdout is not None
            _, _, ws, sip = serving.stdout.readline().split()
            target = ws if medium == "ws" else sip
            ran = subprocess.run(
                pinned(cores[-1], "load", plan, "--target", target, "--json"),
                capture_output=True, text=True, timeout=600, check=False,
            )  # fmt: skip
        finally:
            serving.terminate()
            serving.wait(60)
        if ran.returncode > 1:
            sys.exit(ran.stderr)
        return json.loads(ran.stdout)


def pinned(core: int, *arguments: object) -> list[str]:
    return ["taskset", "-c", str(core), HOTLINE, *map(str, arguments)]


if __name__ == "__main__":
    main()
