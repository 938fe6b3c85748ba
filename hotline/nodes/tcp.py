"""The asyncio shells of the two ends: one TCP connection a node.

    node     connect, join ... lost -> wait 0.5 s, 1, 2, 4, 5, 5, ... -> connect, join ...
    both     a beat each second; nothing heard for 5 s: the other end is gone

Each change is one line in the log: it names the node, never an address or a call.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from hotline.nodes.centre import Nodes
from hotline.nodes.ends import AcdEnd, NodeEnd
from hotline.nodes.joining import RefusedError
from hotline.nodes.node import RemoteAcd
from hotline.nodes.wire import WireError

BEAT_EVERY = 1.0
SILENT = 5.0
"""Seconds without a word after which the other end counts as gone (our choice)."""
AGAIN_AFTER = (0.5, 1.0, 2.0, 4.0, 5.0)
"""Seconds between attempts to connect; the last one stays."""

log = logging.getLogger(__name__)


class _Shell(asyncio.Protocol):
    """One connection: octets to its end and back, beats, silence."""

    def __init__(self, make: Callable[[Callable[[bytes], None]], AcdEnd | NodeEnd]) -> None:
        self._make = make
        self._loop = asyncio.get_running_loop()
        self.end: AcdEnd | NodeEnd
        self.joined: asyncio.Future[None] = self._loop.create_future()
        self.over: asyncio.Future[None] = self._loop.create_future()
        self.problem: Exception | None = None
        """why the connection ended, where somebody is to blame"""
        self._heard = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Both ends may speak."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.end = self._make(transport.write)
        self._heard = self._loop.time()
        self._beat()
        self.end.begin()

    def data_received(self, data: bytes) -> None:
        """Octets came."""
        self._heard = self._loop.time()
        try:
            self.end.receive(data)
        except WireError as problem:
            self.problem = problem
            self._transport.close()
            return
        if self.end.joined and not self.joined.done():
            self.joined.set_result(None)

    def connection_lost(self, problem: Exception | None) -> None:
        """The connection is over, however it ended."""
        self.problem = self.problem or problem
        if self._timer is not None:
            self._timer.cancel()
        self.end.lost()
        if not self.over.done():
            self.over.set_result(None)

    def _beat(self) -> None:
        if self._loop.time() - self._heard > SILENT:
            self.problem = WireError("nothing heard any more")
            self._transport.abort()
            return
        self.end.beat()
        self._timer = self._loop.call_later(BEAT_EVERY, self._beat)

    async def close(self) -> None:
        """End it after what is still to be sent."""
        self._transport.close()
        try:
            await asyncio.wait_for(asyncio.shield(self.over), SILENT)
        except TimeoutError:
            self._transport.abort()
            await self.over


class Listener:
    """Where nodes join an ACD."""

    def __init__(self, nodes: Nodes, secret: bytes) -> None:
        self._nodes, self._secret = nodes, secret
        self._shells: set[_Shell] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Accept nodes; gives the address in use. Raises OSError that names the address."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._accept, host, port)
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
        bound: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return bound

    def _accept(self) -> _Shell:
        nonce = secrets.token_hex(16)
        shell = _Shell(lambda write: AcdEnd(self._nodes, write, nonce, self._secret))
        self._shells.add(shell)
        shell.joined.add_done_callback(lambda _: log.warning("node %s has joined", _name(shell)))
        shell.over.add_done_callback(lambda _: self._gone(shell))
        return shell

    def _gone(self, shell: _Shell) -> None:
        self._shells.discard(shell)
        name, why = _name(shell), shell.problem
        if name:
            log.warning("node %s has left%s", name, f": {why}" if why else "")
        elif why is not None:
            log.warning("somebody was not let in: %s", why)

    def close_soon(self) -> None:
        """No node may join any more, and those that are here begin nothing new."""
        assert self._server is not None
        self._server.close()
        for shell in self._shells:
            if isinstance(shell.end, AcdEnd):
                shell.end.close_soon()

    async def close(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*(shell.close() for shell in list(self._shells)))


def _name(shell: _Shell) -> str:
    """Of the node that has joined by this connection, if one has."""
    end = shell.end
    return end.node.name if isinstance(end, AcdEnd) and end.node is not None else ""


class Connector:
    """Keeps node `name` joined with the ACD at `address`."""

    def __init__(self, acd: RemoteAcd, name: str, address: tuple[str, int], secret: bytes) -> None:
        self._acd, self._name, self._address, self._secret = acd, name, address, secret
        self._shell: _Shell | None = None
        self._task: asyncio.Task[None] | None = None
        self._state = "there"
        """what the log said last: there | away | refused"""

    async def start(self) -> bool:
        """Connect for the first time and keep on. False: it cannot be reached yet. Raises
        RefusedError."""
        try:
            found = await self._join()
        except RefusedError as why:
            if not why.later:
                raise
            await asyncio.sleep(SILENT + BEAT_EVERY)
            found = await self._join()
        self._task = asyncio.create_task(self._keep())
        return found

    async def close(self) -> None:
        """Leave, and do not come back."""
        if self._task is not None:
            self._task.cancel()
        if self._shell is not None:
            await self._shell.close()

    async def _keep(self) -> None:
        tries = 0
        while True:
            if self._shell is not None:
                await asyncio.wait((self._shell.over,))
                self._say("away", "the ACD is lost", self._shell.problem)
                self._shell, tries = None, 0
            await asyncio.sleep(AGAIN_AFTER[min(tries, len(AGAIN_AFTER) - 1)])
            tries += 1
            try:
                await self._join()
            except RefusedError as why:
                self._say("refused", "the ACD does not let us in", why)

    async def _join(self) -> bool:
        """One attempt. Raises RefusedError."""
        nonce = secrets.token_hex(16)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(SILENT):
                _, shell = await loop.create_connection(
                    lambda: _Shell(
                        lambda write: NodeEnd(self._acd, self._name, write, nonce, self._secret)
                    ),
                    *self._address,
                )
        except (OSError, TimeoutError) as why:
            self._say("away", "the ACD cannot be reached", why)
            return False
        await asyncio.wait((shell.joined, shell.over), return_when=asyncio.FIRST_COMPLETED)
        if isinstance(shell.problem, RefusedError):
            raise shell.problem
        if not shell.joined.done():
            self._say("away", "the ACD cannot be reached", shell.problem)
            return False
        self._shell = shell
        self._say("there", "the ACD is there")
        return True

    def _say(self, state: str, what: str, why: Exception | None = None) -> None:
        """One line for each change."""
        if state == self._state:
            return
        self._state = state
        if state == "there":
            log.warning("%s", what)
        else:
            reason = type(why).__name__ if isinstance(why, OSError) else str(why or "closed")
            log.warning("%s (%s): who asks for an agent is refused", what, reason)
