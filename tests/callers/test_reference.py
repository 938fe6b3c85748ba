"""docs/scenarios.md: every example runs, and everything that a scenario may say is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hotline.callers import conditions, console, defaults, fixtures, people, reading, runner, steps
from hotline.callers.personas import PERSONAS
from hotline.callers.scenario import ENDINGS, Scenario
from hotline.cli.virtual import scenario_hotlines
from hotline.cli.vocabulary import check_names
from menus.loader import load
from tests.callers.test_schema import validator

PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)(?: ([\w.]+))?\n(.*?)```", PAGE, re.DOTALL)
BOOK = load(None)
HOTLINES = scenario_hotlines(BOOK)


def examples() -> Iterator[tuple[str, str]]:
    for number, (kind, _, text) in enumerate(BLOCKS):
        if kind == "yaml":
            yield str(number), text


def scenarios_of(text: str, folder: Path) -> list[Scenario]:
    for kind, name, table in BLOCKS:
        if kind == "csv":
            (folder / name).write_text(table, "utf-8")
    return reading.parse(text, str(folder / "example.yaml"))


FAILS = [text for kind, name, text in BLOCKS if (kind, name) == ("yaml", "fails")]


@pytest.mark.parametrize("text", [t for _, t in examples()], ids=[n for n, _ in examples()])
def test_every_example_runs(text: str, tmp_path: Path) -> None:
    scenarios = scenarios_of(text, tmp_path)
    check_names(scenarios, BOOK)
    for document in yaml.safe_load_all(text):
        assert validator().is_valid(document)
    for scenario in scenarios:
        verdict = runner.run(scenario, HOTLINES)
        assert verdict.passed is (text not in FAILS), "\n" + console.block(verdict)


def test_the_failure_reads_as_the_page_says(tmp_path: Path) -> None:
    (text,) = FAILS
    (message,) = [body for kind, _, body in BLOCKS if kind == "text"]
    (scenario,) = scenarios_of(text, tmp_path)
    told = console.block(runner.run(scenario, HOTLINES))
    for line in message.splitlines():
        assert line in told


WORDS = {
    "keys of a scenario": reading.SCENARIO_KEYS,
    "keys of defaults": defaults.DEFAULT_KEYS,
    "steps": steps.ACTIONS,
    "what stands beside a step": [word for beside in steps.BESIDE.values() for word in beside],
    "conditions": conditions.EXPECT_KEYS,
    "tones": conditions.TONES,
    "watchers": [word for kinds in conditions.WATCH_KINDS.values() for word in kinds],
    "watchers' limits": (*conditions.WATCH_WINDOW, *conditions.WATCH_COUNTS),
    "given": fixtures.GIVEN_KEYS,
    "agents": fixtures.AGENT_KEYS,
    "endings": ENDINGS,
    "records": fixtures.LEFT_KINDS,
    "caller": people.CALLER_KEYS,
    "personas": tuple(PERSONAS),
    "figures of a persona": people.PERSONA_KEYS,
}


@pytest.mark.parametrize("what", WORDS)
def test_the_page_tells_everything(what: str) -> None:
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    told = " ".join(re.findall(r"`([^`]+)`", prose))
    missing = [w for w in WORDS[what] if not re.search(rf"(?<!\w){re.escape(w)}(?!\w)", told)]
    assert not missing
