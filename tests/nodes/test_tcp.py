"""The shells on loopback: joining, leaving, coming back, silence. Real sockets, no real calls."""

from __future__ import annotations

import asyncio
import logging

import pytest

from hotline.nodes import tcp
from hotline.nodes.joining import RefusedError
from hotline.nodes.tcp import Connector, Listener
from hotline.switch.events import AgentState
from tests.nodes.hotline import Hotline, Place


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(tcp, "BEAT_EVERY", 0.02)
    monkeypatch.setattr(tcp, "AGAIN_AFTER", (0.01,))


class Site:
    """A listening ACD and one node that joins it."""

    def __init__(self, secrets=(b"x", b"x")):
        self.hotline = Hotline()
        self.node = Place(self.hotline, "a")
        self.secrets = secrets
        self.listener = Listener(self.hotline.nodes, secrets[0])

    async def __aenter__(self):
        self.address = await self.listener.listen("127.0.0.1", 0)
        self.connector = Connector(self.node.remote, "a", self.address, self.secrets[1])
        return self

    async def __aexit__(self, *problem):
        await self.connector.close()
        await self.listener.close()

    async def listen_again(self):
        self.hotline.start_acd()
        self.listener = Listener(self.hotline.nodes, self.secrets[0])
        await self.listener.listen(*self.address)


async def test_a_call_reaches_an_agent_over_tcp():
    async with Site() as site:
        assert await site.connector.start()
        site.node.arrive("x")
        await until(lambda: "x" in site.node.exchange.calls)
        site.node.press("x", "0")
        await until(lambda: site.hotline.acd.ringing)
        site.hotline.wait(3)
        await until(lambda: site.node.call("x").state == "talking")
        site.node.hang_up("x")
        await until(lambda: "x" in site.node.closed)
        assert site.hotline.acd.trunks_used == 0


async def test_the_node_comes_back_to_an_acd_that_starts_again(caplog):
    async with Site() as site:
        await site.connector.start()
        site.node.arrive("x")
        await until(lambda: "x" in site.node.exchange.calls)
        await site.listener.close()
        await until(lambda: not site.node.remote.up)
        site.node.press("x", "0")
        assert site.node.call("x").heard == ["fault"]
        await site.listen_again()
        await until(lambda: site.hotline.acd.trunks_used == 1)
        lines = [r.message for r in caplog.records if r.message.startswith("the ACD")]
        assert len(lines) == 2
        assert lines[0].startswith("the ACD is lost")
        assert lines[1] == "the ACD is there"


async def test_a_node_without_its_acd_works_and_says_so_once(caplog):
    async with Site() as site:
        await site.listener.close()
        assert not await site.connector.start()
        site.node.arrive("x")
        site.node.press("x", "0")
        assert site.node.call("x").heard == ["fault"]
        await asyncio.sleep(0.1)  # attempts fail meanwhile
        assert len([r for r in caplog.records if "cannot be reached" in r.message]) == 1


async def test_a_stranger_does_not_get_in(caplog):
    async with Site((b"x", b"y")) as site:
        with pytest.raises(RefusedError, match="the secrets differ"):
            await site.connector.start()
        assert site.hotline.nodes.nodes == {}
        await until(lambda: "was not let in: the secrets differ" in caplog.text)


async def test_a_node_that_starts_again_waits_for_the_news_of_its_end(monkeypatch):
    monkeypatch.setattr(tcp, "SILENT", 0.2)
    async with Site() as site:
        await site.connector.start()
        again = Connector(Place(site.hotline, "a").remote, "a", site.address, b"x")
        site.connector._shell._timer.cancel()  # its machine has lost power
        site.connector._task.cancel()
        try:
            assert await again.start()
        finally:
            await again.close()


async def test_a_second_node_of_the_same_name_is_told_so(monkeypatch):
    monkeypatch.setattr(tcp, "SILENT", 0.2)
    async with Site() as site:
        await site.connector.start()
        second = Connector(Place(site.hotline, "a").remote, "a", site.address, b"x")
        with pytest.raises(RefusedError, match="a node a has joined already"):
            await second.start()


async def test_a_node_that_says_nothing_any_more_is_gone(monkeypatch, caplog):
    """Its machine is off, or the way is cut: no word that the connection is over."""
    caplog.set_level(logging.WARNING)
    async with Site() as site:
        await site.connector.start()
        site.node.arrive("x")
        await until(lambda: "x" in site.node.exchange.calls)
        site.node.press("x", "0")
        await until(lambda: site.hotline.acd.ringing)
        site.connector._shell._timer.cancel()
        monkeypatch.setattr(tcp, "SILENT", 0.2)
        await until(lambda: "node a has left: nothing heard any more" in caplog.text)
        assert site.hotline.acd.trunks_used == 0
        assert site.hotline.states()["a1"] is AgentState.READY


async def test_an_acd_that_says_nothing_any_more_is_lost(monkeypatch, caplog):
    async with Site() as site:
        await site.connector.start()
        [shell] = site.listener._shells
        shell._timer.cancel()
        monkeypatch.setattr(tcp, "SILENT", 0.2)
        await until(lambda: "the ACD is lost (nothing heard any more)" in caplog.text)


async def test_an_address_in_use_is_named():
    async with Site() as site:
        with pytest.raises(OSError, match="in use") as problem:
            await Listener(site.hotline.nodes, b"").listen(*site.address)
        assert problem.value.filename == f"127.0.0.1:{site.address[1]}"
