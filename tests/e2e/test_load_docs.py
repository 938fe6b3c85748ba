"""docs/load.md and the plans of its examples say what can be done."""

import re
import shlex
from pathlib import Path

import pytest

from hotline.cli.load import load as command
from hotline.cli.load_callers import Crew
from hotline.cli.plan_agents import plan_agents
from hotline.cli.plans import plan_to_load
from hotline.cli.serve import serve
from hotline.cli.sound import of_book
from hotline.load.schedule import schedule
from hotline.simulation.load_rules import CEILINGS, FLOORS
from hotline.simulation.reading import read_plan
from menus.loader import load as load_book

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/load.md").read_text(encoding="utf-8")
PLANS = sorted((ROOT / "examples/plans").glob("load-*.yaml"))
QUEUES = """
queues:
  - {name: fault, calls_per_hour: 60, handle: 60}
  - {name: bill, calls_per_hour: 60, handle: 60}
groups:
  - {name: a, agents: 9, skills: [fault, bill]}
"""


def test_every_section_of_the_page_is_read(tmp_path):
    sections = re.findall(r"```yaml\n(load:.*?)```", PAGE, re.DOTALL)
    assert len(sections) == 2
    for section in sections:
        file = tmp_path / "plan.yaml"
        file.write_text(QUEUES + section, encoding="utf-8")
        assert read_plan(file).load.fail_on


def test_the_page_names_fields_and_figures_that_there_are():
    fields = set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("## The section")[2]
                            .partition("`fail_on` takes")[0], re.MULTILINE))  # fmt: skip
    rules = read_plan(PLANS[0]).load
    assert fields == set(rules.__slots__)
    least, most = re.findall(r"^\| (`heard.*?) \| (`failed.*?) \|$", PAGE, re.MULTILINE)[0]
    assert set(re.findall(r"`([a-z]\w+)`", least)) <= set(FLOORS)
    assert set(re.findall(r"`([a-z]\w+)`", most)) <= set(CEILINGS)


def test_the_commands_of_the_page_have_these_options():
    lines = re.findall(r"^(?:\$ |#   )(hotline (?:load|serve) .*)$", PAGE + "\n".join(
        plan.read_text(encoding="utf-8") for plan in PLANS), re.MULTILINE)  # fmt: skip
    assert len(lines) >= 8
    for line in lines:
        _, name, *arguments = shlex.split(line)
        tool = command if name == "load" else serve
        known = {option for each in tool.params for option in each.opts}
        assert {word for word in arguments if word.startswith("--")} <= known, line


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_the_plans_of_the_examples_have_calls_and_agents(path):
    plan, book = plan_to_load(str(path), "en"), load_book()
    crew = Crew(plan, of_book(None), book, 1)
    calls = schedule(plan, 1, crew.kinds)
    assert 5 < len(calls) < 500
    roster, behaviours = plan_agents(plan, book)
    assert len(roster) == len(behaviours) > 5
    assert len({profile.number for profile in roster}) == len(roster)
    assert crew(calls[0]).number.startswith("1000")
