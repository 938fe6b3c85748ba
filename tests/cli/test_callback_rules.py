"""Call-backs that nobody answers are tried again as roster or plan say, by queue, on a live call."""

from agents.acd import Acd
from agents.callbacks import CallbackRule
from agents.roster_file import parse_roster
from agents.settings import AcdSettings
from hotline.cli.compose import Parts, built_in_pack
from hotline.cli.plan_agents import callback_rules
from hotline.services.records import MemoryRecords
from menus.targets import playable
from tests.simulation.plans import group, plan, queue

ROSTER = """
agents: [{id: a, number: "1001"}]
callback: {tries: 2, retry_after: 120}
queues: [{name: fault, callback: {tries: 5, retry_after: 30}}]
"""


def parts(roster, acd):
    return Parts(playable(None), parse_roster(roster), built_in_pack(), MemoryRecords(), acd)


def test_the_acd_of_a_live_hotline_has_the_rules_of_the_roster_file():
    settings = parts(ROSTER, AcdSettings()).acd_settings()
    acd = Acd(parse_roster(ROSTER), settings)
    assert acd.settings.callback_rule("fault") == CallbackRule(5, 30)
    assert acd.settings.callback_rule("bill") == CallbackRule(2, 120)


def test_without_them_the_settings_stand():
    usual = AcdSettings(callback=CallbackRule(7, 7))
    bare = ROSTER.split("callback:")[0]
    assert parts(bare, usual).acd_settings().callback_rule("fault") == CallbackRule(7, 7)


def test_a_plan_gives_the_acd_the_rules_of_its_queues():
    book = playable(None)
    skills = sorted({"fault", "bill"})
    own = plan(
        queues=[queue(name=skills[0], callback={"probability": 1, "tries": 4}),
                queue(name=skills[1])],
        groups=[group(skills=skills)],
    )  # fmt: skip
    assert set(callback_rules(own, book).values()) == {CallbackRule(4, 600.0)}
