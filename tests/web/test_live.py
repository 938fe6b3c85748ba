"""The hub: what happens is kept a while, and told to whoever watches."""

from __future__ import annotations

import asyncio

from hotline.switch import events as ev
from hotline.web.live import Hub
from tests.web.rig import Hotline


def working(**options) -> tuple[Hotline, Hub]:
    hotline = Hotline()
    hub = Hub(hotline, **options)
    hotline.start()
    return hotline, hub


async def gather(hub: Hub, call: str, kinds: list[str]) -> None:
    async for message in hub.watch(call):
        kinds.append(message["t"])


async def test_a_watcher_gets_the_past_then_what_happens_then_the_end():
    hotline, hub = working()
    hotline.arrive("c1")
    kinds: list[str] = []
    task = asyncio.create_task(gather(hub, "c1", kinds))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert kinds[:2] == ["arrived", "answered"]
    hotline.clock.run(20.0)
    hotline.press("c1", "1")
    hotline.hang_up("c1")
    await asyncio.wait_for(task, 5)
    assert "chosen" in kinds
    assert kinds[-1] == "closed"


async def test_a_watcher_of_a_closed_call_gets_all_of_it_and_ends():
    hotline, hub = working()
    hotline.arrive("c1")
    hotline.hang_up("c1")
    kinds: list[str] = []
    await asyncio.wait_for(gather(hub, "c1", kinds), 5)
    assert (kinds[0], kinds[-1]) == ("arrived", "closed")


async def test_a_watcher_of_nothing_ends_at_once():
    _, hub = working()
    kinds: list[str] = []
    await asyncio.wait_for(gather(hub, "none", kinds), 5)
    assert kinds == []


async def test_a_watcher_who_leaves_is_forgotten():
    hotline, hub = working()
    hotline.arrive("c1")
    watching = hub.watch("c1")
    await anext(watching)
    await watching.aclose()
    assert not hub._watchers


async def test_a_call_is_found_by_the_stream_it_will_be_placed_with():
    hotline, hub = working()

    class Lines:
        def call_of(self, stream: str) -> str:
            return "c1" if stream == "MZsecret" and "c1" in hub.open else ""

    hotline.gateway = Lines()
    seeking = asyncio.create_task(hub.find("MZsecret", 5))
    guessing = asyncio.create_task(hub.find("MZguess", 0.05))
    await asyncio.sleep(0)
    hotline.arrive("c0")
    await asyncio.sleep(0)
    assert not seeking.done()
    hotline.arrive("c1")
    assert await seeking == "c1"
    assert await guessing == ""
    assert not hub._seekers


async def test_a_slow_watcher_is_cut_off_and_holds_nobody_up(monkeypatch):
    monkeypatch.setattr("hotline.web.live.WATCH_BACKLOG", 3)
    hotline, hub = working()
    hotline.arrive("c1")
    watching = hub.watch("c1")
    await anext(watching)
    hotline.clock.run(30.0)
    hotline.press("c1", "12")
    assert not hub._watchers.get("c1")
    await watching.aclose()


async def test_only_the_last_closed_calls_stay_in_memory():
    hotline, hub = working(closed_kept=3)
    for number in range(10):
        hotline.arrive(f"c{number}")
        hotline.hang_up(f"c{number}")
    assert list(hub.closed) == ["c7", "c8", "c9"]
    assert not hub.open
    assert [row.call for row in await hub.recent(2)] == ["c9", "c8"]
    assert (await hub.totals()).calls == 10


async def test_agents_states_are_followed():
    hotline, hub = working()
    assert hub.agents["a1001"].state is ev.AgentState.READY
    hotline.post(ev.AgentNotReady(hotline.clock.now(), "", "a1001"))
    assert hub.agents["a1001"].state is ev.AgentState.NOT_READY


async def test_waiting_ends_when_an_agent_answers():
    hotline, hub = working()
    hotline.arrive("c1")
    hotline.clock.run(20.0)
    assert not hub.waiting("c1")
    hotline.post(ev.KeyPressed(hotline.clock.now(), "c1", "0"))
    assert hub.waiting("c1")
    hotline.clock.run(hotline.clock.now() + 10)
    assert not hub.waiting("c1")
