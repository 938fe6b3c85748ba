"""How long commands take from the shell, start-up included.

    python benchmarks/commands.py [--pairs 21]

Each command runs in turn with `python -c pass`, in pairs, so that a busy spell of the machine hits
both. Reported: the median wall time and the mean processor time (user and system) of both, the
median of the pairs' ratios by wall, and the ratio of the processor times. Budgets: `--help` at most
4 times a bare Python, `lint` of the built-in book under 1 s. A command that fails is not measured.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from calls import machine

BARE = [sys.executable, "-c", "pass"]
ONE = "不评价"
"""`test -k` with a word in the name of few scenarios: little more than starting up"""


def once(command: list[str], folder: str) -> tuple[float, float]:
    """Seconds of processor and of wall time for one run; stops if the command fails."""
    before, wall = os.times(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    spent = time.perf_counter() - wall
    after = os.times()
    if done.returncode != 0:
        said = done.stdout[-500:] + done.stderr
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{said}")
    used = after.children_user - before.children_user
    return used + after.children_system - before.children_system, spent


def children(command: list[str], pairs: int, folder: str) -> None:
    """Measure `command` against a bare Python and print a line."""
    once(command, folder)  # the first run compiles and fills the file cache
    bare, own = [], []
    for _ in range(pairs):
        bare.append(once(BARE, folder))
        own.append(once(command, folder))
    # os.times counts in hundredths of a second: too coarse for one short run, so the processor
    # time is a mean over all runs, and the ratio by wall is the median of the pairs.
    cpu_bare = sum(cpu for cpu, _ in bare) / pairs
    cpu_own = sum(cpu for cpu, _ in own) / pairs
    ratios = [mine / base for (_, base), (_, mine) in zip(bare, own, strict=True)]
    print(
        f"{'hotline ' + ' '.join(command[2:]):<24} wall {median(w for _, w in own) * 1e3:7.1f} ms "
        f"(bare {median(w for _, w in bare) * 1e3:5.1f})  processor {cpu_own * 1e3:7.1f} ms "
        f"(bare {cpu_bare * 1e3:5.1f})  ratio by wall {median(ratios):5.2f}, "
        f"by processor {cpu_own / cpu_bare:5.2f}",
        flush=True,
    )


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pairs", type=int, default=21)
    pairs = options.parse_args().pairs
    print(machine(), f"load {os.getloadavg()[0]:.1f}")
    script = Path(sys.executable).with_name("hotline")
    if not script.exists():
        raise SystemExit(f"no {script}: install the project first, `pip install -e .`")
    start = [sys.executable, str(script)]
    with tempfile.TemporaryDirectory() as folder:
        children([*start, "--help"], pairs, folder)
        children([*start, "lint"], max(3, pairs // 3), folder)
        children([*start, "test", "-k", ONE], max(3, pairs // 3), folder)
        children([*start, "test"], max(3, pairs // 3), folder)


if __name__ == "__main__":
    main()
