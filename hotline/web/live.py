"""The live side: every journal entry as it happens, kept a while and handed to who watches.

hotline.observe --> Hub.see --+--> entries of each open call, and of the last closed ones
                              +--> agents' states
                              +--> queues of the watchers of that call (bounded, never waiting)
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.switch.record import CallRecord, Entry, fold
from hotline.web import kept
from hotline.web.kept import Totals
from hotline.web.messages import Message, Wording
from hotline.web.ports import Hotline

if TYPE_CHECKING:
    from hotline.web.desk import DeskControl

CLOSED_KEPT = 500
"""Closed calls whose entries stay in memory; older ones come from the store."""
WATCH_BACKLOG = 2000
"""Messages a watcher may lag behind; a slower one is cut off."""
FIND_WITHIN = 10.0
"""Seconds in which a page's call must arrive after it began to watch for it."""


_WAIT_OVER = frozenset(
    {ev.AgentConnected, ev.RequestWithdrawn, ev.RequestRefused, ev.CallbackBooked}
)


@dataclass(frozen=True, slots=True)
class AgentNow:
    """What an agent is doing: `since` on the call clock, `call` or `""`."""

    agent: str
    state: AgentState
    since: float
    call: str = ""


class Hub:
    """Watches one hotline. Everything runs on the event loop's thread."""

    def __init__(self, hotline: Hotline, *, closed_kept: int = CLOSED_KEPT) -> None:
        self.hotline = hotline
        self.wording = Wording(hotline.book)
        self.open: dict[str, list[Entry]] = {}
        self.closed: OrderedDict[str, list[Entry]] = OrderedDict()
        self.agents: dict[str, AgentNow] = {}
        self._started = time.time()
        self.epoch = self._started - hotline.exchange.clock.now()
        """epoch seconds of instant 0 of the call clock"""
        self.desk: DeskControl | None = None
        """set where agents may answer in a browser"""
        self._closed_kept = closed_kept
        self._watchers: dict[str, set[asyncio.Queue[Message | None]]] = {}
        self._seekers: set[asyncio.Event] = set()
        self._rows: OrderedDict[str, CallRecord] = OrderedDict()
        self._today = Totals()
        self._before: asyncio.Task[Totals] | None = None
        hotline.observe(self.see)

    # --- in ----------------------------------------------------------------------------------

    def see(self, entry: Entry) -> None:
        """One entry was journalled."""
        event = entry.event
        if isinstance(event, ev.AgentEvent):
            self._agent(event)
        call = event.call
        if not call:
            return
        entries = self.open.get(call)
        if entries is None:
            if call in self.closed:
                entries = self.closed[call]
            else:
                entries = self.open[call] = []
                for seeker in self._seekers:
                    seeker.set()
        entries.append(entry)
        watchers = self._watchers.get(call)
        if watchers:
            message = self.wording.message(entry)
            if message is not None:
                self._tell(watchers, message)
        if type(event) is ev.CallClosed:
            self._close(call)

    def _agent(self, event: ev.AgentEvent) -> None:
        if type(event) is ev.AgentStateChanged:
            self.agents[event.agent] = AgentNow(event.agent, event.state, event.at, event.call)

    def _tell(self, watchers: set[asyncio.Queue[Message | None]], message: Message | None) -> None:
        for queue in tuple(watchers):
            try:
                queue.put_nowait(message)
            except asyncio.QueueFull:
                watchers.discard(queue)

    def _close(self, call: str) -> None:
        entries = self.open.pop(call, None)
        if entries is None:
            return
        self.closed[call] = entries
        row = self._rows[call] = fold(entries)
        self._today.add(row)
        while len(self.closed) > self._closed_kept:
            gone, _ = self.closed.popitem(last=False)
            self._rows.pop(gone, None)
        self._tell(self._watchers.pop(call, set()), None)

    # --- out ---------------------------------------------------------------------------------

    def now(self) -> float:
        """The present instant on the call clock, seconds."""
        return self.hotline.exchange.clock.now()

    async def entries(self, call: str) -> Sequence[Entry]:
        """One call's journal so far: in progress, lately closed, or from the store."""
        found = self.open.get(call) or self.closed.get(call)
        if found:
            return tuple(found)
        return await asyncio.to_thread(kept.entries, self.hotline, call)

    def messages(self, entries: Iterable[Entry]) -> list[Message]:
        """Entries as messages."""
        made = map(self.wording.message, entries)
        return [message for message in made if message is not None]

    async def recent(self, limit: int) -> list[CallRecord]:
        """The last closed calls, newest first."""
        rows = list(self._rows.values())[: -limit - 1 : -1]
        if len(rows) == limit:
            return rows
        known = {row.call for row in rows}
        older = await asyncio.to_thread(kept.recent, self.hotline, limit)
        return [*rows, *(row for row in older if row.call not in known)][:limit]

    async def row(self, call: str) -> CallRecord | None:
        """One closed call's row; None when nobody knows it."""
        return self._rows.get(call) or await asyncio.to_thread(kept.row, self.hotline, call)

    async def totals(self) -> Totals:
        """Figures of all closed calls; those of earlier runs are added up once."""
        if self._before is None:
            started = asyncio.to_thread(kept.totals_before, self.hotline, self._started)
            self._before = asyncio.ensure_future(started)
        return await asyncio.shield(self._before) + self._today

    def waiting(self, call: str) -> bool:
        """Whether an open call is waiting for an agent."""
        for entry in reversed(self.open.get(call, ())):
            kind = type(entry.event)
            if kind in _WAIT_OVER:
                return False
            if kind is ev.AgentRequested:
                return True
        return False

    def call_of(self, key: str) -> str:
        """The call with id `key`, or that of the connection with `streamSid` `key`, or `""`."""
        if key in self.open or key in self.closed:
            return key
        gateway = getattr(self.hotline, "gateway", None)
        return str(gateway.call_of(key)) if gateway is not None else ""

    async def find(self, key: str, within: float = FIND_WITHIN) -> str:
        """`call_of(key)`, waiting for the call to arrive; `""` if it does not."""
        seeker = asyncio.Event()
        self._seekers.add(seeker)
        try:
            async with asyncio.timeout(within):
                while not (call := self.call_of(key)):
                    await seeker.wait()
                    seeker.clear()
                return call
        except TimeoutError:
            return ""
        finally:
            self._seekers.discard(seeker)

    async def watch(self, call: str) -> AsyncGenerator[Message, None]:
        """What has happened in the call, then what happens, until it is closed."""
        queue: asyncio.Queue[Message | None] = asyncio.Queue(WATCH_BACKLOG)
        live = call in self.open
        if live:
            self._watchers.setdefault(call, set()).add(queue)
        past = self.messages(self.open.get(call) or self.closed.get(call) or ())
        try:
            for message in past:
                yield message
            while live and (found := await queue.get()) is not None:
                yield found
        finally:
            watchers = self._watchers.get(call)
            if watchers is not None:
                watchers.discard(queue)
                if not watchers:
                    del self._watchers[call]
