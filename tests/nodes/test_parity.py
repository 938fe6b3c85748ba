"""A node and an ACD with a connection between them are the same hotline as both in one process."""

from __future__ import annotations

import pytest

from hotline.callers.reading import load
from hotline.callers.runner import run
from hotline.cli.test import shipped
from hotline.cli.virtual import ScenarioHotlines, scenario_hotlines
from hotline.switch.record import fold
from hotline.switch.replay import replay
from menus.loader import load as load_book
from tests.nodes.cable import split

BOOK = load_book()
WHOLE = scenario_hotlines(BOOK)
SHIPPED = load(shipped())
SOME = [*SHIPPED[::5], *[s for s in SHIPPED if s.given.agents is not None][::2]]


def played(scenario, factory):
    """The verdict, and the journals of all calls when the last word between node and ACD is said."""
    made = []

    def keep(scenario, seed):
        made.append(factory(scenario, seed))
        return made[-1]

    verdict = run(scenario, keep)
    [hotline] = made
    hotline.clock.run(until=hotline.clock.now() + 1)
    return verdict, hotline.closed, hotline.parts.call_maker()


@pytest.mark.parametrize("transit", [0.0, 0.003], ids=["at once", "3 ms each way"])
def test_scenarios_have_the_same_transcripts_rows_and_replays(transit):
    apart = ScenarioHotlines(split(WHOLE._parts, transit))
    for scenario in SOME:
        expected, kept, _ = played(scenario, WHOLE)
        found, told, make_call = played(scenario, apart)
        assert found.transcript == expected.transcript, scenario.name
        assert found.passed == expected.passed, scenario.name
        if not transit:
            rows, theirs = map(fold, kept.values()), map(fold, told.values())
            assert list(theirs) == list(rows), scenario.name
        for entries in told.values():
            assert replay(entries, make_call).same, scenario.name
