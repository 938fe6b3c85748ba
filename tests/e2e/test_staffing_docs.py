"""docs/staffing.md is run: a newcomer staffs a week from a sample log with two commands."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from hotline.cli import main as cli
from hotline.simulation.call_log import read_log
from hotline.simulation.censored import exponential_patience
from hotline.simulation.fit import fit
from hotline.simulation.reading import read_plan
from hotline.simulation.sample_log import sample_log

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "staffing.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "examples" / "logs" / "sample-week.csv"


def test_the_commands_of_the_tutorial(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    commands = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S)
                for line in block.splitlines() if line]  # fmt: skip
    assert len(commands) == 4
    for command in commands:
        name, *arguments = shlex.split(command)
        assert name == "hotline"
        with pytest.raises(SystemExit) as done:
            cli.main(["--lang", "en", *arguments])
        assert done.value.code == 0, capsys.readouterr().err
    out = capsys.readouterr().out
    assert "patience" in out
    assert "shifts in 7 days" in out
    assert "people on the roster" in out
    for written in ("plan.yaml", "fit.html", "roster.html", "roster.xlsx", "roster.yaml"):
        assert (tmp_path / written).stat().st_size > 1000


def test_the_section_staff_of_the_tutorial_is_read(tmp_path):
    (section,) = re.findall(r"```yaml\n(staff:.*?)```", PAGE, re.S)
    file = tmp_path / "plan.yaml"
    plan = (ROOT / "examples" / "plans" / "small-hotline.yaml").read_text(encoding="utf-8")
    file.write_text(plan + section, encoding="utf-8")
    assert [kind.name for kind in read_plan(file).staff.kinds] == ["day", "late", "night", "help"]


def test_the_same_seed_writes_the_same_log_and_another_seed_another():
    truth = read_plan(ROOT / "examples" / "plans" / "small-hotline.yaml")
    one, same, other = (list(sample_log(truth, 1, seed)) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert SAMPLE.read_text(encoding="utf-8").splitlines()[0] == ",".join(one[0])


def test_the_truth_of_the_sample_lies_within_the_intervals_of_the_fit():
    found = {one.name: one for one in fit(read_log(SAMPLE)).queues}
    fault = found["fault"]
    assert exponential_patience(fault.waits, fault.gave_up).parameters["mean"].covers(200)
    bill = {one.law.name: one.parameters for one in found["bill"].patience}["weibull"]
    assert bill["mean"].covers(160)
    assert bill["shape"].covers(1.3)
    assert {one.handle[0].law.name for one in found.values()} == {"lognormal"}


def test_the_page_on_the_menus_in_front(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "ivr-in-front.md").read_text(encoding="utf-8")
    [plan] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "plan.yaml").write_text(plan.replace("1000", "200"), encoding="utf-8")
    [commands] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    for command in commands.splitlines():
        with pytest.raises(SystemExit) as done:
            cli.main(["--lang", "en", *shlex.split(command)[1:]])
        assert done.value.code == 0, capsys.readouterr().err
        assert "never ask for an agent" in capsys.readouterr().out
