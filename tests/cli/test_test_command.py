"""`hotline test`: what it writes, compares and remembers, and how it is interrupted."""

import json
import re
from xml.etree import ElementTree as Xml

import pytest

from hotline.cli.suite import Suite
from tests.cli.conftest import STARTER

BOOK = STARTER / "book.yaml"
GOOD = "scenario: 主菜单\ntags: [smoke]\nstory:\n  - hear: {prompt: main}\n  - hang_up:\n"
BAD = (
    "---\nscenario: 走错了\ntags: [odd]\nstory:\n  - hear: {prompt: main}\n  - press: '1'\n"
    "  - hear: {prompt: balance, within: 4}\n  - hang_up:\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(GOOD + BAD, "utf-8")
    return tmp_path


@pytest.fixture
def run(hotline, folder):
    return lambda *options: hotline("test", "s.yaml", "--book", BOOK, *options)


def test_ticks_and_crosses_come_first_then_what_failed_then_the_summary(run):
    lines = run().out.splitlines()
    assert [line[0] for line in lines[:2]] == ["✓", "✗"]
    assert "replay" in lines[-2]
    assert lines[-1].startswith("2 scenarios: 1 passed, 1 failed")


def test_names_and_tags_choose(run):
    assert run("-k", "主菜单").code == 0
    assert run("-k", "not odd").out.count("✓") == 1
    assert run("--tag", "odd").code == 1
    assert "--help" in run("-k", "a and").complaint


def test_last_failed_runs_only_what_failed(run, folder):
    run()
    again = run("--last-failed")
    assert "✗ 走错了" in again.out
    assert "✓" not in again.out
    (folder / "s.yaml").write_text(GOOD + BAD.replace("balance", "fault"), "utf-8")
    assert run("--last-failed").code == 0
    assert run("--lf").out.count("✓") == 2  # nothing failed any more: all of them


def test_a_suite_that_passes_leaves_nothing_behind(run, folder):
    run("--tag", "smoke")
    assert [file.name for file in folder.iterdir()] == ["s.yaml"]


def test_fail_under_is_a_threshold(run):
    assert run("--tag", "smoke", "--fail-under", "1").code == 0
    ran = run("--tag", "smoke", "--fail-under", "99.5")
    assert ran.code == 1
    assert re.search(r"coverage \d+\.\d % is below --fail-under 99.5 %", ran.out)


def test_coverage_counts_clauses_and_what_failing_scenarios_reached(run):
    ran = run("--coverage")
    assert re.search(r"clauses +\d+/\d+", ran.out)
    assert "by failing scenarios only" in ran.out
    assert re.search(r"clauses\.yaml:\d+: clauses: 5\.2\.6\.5", ran.out)


def test_coverage_xml_names_the_book(run, folder):
    run("--coverage-xml", "cov.xml")
    [one] = Xml.parse(folder / "cov.xml").getroot().iter("class")
    assert one.get("filename") == "book.yaml"


def test_a_run_can_be_compared_with_an_earlier_one(run, folder):
    assert run("--json", "old.json").code == 1
    (folder / "s.yaml").write_text(GOOD + BAD.replace("balance", "fault"), "utf-8")
    ran = run("--compare", "old.json", "--json", "old.json")
    assert ran.code == 0
    assert "newly passing (1):\n    走错了" in ran.out
    assert json.loads((folder / "old.json").read_text("utf-8"))["failed"] == 0


def test_without_a_file_the_data_stand_alone_on_standard_output(run):
    ran = run("--json")
    assert json.loads(ran.out)["passed"] == 1
    assert "✗ 走错了" in ran.err


def test_an_earlier_run_that_is_none(run, folder):
    assert "old.json" in run("--compare", "old.json").complaint
    (folder / "old.json").write_text("{}", "utf-8")
    assert "--json" in run("--compare", "old.json").complaint


def test_the_page_holds_all_about_a_failure_and_fetches_nothing(run, folder):
    run("--html", "run.html")
    page = (folder / "run.html").read_text("utf-8")
    assert page.count('<details class="case is-fail"') == 1
    failed = page[page.index('<details class="case is-fail"') :]
    for shown in ("走错了", "{prompt: balance}", "not heard within 4 s", "s.yaml:12", "--seed 0"):
        assert shown in failed
    assert '<svg class="timeline"' in failed
    assert 'class="bar expected' in failed
    assert not re.search(r'(src|href)="|@import|https?://(?!www\.w3\.org)', page)


def test_the_page_tells_what_changed(run, folder):
    run("--json", "old.json")
    (folder / "s.yaml").write_text(GOOD + BAD.replace("balance", "fault"), "utf-8")
    run("--compare", "old.json", "--html", "run.html")
    page = (folder / "run.html").read_text("utf-8")
    assert "newly passing" in page


@pytest.mark.parametrize("option", ["--junit", "--html", "--json", "--coverage-xml"])
def test_a_file_that_cannot_be_written_is_told_before_the_calls(run, option):
    ran = run(option, "no/where.txt")
    assert "no/where.txt" in ran.complaint
    assert ran.out == ""


def test_what_needs_the_journal_is_refused_over_the_network(run):
    network = ("--media", "ws", "--target", "ws://127.0.0.1:1/media")
    assert "--media memory" in run(*network, "--fail-under", "50").complaint
    assert "--media memory" in run(*network, "--coverage-xml", "c.xml").complaint


def test_an_interrupted_run_tells_and_writes_what_was_finished(run, folder, monkeypatch):
    play, calls = Suite.play, []

    def interrupted(self, scenario):
        if calls:
            raise KeyboardInterrupt
        calls.append(scenario.name)
        return play(self, scenario)

    monkeypatch.setattr(Suite, "play", interrupted)
    ran = run("--junit", "j.xml", "--json", "r.json")
    assert ran.code == 130
    assert "✓ 主菜单" in ran.out
    assert "1 scenarios were not run" in ran.err
    assert len(list(Xml.parse(folder / "j.xml").getroot().iter("testcase"))) == 1
    assert len(json.loads((folder / "r.json").read_text("utf-8"))["scenarios"]) == 1
