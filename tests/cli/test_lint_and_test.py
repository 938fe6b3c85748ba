"""`hotline lint` and `hotline test`: exit codes, formats, and what bad files are told."""

import json
from xml.etree import ElementTree as Xml

import pytest

from tests.cli.conftest import STARTER

BOOK = STARTER / "book.yaml"
SCENARIO = STARTER / "scenarios" / "scenario.yaml"


@pytest.fixture
def broken_book(tmp_path):
    """Well-formed, but one target leads nowhere."""
    file = tmp_path / "broken.yaml"
    text = BOOK.read_text("utf-8").replace('"1": "menu:fault"', '"1": "menu:nowhere"')
    file.write_text(text, "utf-8")
    return file


@pytest.fixture
def failing(tmp_path):
    file = tmp_path / "failing.yaml"
    file.write_text(
        "scenario: 听错了\nstory:\n  - hear: {prompt: root}\n  - press: '1'\n"
        "  - hear: {prompt: bill, within: 5}\n  - hang_up:\n",
        "utf-8",
    )
    return file


class TestLint:
    def test_findings(self, hotline, broken_book):
        ran = hotline("lint", broken_book)
        assert ran.code == 1
        assert "nowhere" in ran.out
        assert f"{broken_book}:" in ran.out

    def test_json(self, hotline, broken_book):
        ran = hotline("lint", broken_book, "--format", "json")
        findings = json.loads(ran.out)
        assert ran.code == 1
        assert {"rule", "level", "clause", "file", "line", "message", "hint"} == set(findings[0])
        lines = broken_book.read_text("utf-8").splitlines()
        assert any("nowhere" in lines[finding["line"] - 1] for finding in findings)

    def test_json_without_findings_is_an_empty_list(self, hotline):
        ran = hotline("lint", "--format", "json")
        assert (ran.code, json.loads(ran.out)) == (0, [])

    def test_sarif(self, hotline, broken_book):
        ran = hotline("lint", broken_book, "--format", "sarif")
        sarif = json.loads(ran.out)
        assert sarif["version"] == "2.1.0"
        assert sarif["runs"][0]["results"]

    @pytest.mark.parametrize(
        ("text", "where", "what"),
        [
            ("version: 1\nstart: a\nstart: b\n", ":3", "start"),
            ("version: 1\nmenus: {a: [}\n", ":2", ""),
            ("menus:\n\t- a\n", ":2", ""),
            ("version: 1\nstart: main\nmenus:\n  main: {keyz: 1}\n", ":4", "keyz"),
            ("", "", ""),
        ],
        ids=["duplicate key", "mangled flow", "tab", "unknown key", "empty"],
    )
    def test_a_book_that_cannot_be_read(self, hotline, tmp_path, text, where, what):
        file = tmp_path / "book.yaml"
        file.write_text(text, "utf-8")
        ran = hotline("lint", file)
        assert ran.code == 2
        assert ran.out == ""
        assert f"{file}{where}" in ran.err
        assert what in ran.err

    def test_a_book_that_is_not_text(self, hotline, tmp_path):
        file = tmp_path / "book.yaml"
        file.write_bytes(b"\xff\xfe\x00\x80")
        assert str(file) in hotline("lint", file).complaint

    def test_a_missing_book(self, hotline, tmp_path):
        assert "no such file" in hotline("lint", tmp_path / "none.yaml").complaint

    def test_a_folder_without_a_book(self, hotline, tmp_path):
        assert str(tmp_path) in hotline("lint", tmp_path).complaint


class TestTest:
    def test_passing(self, hotline):
        ran = hotline("test", SCENARIO, "--book", BOOK)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.count("✓") == 3

    def test_a_failure_shows_transcript_and_how_to_replay(self, hotline, failing):
        ran = hotline("test", failing, "--seed", 5)
        assert ran.code == 1
        assert "✗ 听错了" in ran.out
        assert f"hotline test {failing}:1 --seed 5" in ran.out
        assert f"{failing}:5" in ran.out

    def test_junit(self, hotline, failing, tmp_path):
        report = tmp_path / "junit.xml"
        assert hotline("test", failing, "--junit", report).code == 1
        suites = Xml.parse(report).getroot()
        [case] = suites.iter("testcase")
        assert (case.get("name"), case.find("failure") is not None) == ("听错了", True)

    def test_coverage(self, hotline):
        ran = hotline("test", SCENARIO, "--book", BOOK, "--coverage")
        assert ran.code == 0
        assert "balance_arrears" in ran.out

    @pytest.mark.parametrize(
        ("text", "where", "what"),
        [
            ("scenario: a\nscenario: b\nstory: [hang_up: ]\n", ":2", "scenario"),
            ("scenario: a\nstory: [}\n", ":2", ""),
            ("scenario: a\nstory:\n  - jump: 3\n", ":3", "jump"),
            ("scenario: a\n", ":1", "story"),
        ],
        ids=["duplicate key", "mangled", "unknown step", "no story"],
    )
    def test_a_scenario_that_cannot_be_read(self, hotline, tmp_path, text, where, what):
        file = tmp_path / "s.yaml"
        file.write_text(text, "utf-8")
        complaint = hotline("test", file).complaint
        assert f"{file}{where}" in complaint
        assert what in complaint

    def test_a_missing_scenario(self, hotline, tmp_path):
        assert "no such file" in hotline("test", tmp_path / "none.yaml").complaint

    def test_nothing_to_run(self, hotline, tmp_path):
        assert str(tmp_path) in hotline("test", tmp_path).complaint
        assert "no scenarios" in hotline("test", SCENARIO, "-k", "nobody").complaint

    def test_a_bad_book(self, hotline, tmp_path):
        file = tmp_path / "none.yaml"
        assert str(file) in hotline("test", SCENARIO, "--book", file).complaint

    def test_a_junit_file_that_cannot_be_written(self, hotline, tmp_path):
        report = tmp_path / "no" / "junit.xml"
        ran = hotline("test", SCENARIO, "--book", BOOK, "--junit", report)
        assert str(report) in ran.complaint

    def test_the_network_needs_a_target(self, hotline):
        assert "--target" in hotline("test", SCENARIO, "--media", "ws").complaint
