"""The tutorial on simulation does what it says."""

import re
import shlex
from pathlib import Path

import pytest

from hotline.cli import main as cli
from tests.theory.cases import ROWS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/simulation.md").read_text(encoding="utf-8")


def run(line, capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(shlex.split(line)[1:])
    return exit_.value.code, capsys.readouterr()


def test_the_commands_of_the_tutorial(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOTLINE_LANG", "en")
    monkeypatch.chdir(tmp_path)
    [plan] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
             for line in block.splitlines()]  # fmt: skip
    assert len(lines) == 5
    for line in lines:
        code, said = run(line, capsys)
        assert code == 0, (line, said.err)
        if line == "hotline erlang plan.yaml":
            assert re.search(r"service level\s+93\.2", said.out)
    assert "<svg" in (tmp_path / "day.html").read_text(encoding="utf-8")
    assert "<svg" in (tmp_path / "typhoon.html").read_text(encoding="utf-8")


def test_the_bad_plan_of_the_tutorial(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOTLINE_LANG", "en")
    monkeypatch.chdir(tmp_path)
    [plan] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    [said] = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    (tmp_path / "plan.yaml").write_text(plan.replace("agents: 200", "agents: 0"), encoding="utf-8")
    code, told = run("hotline simulate plan.yaml", capsys)
    assert code == 2
    assert told.err.strip().splitlines()[0] == re.sub(r"plan.yaml:\d+", "plan.yaml:7", said)


def test_each_surge_of_the_page_exists():
    from hotline.simulation.arrivals import KINDS

    assert set(re.findall(r"^\| `(\w+)` \| .*? \| .*? \|$", PAGE, re.MULTILINE)) >= set(KINDS)


def test_the_validation_page_has_every_row():
    page = (ROOT / "docs/validation.md").read_text(encoding="utf-8")
    for row in ROWS:
        assert f"| {row} |" in page
