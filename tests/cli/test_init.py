"""`hotline init DIR`: what it writes works as its README says, and nothing is ever overwritten."""

import json

import yaml

from tests.cli.conftest import STARTER

FILES = {"book.yaml", "scenarios/scenario.yaml", "plan.yaml", "ci.yml", "README.md"}


def written(folder):
    return {
        str(file.relative_to(folder).as_posix()) for file in folder.rglob("*") if file.is_file()
    }


def test_writes_a_project_of_ones_own(hotline, tmp_path):
    folder = tmp_path / "new" / "mine"
    ran = hotline("init", folder)
    assert ran.code == 0
    assert written(folder) == FILES == written(STARTER)
    assert all(command in ran.out for command in ("hotline lint", "hotline test", "hotline serve"))


def test_what_it_writes_passes_its_own_ci_file(hotline, tmp_path, monkeypatch):
    hotline("init", tmp_path)
    monkeypatch.chdir(tmp_path)
    job = yaml.safe_load((tmp_path / "ci.yml").read_text("utf-8"))["hotline"]
    for command in job["script"]:
        ran = hotline(*command.split()[1:])
        assert ran.code == 0, ran
    assert (tmp_path / "junit.xml").exists()
    assert hotline("lint", "book.yaml").out == "No findings.\n"


def test_the_commands_it_names_stand_in_its_readme(hotline, tmp_path):
    out = hotline("init", tmp_path).out
    commands = [line.strip() for line in out.splitlines() if line.startswith("  hotline")]
    readme = (tmp_path / "README.md").read_text("utf-8")
    assert len(commands) == 3
    assert all(command in readme for command in commands)


def test_the_plan_has_the_minimal_form():
    plan = yaml.safe_load((STARTER / "plan.yaml").read_text("utf-8"))
    assert set(plan) == {"answer_within", "short_abandon", "queues", "groups"}
    names = {queue["name"] for queue in plan["queues"]}
    assert {skill for group in plan["groups"] for skill in group["skills"]} == names


def test_the_plan_runs_in_theory_in_simulation_and_as_a_roster(hotline, tmp_path, monkeypatch):
    """Every command of the README that names the plan, and theory lies in simulation's interval."""
    hotline("init", tmp_path)
    monkeypatch.chdir(tmp_path)
    readme = (tmp_path / "README.md").read_text("utf-8")
    commands = [line.split("#")[0].split()[1:] for line in readme.splitlines()
                if line.startswith("hotline") and "plan.yaml" in line]  # fmt: skip
    assert [command[0] for command in commands] == ["erlang", "simulate", "staff"]
    for command in commands:
        assert hotline(*command).code == 0
    exact = json.loads(hotline("erlang", "plan.yaml", "--json").out)["queues"]
    drawn = json.loads(hotline("simulate", "plan.yaml", "--json").out)["queues"]
    for name in exact:
        low, high = drawn[name]["confidence"]["service_level"]
        assert low - 0.01 <= exact[name]["service_level"] <= high + 0.01


def test_existing_files_are_not_overwritten(hotline, tmp_path):
    (tmp_path / "plan.yaml").write_text("mine", "utf-8")
    assert str(tmp_path / "plan.yaml") in hotline("init", tmp_path).complaint
    assert written(tmp_path) == {"plan.yaml"}
    assert (tmp_path / "plan.yaml").read_text("utf-8") == "mine"


def test_a_file_in_the_place_of_the_folder(hotline, tmp_path):
    (tmp_path / "mine").write_text("", "utf-8")
    assert "mine" in hotline("init", tmp_path / "mine").complaint
