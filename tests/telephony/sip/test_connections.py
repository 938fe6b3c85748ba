"""TCP connections of peers who send slowly, too much or nothing, on real sockets."""

import asyncio
import contextlib
import socket

import pytest

from hotline.switch.clock import WallClock
from hotline.telephony.sip import endpoint as endpoints
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import Answered, Ended, Invited, MediaAgreed
from hotline.telephony.sip.guard import Guard, networks
from hotline.telephony.sip.message import Hop
from tests.telephony.sip.kit import message, uri
from tests.telephony.sip.peers import until

STRANGERS = Guard(trusted=(), rate=1000, burst=1000)


@contextlib.asynccontextmanager
async def endpoint(guard=STRANGERS):
    loop = asyncio.get_running_loop()
    made = SipEndpoint(WallClock(loop.time, loop.call_later), lambda event: None, guard=guard)
    await made.listen("127.0.0.1", 0)
    try:
        yield made
    finally:
        await made.close()


def options(number):
    via = f"SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{number}"
    return message("OPTIONS sip:x@127.0.0.1", {"Call-ID": f"c{number}"}, Via=via)


class Peer:
    """A plain TCP client."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, to):
        return cls(*await asyncio.open_connection(to.host, to.port))

    async def ask(self, number):
        """Whether a question is answered."""
        self.writer.write(options(number))
        with contextlib.suppress(ConnectionError):
            return b"200 OK" in await self.reader.read(2000)
        return False

    async def closed(self):
        """The other side ends the connection."""
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(10):
                while await self.reader.read(2000):
                    pass


async def test_a_message_that_never_becomes_whole_ends_its_connection(monkeypatch):
    """Byte by byte for ever: not a sign of life."""
    monkeypatch.setattr(endpoints, "WHOLE_WITHIN", 0.2)
    async with endpoint() as served:
        slow, patient = await Peer.connect(served), await Peer.connect(served)
        assert await patient.ask(1)

        async def drip():
            with contextlib.suppress(ConnectionError):
                for byte in options(2) * 100:
                    slow.writer.write(bytes([byte]))
                    await slow.writer.drain()
                    await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        await slow.closed()
        dripping.cancel()
        assert await patient.ask(3)  # who only pauses between messages stays


async def test_each_message_has_its_own_time(monkeypatch):
    """A busy trunk is always in the middle of a message; only the same one may not last."""
    begun = []
    monkeypatch.setattr(endpoints._Connection, "_rest", lambda self, for_: begun.append(for_))
    async with endpoint() as served:
        peer = await Peer.connect(served)
        half = len(options(10)) // 2
        peer.writer.write(options(10)[:half])
        await until(lambda: len(begun) == 2, "half a message")
        for number in range(10, 15):
            peer.writer.write(options(number)[half:] + options(number + 1)[:half])
            assert b"200 OK" in await peer.reader.read(2000)
        assert begun == [endpoints.IDLE] + [endpoints.WHOLE_WITHIN] * 6
        for byte in options(15)[half:-1]:
            peer.writer.write(bytes([byte]))
            await peer.writer.drain()
        peer.writer.write(options(15)[-1:])
        assert b"200 OK" in await peer.reader.read(2000)
        assert begun[7:] == [endpoints.IDLE]


async def test_one_stranger_cannot_take_all_connections(monkeypatch):
    monkeypatch.setattr(endpoints, "OF_A_STRANGER", 3)
    async with endpoint() as served:
        first = [await Peer.connect(served) for _ in range(3)]
        assert all([await peer.ask(number) for number, peer in enumerate(first)])
        await (await Peer.connect(served)).closed()
        assert await first[0].ask(9)
        first[0].writer.close()
        await until(lambda: len(served._flows) == 2, "one connection less")
        assert await (await Peer.connect(served)).ask(10)


async def test_when_all_are_taken_those_go_that_never_said_anything(monkeypatch):
    monkeypatch.setattr(endpoints, "CONNECTIONS", 3)
    async with endpoint() as served:
        good, idle, other = [await Peer.connect(served) for _ in range(3)]
        assert await good.ask(1)
        assert await (new := await Peer.connect(served)).ask(2)
        await idle.closed()
        assert await good.ask(3)
        assert await other.ask(4)
        await (await Peer.connect(served)).closed()  # all three have talked to us
        assert await new.ask(5)


@pytest.mark.parametrize("garbage", [b"\0" * 70_000, b"GET / HTTP/1.1\r\n\r\n", b"a:b\r\n" * 9000])
async def test_garbage_ends_the_connection(garbage):
    async with endpoint() as served:
        peer = await Peer.connect(served)
        peer.writer.write(garbage)
        await peer.closed()
        await until(lambda: not served._flows and not served.agent._streams, "all forgotten")


class Names:
    """A directory that answers when it is told to."""

    def __init__(self, monkeypatch):
        self.asked, self.may_answer = [], asyncio.Event()
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self._ask)

    async def _ask(self, host, port, **more):
        self.asked.append(host)
        await self.may_answer.wait()
        if host.endswith(".invalid"):
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("127.0.0.1", port))]


async def test_a_name_is_looked_up_once(monkeypatch):
    """However often a request is repeated meanwhile; afterwards it is known for a while."""
    async with endpoint() as served:
        names, got = Names(monkeypatch), []
        served._send_datagram = lambda data, to: got.append((data, to.host))
        hop = Hop("UDP", "trunk.example", 5060)
        for number in range(5):
            served._send(b"%d" % number, hop)
            await asyncio.sleep(0)
        names.may_answer.set()
        await until(lambda: got, "the address")
        served._send(b"more", hop)
        assert names.asked == ["trunk.example"]
        assert got == [(b"4", "127.0.0.1"), (b"more", "127.0.0.1")]


async def test_hostile_names_cannot_take_the_directory(monkeypatch):
    monkeypatch.setattr(endpoints, "LOOK_UPS", 4)
    async with endpoint() as served:
        names, failed = Names(monkeypatch), []
        served._failed = failed.append
        hops = [Hop("UDP", f"slow{number}.invalid", 5060) for number in range(10)]
        for hop in hops:
            served._send(b"BYE", hop)
        await until(lambda: len(names.asked) == 4, "four questions")
        assert failed == hops[4:]
        names.may_answer.set()
        await until(lambda: len(failed) == 10, "all failed")
        assert not served._naming
        assert len(served._addresses) == 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_by_ipv6(transport):
    loop, told = asyncio.get_running_loop(), []
    clock = WallClock(loop.time, loop.call_later)

    def serve(event):
        told.append(event)
        if isinstance(event, Invited):
            event.session.accept(("::1", 40000))

    served, caller = SipEndpoint(clock, serve), SipEndpoint(clock, told.append)
    try:
        await served.listen("::1", 0)
        await caller.listen("::1", 0)
        target = uri(f"sip:95598@[::1]:{served.port};transport={transport}")
        agent = caller.agent
        session = caller.act(lambda: agent.call(target, ("::1", 6000), clock.now()))
        await until(lambda: sum(isinstance(e, Answered) for e in told) == 2, "answered twice")
        assert {e.stream.remote[0] for e in told if isinstance(e, MediaAgreed)} == {"::1"}
        caller.act(session.hang_up)
        await until(lambda: sum(isinstance(e, Ended) for e in told) == 2, "ended twice")
    finally:
        await caller.close()
        await served.close()


async def test_who_is_not_allowed_has_no_connection():
    async with endpoint(Guard(networks(["192.0.2.0/24"]), trusted=())) as served:
        await (await Peer.connect(served)).closed()
