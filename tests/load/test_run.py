"""Whole loads in virtual time: the driver, the callers and the hotline are the real ones, the line
is the memory's, and an hour takes seconds."""

import asyncio
import json
from dataclasses import replace

import pytest

from hotline.callers.hearing import LineClosed
from hotline.cli import sound
from hotline.cli.compose import EPOCH, Parts, built_in_pack
from hotline.cli.load_callers import Crew
from hotline.cli.plan_agents import acd_settings, plan_agents
from hotline.cli.virtual import VirtualHotline
from hotline.load.calls import Outcome
from hotline.load.outcome import DriverFacts, Load, to_json
from hotline.load.report import to_html
from hotline.load.run import Limits, LoadRun
from hotline.load.schedule import schedule
from hotline.services.records import MemoryRecords
from hotline.simulation.reading import plan_of
from hotline.switch.chance import Chance
from hotline.switch.events import Party
from hotline.telephony.caller import UnreachableError
from menus.loader import load as load_book
from menus.reader import read_text

BOOK = load_book()
SOUND = sound.of_book(None)
PLAN = {
    "plan": "一小时",
    "queues": [
        {"name": "fault", "calls_per_hour": 240,
         "handle": {"distribution": "exponential", "mean": 60},
         "patience": {"distribution": "exponential", "mean": 90}},
        {"name": "bill", "calls_per_hour": 120, "handle": 45, "patience": 60},
    ],
    "groups": [
        {"name": "a", "agents": 4, "skills": ["fault", "bill"], "ring": 3},
        {"name": "b", "agents": 2, "skills": ["bill"], "ring": {"distribution": "uniform",
                                                                "low": 2, "high": 6}},
    ],
    "after_call": 10,
    "load": {"length": 3600, "concurrent": 500},
}  # fmt: skip


def plan(**load):
    data = {**PLAN, "load": {**PLAN["load"], **load}}
    return plan_of(read_text(json.dumps(data), "plan.yaml"), "plan.yaml")


class Hour:
    """A load on a hotline with the plan's agents (or `agents`)."""

    def __init__(self, plan, seed=1, agents=None, dial=None):
        roster, behaviours = plan_agents(agents or plan, BOOK)
        parts = Parts(BOOK, roster, built_in_pack(), MemoryRecords(), acd_settings(plan),
                      behaviours, Chance(seed), EPOCH, policy=plan.routing)  # fmt: skip
        self.plan, self.seed = plan, seed
        self.hotline = VirtualHotline(parts, on_closed=lambda entries: None)
        crew = Crew(plan, SOUND, BOOK, seed)
        limits = Limits(plan.load.concurrent, plan.load.drain)
        self.clock = self.hotline.clock
        self.run = LoadRun(
            schedule(plan, seed, crew.kinds), crew, dial or self.dial, self.clock, limits
        )

    async def dial(self, observed):
        self.hotline.line.place(observed, f"c{observed.planned.number}")
        while not observed.over:
            await asyncio.sleep(0)

    async def load(self, until=float("inf")):
        task = asyncio.ensure_future(self.run.run())
        while not task.done():
            await asyncio.sleep(0)
            if self.clock.now() >= until:
                self.run.interrupt()
            if not self.clock.step():
                await asyncio.sleep(0)
        facts = DriverFacts(0, 0, 0, 0.0, 0.0, 1.0)
        return Load(self.plan, "memory", self.seed, await task, facts, self.run.interrupted)


@pytest.fixture(scope="module")
def hour():
    return asyncio.run(Hour(plan()).load())


def test_an_hour_is_what_the_simulator_expects_of_the_same_requests(hour):
    assert len(hour.calls) > 250
    for name, expected in hour.expected.figures.items():
        slack = 1.5 if name.startswith(("mean_wait", "wait_")) else 0.02  # hearing is not instant
        value = hour.all.value(name)
        assert expected.low - slack <= value <= expected.high + slack, (name, value, expected)


def test_a_hotline_with_too_few_agents_is_found_out():
    found = asyncio.run(Hour(plan(), agents=plan(scale=0.3)).load())
    assert found.all.value("heard_agent_within") < found.expected.figures["heard_agent_within"].low


def test_every_call_has_one_end_and_its_instants_are_in_order(hour):
    assert [call.planned.number for call in hour.calls] == list(range(len(hour.calls)))
    for call in hour.calls:
        known = [at for at in (call.started, call.answered, call.asked, call.agent, call.ended)
                 if at is not None]  # fmt: skip
        assert known == sorted(known)
        assert not call.late
    assert {call.outcome for call in hour.calls} <= {Outcome.SERVED, Outcome.ABANDONED, Outcome.CUT}


def test_calls_without_room_count_from_when_they_were_due():
    """Coordinated omission: half the room there ought to be must not look like a good hotline."""
    tight = asyncio.run(Hour(plan(concurrent=3, length=900)).load())
    free = asyncio.run(Hour(plan(length=900)).load())
    assert tight.all.value("late") > 0.3
    assert tight.all.value("setup_p95") > 30 > free.all.value("setup_p95")
    assert tight.all.value("heard_agent_within") < free.all.value("heard_agent_within")


def test_interrupted_it_keeps_what_it_knows():
    found = asyncio.run(Hour(plan()).load(until=600.0))
    assert found.interrupted
    assert 10 < len(found.calls) < 100
    assert all(call.ended <= 601 for call in found.calls)
    assert found.all.value("heard_agent_within") > 0


def test_nobody_there_ends_it_at_once():
    async def nobody(observed):
        raise UnreachableError("ws://127.0.0.1:1/media", "connection refused")

    with pytest.raises(UnreachableError, match="connection refused"):
        asyncio.run(Hour(plan(), dial=nobody).load())


def test_a_hotline_that_goes_away_in_the_middle_is_failed_calls():
    hour = Hour(plan())

    async def dial(observed):
        if hour.clock.now() > 1800:
            raise UnreachableError("ws://127.0.0.1:1/media", "connection refused")
        await Hour.dial(hour, observed)

    hour.run._dial = dial
    found = asyncio.run(hour.load())
    assert found.all.value("failed") == pytest.approx(0.5, abs=0.1)
    assert list(found.all.codes) == ["connection refused"]


def test_a_hotline_that_dies_under_its_calls_was_there():
    hour = Hour(plan())

    async def dial(observed):
        if hour.clock.now() < 60:
            hour.hotline.line.place(observed, f"c{observed.planned.number}")
            while hour.clock.now() < 60:
                await asyncio.sleep(0)
            observed.handle(LineClosed(hour.clock.now(), "c", Party.NETWORK, "connection lost"))
        else:
            raise UnreachableError("ws://127.0.0.1:1/media", "connection refused")

    hour.run._dial = dial
    found = asyncio.run(hour.load())
    assert found.all.value("failed") > 0.9
    assert set(found.all.codes) == {"connection lost", "connection refused"}


def test_personas_and_scenarios_call_too(tmp_path):
    story = tmp_path / "calls.yaml"
    story.write_text(
        "scenario: 到人工\nstory:\n  - hear: {prompt: root}\n  - press: '0'\n"
        "  - agent: answered\n  - hang_up:\n", "utf-8")  # fmt: skip
    callers = [
        {"queue": "fault", "persona": "elderly"},
        {"queue": "bill", "scenario": story.name},
        {"queue": "bill", "keys": "2 0", "weight": 3},
    ]
    mixed = replace(plan(callers=callers, length=1200), file=str(tmp_path / "plan.yaml"))
    found = asyncio.run(Hour(mixed).load())
    kinds = {call.planned.kind for call in found.calls}
    assert kinds == {0, 1, 2}
    played = [call for call in found.calls if call.passed is not None]
    assert played
    assert all(call.planned.kind == 1 for call in played)
    elderly = [call for call in found.calls if call.planned.kind == 0]
    assert sum(call.asked is not None for call in elderly) > len(elderly) / 2


def test_json_and_page_say_the_same(hour):
    data = to_json(hour)
    assert data["all"]["calls"] == len(hour.calls)
    assert data["simulated"]["service_level"][0] == pytest.approx(
        hour.expected.figures["service_level"].value
    )
    page = to_html(hour, "en")
    assert f"{data['all']['heard_agent_within']:.2%}" in page
    assert "1000000" not in page + json.dumps(data)  # no caller's number
    assert sum(part["calls"] for part in data["course"]["parts"]) == len(hour.calls)


def test_the_same_seed_calls_at_the_same_instants_and_scale_thins_them():
    kinds = Crew(plan(), SOUND, BOOK, 1).kinds
    whole, again = schedule(plan(), 7, kinds), schedule(plan(), 7, kinds)
    assert whole == again
    assert len(schedule(plan(scale=0.25), 7, kinds)) == pytest.approx(len(whole) / 4, rel=0.35)
    ramped = schedule(plan(ramp=3600), 7, kinds)
    first = sum(call.intended < 1800 for call in ramped)
    assert first < len(ramped) / 2.5
