"""The scripted caller over a network: a scenario's player at a WebSocket telephone.

It speaks to any server of the Media Streams format, paced or faster than real time, and knows what
it hears from the audio alone, so a scenario gives the transcript that it gives in memory. Silence
goes out every 20 ms, as from a telephone; callers that share an engine share one media clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from audio.pack import Pack
from hotline.callers.hearing import Caller, Canon
from hotline.callers.player import Player
from hotline.callers.scenario import Scenario
from hotline.callers.verdict import Verdict
from hotline.switch.chance import Chance
from hotline.switch.clock import WallClock
from hotline.telephony.ear import PromptTable
from hotline.telephony.engine import Engine
from hotline.telephony.handset import Desk, Handset, MakeEar, Telephone

ANSWER_WITHIN = 10.0
"""Seconds until a target that gives no sign of life counts as unreachable."""
LARGEST = 64 * 2**20
"""Bytes of one message: more than half an hour of audio, which some servers send at once."""
BACKLOG = 500
"""Messages waiting to be sent (10 s) beyond which our own audio is left out."""


class UnreachableError(RuntimeError):
    """Nobody answers at `url`; the message is one line with a remedy."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(
            f"{url} does not answer: {why}; start a hotline there (`hotline serve` prints its "
            "address after `ready`) or correct the address"
        )
        self.url, self.why = url, why


class UnknownCallerError(UnreachableError):
    """`url` asks who calls; the message is one line with a remedy. `code`: 401 or 407."""

    def __init__(self, url: str, code: int, setting: str, *, given: bool) -> None:
        why = f"does not accept {setting}" if given else "asks who calls"
        remedy = "correct the name or the password" if given else f"set {setting}=NAME:PASSWORD"
        RuntimeError.__init__(self, f"{url} {why} ({code}): {remedy}")
        self.url, self.why = url, f"{why} ({code})"


class UnspokenError(UnreachableError):
    """`url` wants a transport of SIP that we do not have; the message is one line with a remedy."""

    def __init__(self, url: str, transport: str) -> None:
        RuntimeError.__init__(
            self,
            f"{url}: SIP over {transport} is not spoken; give a sip: address with transport=udp or "
            "transport=tcp, or put a border element in between",
        )
        self.url, self.why = url, f"SIP over {transport}"


async def call(
    scenario: Scenario,
    url: str,
    pack: Pack,
    table: PromptTable,
    *,
    canon: Canon | None = None,
    chance: Chance | None = None,
    timeout: float = ANSWER_WITHIN,
    engine: Engine | None = None,
) -> Verdict:
    """Play `scenario` against the server at `url` in real time and return its verdict.

    `table` is everything the hotline may say; `engine` the media clock to share between callers.
    The verdict's `calls` are the `streamSid`s used. Raises `UnreachableError` when there is no
    connection, or no audio, within `timeout` seconds.
    """
    canon = canon or Canon(table)
    player = Player(scenario, chance, canon)
    await place(player, url, pack, table, canon=canon, timeout=timeout, engine=engine)
    assert player.verdict is not None
    return player.verdict


async def place(
    caller: Caller,
    url: str,
    pack: Pack,
    table: PromptTable,
    *,
    canon: Canon | None = None,
    timeout: float = ANSWER_WITHIN,
    engine: Engine | None = None,
    ear: MakeEar | None = None,
    telephone: Callable[[Desk], Handset] = Handset,
) -> None:
    """Let any caller (a player, a persona) use the telephone until it is over; see `call`."""
    await use(
        caller,
        pack,
        table,
        engine or wall_engine(),
        canon=canon,
        telephone=telephone,
        carry=lambda handset: _carry(handset, url, timeout),
        ear=ear,
    )


Phone = TypeVar("Phone", bound=Telephone)


async def use(
    caller: Caller,
    pack: Pack,
    table: PromptTable,
    engine: Engine,
    *,
    canon: Canon | None,
    telephone: Callable[[Desk], Phone],
    carry: Callable[[Phone], Coroutine[Any, Any, None]],
    ear: MakeEar | None = None,
) -> None:
    """Let a caller use telephones of any kind until it is over. `carry(phone)` is one call, from
    connecting to the end; what it raises ends all."""
    loop = asyncio.get_running_loop()
    finished: asyncio.Future[None] = loop.create_future()
    calls: set[asyncio.Task[None]] = set()

    def dial(phone: Phone) -> None:
        task = loop.create_task(carry(phone))
        calls.add(task)
        task.add_done_callback(ended)

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            failed(error)

    def failed(error: BaseException) -> None:
        if not finished.done():
            finished.set_exception(error)

    def over() -> None:
        if not finished.done():
            finished.set_result(None)

    desk = Desk(
        caller,
        pack,
        table,
        engine,
        dial=dial,
        over=over,
        failed=failed,
        canon=canon,
        telephone=telephone,
        ear=ear,
    )
    try:
        desk.lift()
        await finished
    finally:
        desk.put_down()
        if calls:
            await asyncio.wait(calls, timeout=2.0)
        for task in calls:
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)


def wall_engine() -> Engine:
    """A media clock on the running event loop, for any number of callers."""
    loop = asyncio.get_running_loop()
    return Engine(WallClock(loop.time, loop.call_later))


class _WebSocketLine:
    """Messages of one call wait here for the task that sends them."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._hung_up = False

    def send(self, message: str) -> None:
        """Queue a message; audio is left out when the server does not read."""
        if len(self._waiting) < BACKLOG or '"event": "media"' not in message:
            self._waiting.append(message)
            self._wake.set()

    def hang_up(self) -> None:
        """Close when all has been sent."""
        self._hung_up = True
        self._wake.set()

    async def run(self, socket: ClientConnection) -> None:
        """Send until either side closes."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    await socket.send(self._waiting.popleft())
                if self._hung_up:
                    await socket.close()
                    return


async def _carry(handset: Handset, url: str, timeout: float) -> None:
    """One call from connecting to the end; raises `UnreachableError`."""
    try:
        socket = await connect(
            url,
            compression=None,
            open_timeout=timeout,
            close_timeout=1.0,
            max_queue=4096,
            max_size=LARGEST,
        )
    except (OSError, EOFError, InvalidHandshake, InvalidURI, ValueError) as error:
        raise UnreachableError(_shown(url), _why(error, timeout)) from None
    line = _WebSocketLine()
    sender = asyncio.create_task(line.run(socket))
    try:
        handset.begin(line)
        await _listen(handset, socket, url, timeout)
        handset.ended(socket.close_code, socket.close_reason or "")
    finally:
        sender.cancel()
        await socket.close()


async def _listen(handset: Handset, socket: ClientConnection, url: str, timeout: float) -> None:
    """Hand over what comes until the connection closes; the first audio must come in time."""
    with contextlib.suppress(ConnectionClosed):
        try:
            async with asyncio.timeout(timeout) as patience:
                async for message in socket:
                    handset.message(message)
                    if handset.answered or handset.left:
                        patience.reschedule(None)
        except TimeoutError:
            why = f"connected, but no audio came within {timeout:g} s"
            raise UnreachableError(_shown(url), why) from None


def _why(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no connection within {timeout:g} s"
    if isinstance(error, InvalidURI):
        return "that is not a WebSocket address such as ws://127.0.0.1:8095/media"
    if isinstance(error, ConnectionRefusedError) or "refused" in str(error).lower():
        return "connection refused"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}; SSL_CERT_FILE adds one)"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as wss:// needs; is it ws://?"
    if isinstance(error, InvalidStatus):
        return f"it refused the WebSocket upgrade with HTTP {error.response.status_code}"
    if isinstance(error, InvalidHandshake | EOFError | ConnectionResetError):
        return "whatever listens there does not speak WebSocket"
    return " ".join(str(error).split()) or type(error).__name__


def _shown(url: str) -> str:
    """The address without user, password and query, which may be secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
    except ValueError:
        return "the target"
