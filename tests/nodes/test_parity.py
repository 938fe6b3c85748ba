"""A node and an ACD with a connection between them are the same hotline as both in one process."""

from __future__ import annotations

import pytest

from hotline.callers.reading import load
from hotline.callers.runner import run_with_journal
from hotline.cli.test import shipped
from hotline.cli.virtual import ScenarioHotlines, scenario_hotlines
from hotline.switch.record import fold
from menus.loader import load as load_book
from tests.nodes.cable import split

BOOK = load_book()
WHOLE = scenario_hotlines(BOOK)
SHIPPED = load(shipped())
SOME = [*SHIPPED[::12], *[s for s in SHIPPED if s.given.agents is not None][::4]]


@pytest.mark.parametrize("transit", [0.0, 0.003], ids=["at once", "3 ms each way"])
def test_scenarios_have_the_same_transcripts(transit):
    apart = ScenarioHotlines(split(WHOLE._parts, transit))
    for scenario in SOME:
        expected, kept = run_with_journal(scenario, WHOLE)
        found, told = run_with_journal(scenario, apart)
        assert found.transcript == expected.transcript, scenario.name
        assert found.passed == expected.passed, scenario.name
        if not transit:
            rows, theirs = map(fold, kept.values()), map(fold, told.values())
            assert list(theirs) == list(rows), scenario.name
