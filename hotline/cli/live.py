"""The live hotline: real time on an event loop, audio over WebSocket, all kept in a database.

gateway --CallArrived, KeyPressed, HungUp--> exchange --Play, Bridge--> media engine
                                               |  |
                         journal thread <------+  +------> service threads (records)
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from agents.roster import Roster
from hotline.cli.compose import Parts, sign_in
from hotline.cli.reporting import report_from
from hotline.nodes.node import RemoteAcd
from hotline.nodes.tcp import Connector
from hotline.services.live import ThreadedServices
from hotline.services.model import Customer
from hotline.services.seed import seed
from hotline.standard.report import Report
from hotline.store.archive import close_lost, read_journal
from hotline.store.calls import iter_calls
from hotline.store.database import Database
from hotline.store.journal import DatabaseJournal
from hotline.store.recordings import Recordings
from hotline.store.records import SqlRecords
from hotline.switch.actions import JOURNAL
from hotline.switch.clock import WallClock
from hotline.switch.events import CallClosed, Event
from hotline.switch.ports import JournalSink
from hotline.switch.record import CallRecord, Entry
from hotline.telephony.browser import BrowserDesks
from hotline.telephony.engine import Engine, log_error
from hotline.telephony.gateway import Gateway
from hotline.telephony.media import EngineMedia
from hotline.telephony.places import Places
from hotline.telephony.rtp.dense import DensePorts
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.gateway import SipGateway
from menus.model import Book

if TYPE_CHECKING:
    from hotline.cli.acd import Joining
    from hotline.cli.sip import SipOptions
    from hotline.web.desk import DeskControl

WELL_KNOWN = "1000000001"
"""account of an invented customer who is always there once a database has been seeded"""
WRITER_RESTS = 0.004
"""Seconds of rest for the journal's writer after each millisecond of work: most of a slot of audio
is left to the audio."""
BEHIND = 10
"""By how much the other threads are nicer than the one with the audio: on a full core that thread
gets nine tenths of the time while both could run."""


def after_the_audio() -> None:
    """Let the thread that calls this yield the core to the thread with the audio. Only Linux has a
    priority for each thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)


log = logging.getLogger(__name__)

Observer = Callable[[Entry], None]


class Tee:
    """A journal sink that also shows every entry to observers, as it happens."""

    def __init__(self, sink: JournalSink) -> None:
        self._sink = sink
        self.observers: list[Observer] = []

    def append(self, to: str, event: Event) -> None:
        """Keep the entry, then show it."""
        self._sink.append(to, event)
        self.show(to, event)

    def show(self, to: str, event: Event) -> None:
        """Show what somebody else keeps."""
        if self.observers:
            entry = Entry(to, event)
            for observer in self.observers:
                observer(entry)

    def closed(self, closing: CallClosed) -> None:
        """The call is complete."""
        self._sink.closed(closing)


class LiveHotline:
    """One hotline in real time. Make it on the running loop; `start`, later `drain` and `close`."""

    def __init__(
        self,
        parts: Parts,
        database: Database,
        record: Path | None = None,
        *,
        node: str = "",
        joining: Joining | None = None,
    ) -> None:
        """`record`: the folder for recordings; nothing is recorded if left out. `node` tells apart
        several hotlines on one database. `joining`: the ACD is elsewhere."""
        loop = asyncio.get_running_loop()
        self.database = database
        self.lost = close_lost(database, node=node)
        self.records_of_business = SqlRecords(database)
        if self.records_of_business.get(Customer, WELL_KNOWN) is None:
            seed(self.records_of_business, datetime.now())
        self.parts = replace(parts, records=self.records_of_business, start=datetime.now())
        self.clock = WallClock(loop.time, loop.call_later)
        self.keeper = DatabaseJournal(
            database,
            clock_start=time.time(),
            node=node,
            rest=WRITER_RESTS,
            begin=after_the_audio,
        )
        self._tee = Tee(self.keeper)
        self._executor = ThreadPoolExecutor(
            2, thread_name_prefix="service", initializer=after_the_audio
        )
        services = ThreadedServices(
            self.records_of_business,
            datetime.now,
            self._executor,
            loop.call_soon_threadsafe,
            clock=self.clock,
        )
        self.engine = Engine(self.clock)
        self.recordings = Recordings(record, database.vault) if record is not None else None
        media = self._media = EngineMedia(
            self.engine,
            self.parts.pack,
            shelf=self.recordings,
            refusals=self.parts.refusals(),
        )
        show = partial(self._tee.show, JOURNAL)
        acd = RemoteAcd(self.clock, show) if joining is not None else None
        self._link = Connector(acd, node, *astuple(joining)) if acd and joining else None
        self.exchange = self.parts.exchange(
            clock=self.clock,
            media=media,
            services=services,
            journal=self._tee,
            acd=acd,
            on_fault=lambda error, event: log_error(log, type(event).__name__, error),
        )
        self.gateway = Gateway(self.exchange, media)
        self._places = Places(self.exchange, self.clock)
        self.browser: BrowserDesks | None = None
        self.desk_control: DeskControl | None = None
        if parts.desks:
            self.exchange.desks = self._places
            self.browser = BrowserDesks(self._places.place("browser"), media)
        self.sip: SipGateway | None = None

    async def open_sip(self, options: SipOptions) -> SipGateway:
        """Take SIP calls too. Raises OSError that names the address."""
        host, port = options.address
        make = DensePorts if options.dense else RtpPorts
        ports = make(self.engine, host, first=options.rtp[0], last=options.rtp[1])
        gateway = SipGateway(
            self.clock,
            self.exchange,
            self._media,
            ports,
            settings=options.settings,
            guard=options.guard,
            public=options.public,
            trunk=options.trunk,
            agents={p.id: p.sip for p in self.roster if p.sip and p.id in self.parts.desks},
            place=self._places.place("telephone"),
            rings=self.parts.rings,
        )
        await gateway.listen(host, port)
        self.sip = gateway
        return gateway

    @property
    def book(self) -> Book:
        """The menu book in use."""
        return self.parts.book

    @property
    def roster(self) -> Roster:
        """Who answers."""
        return self.parts.roster

    def observe(self, callback: Observer) -> Callable[[], None]:
        """Show `callback` every journal entry as it happens; returns what ends that."""
        self._tee.observers.append(callback)
        return lambda: self._tee.observers.remove(callback)

    async def start(self) -> None:
        """Agents come on duty: the simulated ones now, others sign in with their telephones. With
        the ACD elsewhere: join it. Raises RefusedError."""
        if self._link is not None:
            await self._link.start()
            return
        simulated = {profile.id for profile in self.roster} - self.parts.desks
        sign_in(self.exchange, self.roster, frozenset(simulated))

    def records(self) -> Iterator[CallRecord]:
        """The closed calls, oldest first."""
        return iter_calls(self.database)

    def entries(self, call: str) -> Sequence[Entry]:
        """One call's journal."""
        return read_journal(self.database, call)

    def report(self) -> Report:
        """The clause report on all stored calls, as `hotline report` gives it. Takes a while with
        many calls: not for the event loop's thread."""
        return report_from(self.database, book=self.book, roster=self.roster)

    @property
    def calls(self) -> int:
        """Calls in progress on all media."""
        return self.gateway.calls + (self.sip.calls if self.sip is not None else 0)

    async def drain(self, seconds: float) -> None:
        """Take no new calls and let those in progress end, for at most `seconds`."""
        self.gateway.drain()
        if self.desk_control is not None:
            self.desk_control.draining = True
        if self.sip is not None:
            self.sip.drain()
        deadline = self.clock.now() + seconds
        while (self.calls or self.exchange.calls) and self.clock.now() < deadline:
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Keep what is left and let go of the ACD, threads and database."""
        if self._link is not None:
            await self._link.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        if self.recordings is not None:
            self.recordings.close()
        self.keeper.close()
        self.database.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; raises OSError with the address as its file name."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    return sock
