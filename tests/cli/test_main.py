"""Start-up, languages, usage errors and interruption: what all subcommands share."""

import json
import signal
import subprocess
import sys

import pytest

from hotline.cli.main import COMMANDS, cli, language_first
from tests.cli.conftest import ROOT, start

HEAVY = ("fastapi", "sqlalchemy", "numpy", "uvicorn", "nicegui", "yaml", "jsonschema", "asyncio")


def test_help_imports_nothing_heavy():
    code = (
        "import sys, json\n"
        "from hotline.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: code = end.code\n"
        f"print(json.dumps([code, [name for name in {HEAVY!r} if name in sys.modules]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_exists_and_explains_itself(hotline, name):
    ran = hotline(name, "--help")
    assert ran.code == 0
    assert f"hotline {name}" in ran.out
    assert any(ord(letter) > 0x4E00 for letter in ran.out)
    assert cli.get_command(None, name).name == name


class TestUsage:
    def test_an_unknown_command(self, hotline):
        assert "'dial'" in hotline("dial").complaint

    def test_an_unknown_option_names_the_help(self, hotline):
        assert "hotline lint --help" in hotline("lint", "--loud").complaint

    def test_a_missing_option(self, hotline):
        assert "--older-than" in hotline("purge").complaint
        assert "--target" in hotline("call", "x.yaml").complaint

    def test_no_command_shows_the_help(self, hotline):
        ran = hotline()
        assert ran.code == 2
        assert "lint" in ran.out + ran.err


class TestLanguage:
    @pytest.mark.parametrize(
        "arguments",
        [
            ("--lang", "zh", "lint"),
            ("lint", "--lang", "zh"),
            ("lint", "--lang=zh"),
            ("lint", "--lang", "zh", "--format", "text"),
        ],
    )
    def test_stands_before_or_after_the_subcommand(self, hotline, arguments):
        assert hotline(*arguments).out == "没有发现问题。\n"

    def test_english(self, hotline):
        assert hotline("lint", "--lang", "en").out == "No findings.\n"

    @pytest.mark.parametrize(
        ("locale", "expected"), [("zh_CN.UTF-8", "没有"), ("de_DE.UTF-8", "No"), ("C", "No")]
    )
    def test_follows_the_locale(self, hotline, monkeypatch, locale, expected):
        monkeypatch.delenv("HOTLINE_LANG")
        monkeypatch.setenv("LC_ALL", locale)
        assert hotline("lint").out.startswith(expected)

    def test_another_language_is_refused(self, hotline):
        assert "'fr'" in hotline("lint", "--lang", "fr").complaint

    def test_lacks_its_value(self, hotline):
        assert "--lang" in hotline("lint", "--lang").complaint

    def test_what_follows_a_double_dash_is_left_alone(self):
        assert language_first(["lint", "--", "--lang", "zh"]) == ["lint", "--", "--lang", "zh"]
        assert language_first(["a", "--lang", "zh", "b"]) == ["--lang", "zh", "a", "b"]


def test_an_interrupted_command_says_130(database):
    file, call, _ = database
    process = start("replay", call, "--database", file, "--step")
    assert process.stdout.readline()  # waits for Enter now
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
