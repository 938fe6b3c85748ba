"""`hotline fit` and `hotline sample-log` as a user runs them."""

import subprocess
import sys

MESSY = """queue,queued_at,answered_at,abandoned_at,ended_at
fault,2026-11-23 08:00:00,2026-11-23 08:00:10,,2026-11-23 08:03:00
fault,2026-11-23 08:00:00,2026-11-23 07:59:10,,2026-11-23 08:03:00
fault,2026-02-30 08:00:00,,,
fault,2026-11-23 08:10:00,,2026-11-23 08:10:40,
"""


def test_a_messy_log_stops_with_its_lines_in_a_process_of_its_own(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text(MESSY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "hotline.cli.main", "--lang", "en", "fit", str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "log.csv:3: answered_at: is 50 s before queued_at" in done.stderr
    assert "log.csv:4: queued_at: there is no such time: 2026-02-30 08:00:00" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_goes_on_when_told_to_and_keeps_the_wrong_rows_in_a_file(hotline, tmp_path):
    file, bad, plan = (tmp_path / name for name in ("log.csv", "bad.csv", "plan.yaml"))
    file.write_text(MESSY, encoding="utf-8")
    done = hotline("fit", file, "--bad-rows", "skip", "--bad-rows-file", bad, "--out", plan)
    assert done.code == 0, done.err
    assert len(bad.read_text("utf-8-sig").splitlines()) == 3
    assert hotline("staff", plan).code == 0
    none = tmp_path / "none.csv"
    none.write_text("queue,queued_at,abandoned_at\na,2026-11-23 08:00:00,2026-11-23 08:00:09\n")
    assert "no queue has an answered call" in hotline("fit", none).complaint
    assert "no such file" in hotline("fit", tmp_path / "nothing.csv").complaint


def test_a_sample_log_of_a_plan(hotline, tmp_path):
    plan, log = tmp_path / "plan.yaml", tmp_path / "log.csv"
    plan.write_text("queues: [{name: a, calls_per_hour: 60, handle: 100}]\n"
                    "groups: [{name: g, agents: 3, skills: [a]}]\n", encoding="utf-8")  # fmt: skip
    assert hotline("sample-log", plan, log, "--days", "1").code == 0
    done = hotline("fit", log)
    assert done.code == 0, done.err
    assert "deterministic mean 100" in done.out
    assert "patience none (without end)" in done.out
