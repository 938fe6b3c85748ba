"""The contract of media: a scenario heard from the audio gives the transcript that memory gives.

The whole audio path runs here in virtual time (`hotline.telephony.loopback`): prompts as frames,
keys as messages, recognition at the caller's end. Every tenth shipped scenario is heard.
"""

from __future__ import annotations

import pytest

from agents.roster_file import DEMO, load_roster
from agents.settings import AcdSettings
from hotline.callers.hearing import Canon
from hotline.callers.player import Player
from hotline.callers.reading import load as load_scenarios
from hotline.callers.runner import call_id, run
from hotline.callers.scenario import PickUp, Scenario
from hotline.callers.verdict import Verdict
from hotline.cli.compose import Parts, built_in_pack, sign_in
from hotline.cli.test import shipped
from hotline.cli.virtual import ScenarioHotlines
from hotline.cli.vocabulary import prompt_table
from hotline.services.live import DirectServices, Faults
from hotline.services.records import MemoryRecords
from hotline.switch.chance import Chance
from hotline.switch.clock import VirtualClock
from hotline.switch.journal import MemoryJournal
from hotline.telephony.engine import Engine
from hotline.telephony.gateway import Gateway
from hotline.telephony.handset import Desk
from hotline.telephony.loopback import connect
from hotline.telephony.media import EngineMedia
from menus.loader import load as load_book

BOOK = load_book()
CANON = Canon.of_book(BOOK)
TABLE = prompt_table(BOOK)
PACK = built_in_pack()
FACTORY = ScenarioHotlines(Parts(BOOK, load_roster(DEMO), PACK, MemoryRecords(), AcdSettings()))
HEARABLE = [
    scenario
    for scenario in load_scenarios(shipped())
    # a caller on a WebSocket has called and cannot be rung: no call-backs there
    if not any(isinstance(step, PickUp) for step in scenario.story)
]
SCENARIOS = sorted(HEARABLE, key=lambda scenario: scenario.name)[::10]
STEPS = 500_000


def by_ear(scenario: Scenario) -> Verdict:
    """The scenario at the same hotline in the same world, but with audio."""
    seed = scenario.seed or 0
    parts = FACTORY(scenario, seed).parts
    clock = VirtualClock()
    media = EngineMedia(Engine(clock), PACK)
    faults = Faults(broken=set(scenario.given.failing), slow=scenario.given.slow)
    exchange = parts.exchange(
        clock=clock,
        media=media,
        services=DirectServices(
            parts.records, lambda: parts.now(clock), clock=clock, faults=faults
        ),
        journal=MemoryJournal(),
    )
    # the same ids give the same draws
    first = call_id(scenario)
    ids = iter([first, *(f"{first}.{number}" for number in range(2, 50))])
    gateway = Gateway(exchange, media, make_id=lambda: next(ids))
    sign_in(exchange, parts.roster)
    player = Player(scenario, Chance(seed), CANON)
    desk = Desk(
        player,
        PACK,
        TABLE,
        Engine(clock),
        canon=CANON,
        dial=lambda handset: connect(gateway, desk, handset),
        over=lambda: None,
    )
    desk.lift()
    for _ in range(STEPS):
        if player.verdict is not None or not clock.step():
            break
    assert player.verdict is not None
    return player.verdict


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_heard_from_the_audio_it_is_the_same_call(scenario):
    memory, heard = run(scenario, FACTORY), by_ear(scenario)
    assert heard.transcript.text() == memory.transcript.text()
    assert heard.transcript == memory.transcript
