"""examples/kamailio: two hotlines with one ACD behind one address, and one of them dies in the
middle of calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path

from hotline.store.calls import iter_calls
from hotline.store.database import open_database
from hotline.switch import events as ev
from tests.telephony.sip.peers import Acd, Hotline, Kamailio, Phones, needs, sipp, until

pytestmark = needs("kamailio", "sipp")

EXAMPLE = Path(__file__).parents[3] / "examples" / "kamailio"


def balancer(folder, *nodes):
    """The example as it is, in front of these nodes."""
    folder.mkdir()
    lines = [f"1 sip:127.0.0.1:{node.port}\n" for node in nodes]
    (folder / "nodes.list").write_text("".join(lines))
    return Kamailio(folder, EXAMPLE / "kamailio.cfg")


def node(tmp_path, acd, name, *options):
    """A hotline that joins the ACD and writes to the database of all."""
    joins = ("--acd", f"127.0.0.1:{acd.port}", "--node", name)
    return Hotline(tmp_path / name, *joins, *options, database=acd.database)


async def ask_for_an_agent(phones):
    """All hear the hotline and press 0, which counts when the notice of recording is over."""
    await asyncio.gather(*(phone.hears() for phone in phones))
    for phone in phones:
        phone.press("0")


def offered(hotline):
    """How many callers have had an agent's telephone rung for them, on all nodes together."""
    return len({event.call for event in hotline.events() if isinstance(event, ev.OfferMade)})


async def test_a_node_dies_in_the_middle_of_calls(tmp_path):
    """Calls on the other node live, new calls succeed, the dead node's agents are free for them,
    every call has one row, asked once and is counted once by the ACD."""
    async with (
        Acd(tmp_path / "acd", "--wrap-up", "1", database=f"sqlite:///{tmp_path}/all.db") as acd,
        node(tmp_path, acd, "a") as a,
        node(tmp_path, acd, "b") as b,
        balancer(tmp_path / "kamailio", a, b) as kamailio,
        Phones(f"sip:95598@127.0.0.1:{kamailio.port}") as phones,
    ):
        first = await phones.connected(6)
        assert Counter(phone.node for phone in first) == {a.port: 3, b.port: 3}
        await ask_for_an_agent(first)
        await until(lambda: offered(a) == 6, "an agent for each")

        await b.kill()
        there = [phone for phone in first if phone.node == a.port]
        gone = [phone for phone in first if phone.node == b.port]
        # some of the new calls come while the dead node still counts as alive
        second, problem = await asyncio.gather(
            phones.connected(4), sipp("call", kamailio.port, tmp_path)
        )
        assert problem == ""
        await until(lambda: acd.engaged() <= 3, "the dead node's agents are free")
        assert {phone.node for phone in second} == {a.port}
        await asyncio.gather(*(phone.hears() for phone in [*there, *second]))
        await ask_for_an_agent(second)
        await until(lambda: offered(a) == 10, "an agent for each of the new callers")
        for phone in [*there, *second, *gone]:
            phone.hang_up()
        await until(lambda: all(phone.ended for phone in first + second), "ended")

        # the node comes back: probing finds it, and what it had lost gets its rows
        async with node(tmp_path, acd, "b2", "--node", "b", "--sip", f"127.0.0.1:{b.port}"):
            nodes, dialled = set(), 1
            while nodes != {a.port, b.port}:
                pair = await phones.connected(2)
                nodes |= {phone.node for phone in pair}
                for phone in pair:
                    phone.hang_up()
                await asyncio.sleep(0.2)
                dialled += 2

            # the other one drains: its call goes on, new ones are told 503 and move on at once
            stays = next(p for p in await phones.connected(2) if p.node == a.port)
            a.drain()
            dialled += 2
            while nodes != {b.port}:  # until the signal has arrived
                nodes = {phone.node for phone in await phones.connected(2)}
                dialled += 2
            await stays.hears()
            phones.hang_up_all()

    with contextlib.closing(open_database(a.database)) as database:
        records = list(iter_calls(database))
    assert len(records) == len(first) + len(second) + dialled
    assert Counter(len(record.requests) for record in records) == {1: 10, 0: dialled}
    lost = Counter(record.reason == "lost" for record in records if record.requests)
    assert lost == {False: 7, True: 3}
    found = {name: acd.counted[name] for name in ("calls", "requests", "refused", "lost")}
    assert found == {"calls": len(records), "requests": 10, "refused": 0, "lost": 3}
