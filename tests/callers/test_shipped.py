"""The scenarios that ship with the default book, on the whole hotline in virtual time."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from hotline.callers import console, reading, runner
from hotline.callers.coverage import Coverage
from hotline.callers.scenario import Scenario
from tests.callers.world import default_book, factory

FOLDER = Path(str(files("hotline.callers").joinpath("scenarios")))
SCENARIOS = reading.load(FOLDER)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_scenario(scenario: Scenario) -> None:
    verdict = runner.run(scenario, factory)
    assert verdict.passed, "\n" + console.block(verdict)


def test_they_reach_every_menu_and_step() -> None:
    """A leaf that reads or changes a record has a scenario that asserts it."""
    coverage = Coverage(default_book())
    for _, journal in runner.run_all(SCENARIOS, factory):
        for entries in journal.values():
            coverage.add(entries)
    shares = {share.group: share.fraction for share in coverage.shares()}
    assert shares["menus"] == 1.0, coverage.text()
    assert shares["steps"] == 1.0, coverage.text()


def test_names_are_unique_over_all_files() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
