"""`hotline serve`: take real calls over WebSocket, with the web pages beside."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline.cli.acd import acd_options, plan_only, read_joining, secret_option
from hotline.cli.sip import sip_options

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from agents.desk import HangsUp
    from hotline.cli.acd import Joining
    from hotline.cli.compose import Parts
    from hotline.cli.live import LiveHotline
    from hotline.cli.sip import SipOptions
    from hotline.store.database import Database


COLLECT_EVERY = 60.0
"""Seconds between two looks whether all is quiet."""
RARELY = 1000
"""Collections of young objects before the collector itself goes through all (Python's own: 10)."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8095, show_default=True, type=click.IntRange(0, 65535))
@click.option("--database", default="sqlite:///hotline.db", show_default=True, help="URL.")
@click.option("--book", type=click.Path(), help="Menu book; the built-in one if left out.")
@click.option(
    "--agents",
    type=click.Choice(["simulated", "desk", "both"]),
    default="simulated",
    show_default=True,
    help="Who answers: invented agents, agents of the roster at desks of their own, or both.",
)
@click.option(
    "--desk-user",
    "desk_users",
    multiple=True,
    metavar="NUMBER[:PASSWORD]",
    help="An agent who may answer on the page /desk; @FILE has one a line.",
)
@click.option(
    "--desk-hangs-up",
    type=click.Choice(["survey", "hang_up"]),
    default="survey",
    show_default=True,
    help="When an agent at a desk hangs up: ask the caller how it was, or end the call.",
)
@click.option("--recordings", type=click.Path(), multiple=True, help="Folder of own recordings.")
@acd_options
@click.option(
    "--acd",
    metavar="HOST:PORT",
    help="Join the ACD there (`hotline acd`), which has the queue, the agents and the trunks.",
)
@secret_option
@click.option("--pages/--no-pages", default=True, help="With or without the web pages.")
@click.option(
    "--record",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep recordings here, encrypted, of calls that have heard the notice; none if left out.",
)
@click.option(
    "--node",
    default="",
    metavar="NAME",
    help="This hotline's name, where several of them write to one database.",
)
@click.option("--drain", default=120.0, show_default=True, help="Seconds calls may take to end.")
@sip_options
@click.pass_obj
def serve(
    lang: str,
    /,
    host: str,
    port: int,
    database: str,
    book: str | None,
    roster: str | None,
    plan: str | None,
    scale: float | None,
    agents: str,
    desk_users: tuple[str, ...],
    desk_hangs_up: HangsUp,
    wrap_up: float,
    recordings: tuple[str, ...],
    trunks: int | None,
    acd: str | None,
    secret: str | None,
    pages: bool,
    record: Path | None,
    node: str,
    drain: float,
    sip: str | None,
    **sip_given: Any,
) -> None:
    """Take real calls: pages on / and /desk, WebSocket media on /media, SIP. 启动热线

    Prints one line `ready http://... sip:...` when calls are accepted. The first SIGTERM or Ctrl-C
    lets calls in progress end, a second one stops at once.
    """
    from agents.roster_file import DEMO, load_roster
    from agents.settings import AcdSettings
    from audio.pack import Pack
    from hotline.cli.compose import Parts
    from hotline.cli.desks import at_desks
    from hotline.cli.live import listen
    from hotline.cli.sip import read_options
    from hotline.services.records import MemoryRecords
    from hotline.store.database import open_database
    from menus.targets import playable

    signalling = read_options(sip, **sip_given)
    joining = read_joining(acd, secret, node)
    if plan or scale:
        plan_only(plan, roster, agents)
    people = at_desks(load_roster(roster or DEMO), agents, signalling, desk_users, host)
    parts = Parts(
        book=playable(book),
        roster=people.roster,
        pack=Pack.load(*recordings),
        records=MemoryRecords(),
        acd=AcdSettings(trunks=trunks, wrap_up=wrap_up),
        desks=people.desks,
        desk_hangs_up=desk_hangs_up,
        rings=signalling.rings if signalling else 0,
        announces=signalling is not None and signalling.announces,
    )
    if plan:
        from hotline.cli.plan_agents import serving

        parts = serving(parts, plan, lang, scale=scale, trunks=trunks)
    with listen(host, port) as sock:
        asyncio.run(
            _serve(
                parts,
                open_database(database),
                sock,
                signalling,
                joining,
                pages=pages,
                record=record,
                node=node,
                drain=drain,
                passwords=people.passwords,
            )
        )


async def _serve(
    parts: Parts,
    database: Database,
    sock: socket.socket,
    sip: SipOptions | None,
    joining: Joining | None,
    *,
    pages: bool,
    record: Path | None,
    node: str,
    drain: float,
    passwords: Mapping[str, str | None],
) -> None:
    import uvicorn

    from hotline.cli.desks import open_desks
    from hotline.cli.live import LiveHotline
    from hotline.nodes.joining import RefusedError
    from hotline.telephony import server
    from hotline.telephony.websocket import mount
    from hotline.web.app import create_app

    hotline = LiveHotline(parts, database, record, node=node, joining=joining)
    app: FastAPI = create_app(hotline, pages=pages, hosts=[sock.getsockname()[0]])
    mount(app, hotline.gateway)
    open_desks(app, hotline, passwords)
    config = uvicorn.Config(app, log_level="warning", access_log=False, **server.settings())
    web = _quiet_server(config)
    gateway = await hotline.open_sip(sip) if sip is not None else None
    try:
        await hotline.start()
    except RefusedError as why:
        raise click.UsageError(f"--acd: the ACD does not let us in: {why}") from None
    serving = asyncio.create_task(web.serve(sockets=[sock]))
    while not web.started and not serving.done():
        await asyncio.sleep(0.01)
    _collect_rarely()
    collecting = asyncio.create_task(_collect_when_quiet(hotline))
    host, port = sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    urls = [f"http://{shown}:{port}/", f"ws://{shown}:{port}/media"]
    click.echo(" ".join(["ready", *urls, *([gateway.endpoint.url] if gateway else [])]))
    if pages and hotline.browser is not None:
        click.echo(f"agents answer at {urls[0]}desk", err=True)
    if hotline.lost:
        click.echo(f"closed as lost: {len(hotline.lost)} calls of an interrupted run", err=True)
    _stop_on_signal(hotline, web, drain)
    try:
        await serving
    finally:
        collecting.cancel()
        if gateway is not None:
            await gateway.close()
        await hotline.close()


def _collect_rarely() -> None:
    """What is here by now stays: were the collector to walk it again with all that is the calls',
    all audio would wait, 50 to 130 ms with 250 calls (measured). Calls leave no rings of objects
    behind, so there is little for it to find."""
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, RARELY)


async def _collect_when_quiet(hotline: LiveHotline) -> None:
    """Nobody hears a collection while no call has audio."""
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        if not hotline.engine.legs:
            gc.collect()


def _quiet_server(config: uvicorn.Config) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        """uvicorn without its own signal handlers: ours let calls end first."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Leave signals to the hotline."""
            yield

    return Server(config)


def _stop_on_signal(hotline: LiveHotline, web: uvicorn.Server, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    draining: list[asyncio.Task[None]] = []

    async def drain() -> None:
        await hotline.drain(seconds)
        web.should_exit = True

    def stop() -> None:
        if draining:
            web.should_exit = web.force_exit = True
        else:
            draining.append(asyncio.create_task(drain()))

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
