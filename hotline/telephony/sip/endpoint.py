"""The user agent's sockets: a thin shell that moves bytes and time (UDP and TCP on one port).

    UDP socket, TCP connections --receive--> UserAgent --take()--> bytes to them, events to `handle`
    the clock ------------------timer------>

All laws are the agent's; here are only addresses, connections and names.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar

from sipmessage import URI

from hotline.switch.ports import Clock, TimerHandle
from hotline.telephony.engine import log_error
from hotline.telephony.sip.agent import Settings, UserAgent
from hotline.telephony.sip.dialog import hop_of
from hotline.telephony.sip.events import CloseFlow, Output, Send
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.message import Hop, is_address

CONNECTIONS = 1000
"""TCP connections at once; for one more the oldest goes that never sent a whole message."""
OF_A_STRANGER = 100
"""TCP connections at once from one address that is not trusted (our choice)."""
WHOLE_WITHIN = 32.0
"""Seconds in which a message that has begun must be whole (our choice)."""
IDLE = 600.0
"""Seconds without a byte after which a TCP connection is closed; keep-alives count."""
CONNECT_WITHIN = 4.0
"""Seconds that a TCP connection of ours may take."""
LOOK_UPS = 32
"""Names whose addresses are being looked up at once; Contacts of hostile callers may name any."""
KNOWN_FOR = 60.0
"""Seconds for which the address of a name is kept (our choice)."""
ADDRESSES = 256
"""Names whose addresses are kept at once."""
BUFFER = 4 * 2**20
"""Bytes of UDP buffer in the kernel, for bursts of calls."""
TRIES = 20

log = logging.getLogger(__name__)

T = TypeVar("T")


class SipEndpoint:
    """One user agent at one address. Make it on the running loop, `listen`, later `close`.

    `handle` gets every event of `agent` that is not bytes. Methods of the agent and of sessions are
    called by `act`, at any time.
    """

    def __init__(
        self,
        clock: Clock,
        handle: Callable[[Output], None],
        *,
        settings: Settings | None = None,
        guard: Guard | None = None,
        public: str = "",
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.clock, self._handle, self._public = clock, handle, public
        self.host, self.port = "", 0
        self.agent = UserAgent(self.local, entropy, settings, guard, clock.now())
        self._loop = asyncio.get_running_loop()
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._flows: dict[int, _Connection] = {}
        self._numbers = itertools.count(1)
        self._opening: dict[Hop, list[bytes]] = {}
        self._naming: dict[Hop, bytes] = {}
        self._addresses: dict[str, tuple[str, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: TimerHandle | None = None
        self._due: float | None = None
        self._flushing = False

    async def listen(self, host: str, port: int) -> None:
        """Bind UDP and TCP to the same port, any free one for 0. Raises OSError that names it."""
        for attempt in range(TRIES):
            try:
                await self._bind(host, port)
                return
            except OSError as error:
                await self.close()
                if port or attempt == TRIES - 1:
                    shown = f"{host}:{port}"
                    raise OSError(error.errno, error.strerror, shown) from error

    async def _bind(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            if family == socket.AF_INET6:  # as asyncio does for TCP: audio has one family too
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((host, port))
        except OSError:
            sock.close()
            raise
        self.host, self.port = sock.getsockname()[:2]
        self._udp, _ = await self._loop.create_datagram_endpoint(
            lambda: _Datagrams(self), sock=sock
        )
        self._server = await self._loop.create_server(
            lambda: _Connection(self), self.host, self.port
        )

    @property
    def url(self) -> str:
        """What a caller dials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"sip:{host}:{self.port}"

    def local(self, hop: Hop) -> tuple[str, int]:
        """Our address as a peer at `hop` sees it."""
        return self._public or _route(self.host, hop.host), self.port

    def local_to(self, uri: URI) -> tuple[str, int]:
        """Our address as whom `uri` names sees it."""
        return self.local(hop_of(uri))

    def act(self, do: Callable[[], T]) -> T:
        """Let the agent or a session do something now, and carry out what comes of it."""
        self.agent.timer(self.clock.now())
        result = do()
        self.flush()
        return result

    def flush(self) -> None:
        """Do what the agent wants done, in order, and set the next timer."""
        if self._flushing:
            return
        self._flushing = True
        try:
            while outputs := self.agent.take():
                for output in outputs:
                    self._do(output)
        finally:
            self._flushing = False
        self._schedule()

    async def close(self) -> None:
        """Let go of the sockets."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._udp is not None:
            self._udp.close()
        if self._server is not None:
            self._server.close()
        for connection in list(self._flows.values()):
            connection.abort()
        self._udp = self._server = None

    # --- from the sockets --------------------------------------------------------------------

    def received(self, data: bytes, source: Hop) -> None:
        """Bytes came."""
        self.agent.receive(data, source, self.clock.now())
        self.flush()

    def opened(self, connection: _Connection) -> bool:
        """A TCP connection is there; False: it may not be, or is one too many."""
        host, guard = connection.peer[0], self.agent.guard
        many = sum(other.peer[0] == host for other in self._flows.values()) >= OF_A_STRANGER
        if not guard.allows(host) or (many and not guard.trusts(host)) or not self._room():
            self.agent.counted["connections"] += 1
            return False
        connection.flow = next(self._numbers)
        self._flows[connection.flow] = connection
        return True

    def _room(self) -> bool:
        """Room for one more connection, if need be that of one who only keeps it."""
        if len(self._flows) >= CONNECTIONS:
            idle = (c for f, c in self._flows.items() if not self.agent.whole_messages(f)[0])
            if (oldest := next(idle, None)) is None:
                return False
            oldest.abort()
            self.gone(oldest)
        return True

    def gone(self, connection: _Connection) -> None:
        """It is not there any more."""
        if self._flows.pop(connection.flow, None) is not None:
            self.agent.closed(connection.flow, self.clock.now())
            self.flush()

    # --- inside ------------------------------------------------------------------------------

    def _do(self, output: Output) -> None:
        match output:
            case Send(data, to):
                self._send(data, to)
            case CloseFlow(flow):
                if connection := self._flows.get(flow):
                    connection.end()
            case _:
                try:
                    self._handle(output)
                except Exception as error:
                    # a fault in one call must not silence the endpoint of all others
                    self.agent.counted["faults"] += 1
                    log_error(log, "an event of a SIP call could not be handled", error)

    def _send(self, data: bytes, to: Hop) -> None:
        if to.reliable:
            self._send_stream(data, to)
        elif is_address(to.host):
            self._send_datagram(data, to)
        else:
            self._send_by_name(data, to)

    def _send_datagram(self, data: bytes, to: Hop) -> None:
        if self._udp is not None and not self._udp.is_closing():
            with suppress(OSError, ValueError):
                self._udp.sendto(data, (to.host, to.port))

    def _send_stream(self, data: bytes, to: Hop) -> None:
        """On the flow it belongs to, on an open connection to the same place, or on a new one."""
        if to.flow:
            if connection := self._flows.get(to.flow):
                connection.write(data)
            return
        for connection in self._flows.values():
            if connection.peer[:2] == (to.host, to.port):
                connection.write(data)
                return
        waiting = self._opening.get(to)
        if waiting is not None:
            waiting.append(data)
        elif to.transport == "TCP":
            self._opening[to] = [data]
            self._start(self._connect(to))
        else:
            self._failed(to)

    async def _connect(self, to: Hop) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                _, connection = await self._loop.create_connection(
                    lambda: _Connection(self), to.host, to.port
                )
        except (OSError, TimeoutError):
            self._opening.pop(to, None)
            self._failed(to)
            return
        for data in self._opening.pop(to, []):
            connection.write(data)

    def _send_by_name(self, data: bytes, to: Hop) -> None:
        """At once where the address is known; what is repeated meanwhile does not ask again."""
        address, until = self._addresses.get(to.host, ("", 0.0))
        if until > self.clock.now():
            self._send_datagram(data, to._replace(host=address))
        elif to in self._naming:
            self._naming[to] = data
        elif len(self._naming) < LOOK_UPS:
            self._naming[to] = data
            self._start(self._resolve(to))
        else:
            self._failed(to)

    async def _resolve(self, to: Hop) -> None:
        """RFC 3263 4.2 without SRV: the address of the name."""
        try:
            found = await self._loop.getaddrinfo(
                to.host, to.port, family=_family(self.host), type=socket.SOCK_DGRAM
            )
        except OSError:
            del self._naming[to]
            self._failed(to)
            return
        while len(self._addresses) >= ADDRESSES:
            del self._addresses[next(iter(self._addresses))]
        self._addresses[to.host] = str(found[0][4][0]), self.clock.now() + KNOWN_FOR
        self._send_by_name(self._naming.pop(to), to)

    def _failed(self, to: Hop) -> None:
        self._loop.call_soon(self._tell_failure, to)

    def _tell_failure(self, to: Hop) -> None:
        self.agent.failed(to, self.clock.now())
        self.flush()

    def _start(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _schedule(self) -> None:
        due = self.agent.next_timer()
        if due == self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = None if due is None else self.clock.call_at(due, self._fire)

    def _fire(self) -> None:
        self._due = self._timer = None
        # an event loop may be a little early: then the timer would be set again and again
        self.agent.timer(self.clock.now() + 0.001)
        self.flush()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, endpoint: SipEndpoint) -> None:
        self._endpoint = endpoint

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._endpoint.received(data, Hop("UDP", addr[0].partition("%")[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        """An ICMP error of some datagram: the transaction's own timer knows better."""


class _Connection(asyncio.Protocol):
    """One TCP connection; idle ones are closed."""

    def __init__(self, endpoint: SipEndpoint) -> None:
        self._endpoint = endpoint
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._begun = -1
        self.flow = 0
        self.peer: tuple[str, int] = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        address = transport.get_extra_info("peername") or ("", 0)
        self._transport, self.peer = transport, (address[0].partition("%")[0], address[1])
        if not self._endpoint.opened(self):
            transport.abort()
        self._rest(IDLE)

    def data_received(self, data: bytes) -> None:
        self._endpoint.received(data, Hop("TCP", *self.peer, self.flow))
        whole, partial = self._endpoint.agent.whole_messages(self.flow)
        if not partial:
            self._begun = -1
            self._rest(IDLE)
        elif self._begun != whole:  # another message has begun
            self._begun = whole
            self._rest(WHOLE_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._endpoint.gone(self)

    def write(self, data: bytes) -> None:
        """Send; a peer that does not read is dropped."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > BUFFER:
            self._transport.abort()

    def end(self) -> None:
        """Close after what was written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _rest(self, seconds: float) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(seconds, self.abort)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@lru_cache(1024)
def _route(bound: str, peer: str) -> str:
    """The address that packets to `peer` leave from, where we are bound to all (no packet goes)."""
    if bound not in ("0.0.0.0", "::"):
        return bound
    with suppress(OSError), socket.socket(_family(bound), socket.SOCK_DGRAM) as sock:
        sock.connect((peer, 9))
        return str(sock.getsockname()[0])
    return socket.gethostbyname(socket.gethostname())
