"""`hotline acd`: one queue and its agents for several call nodes (`hotline serve --acd`)."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from hotline.cli.compose import Parts
    from hotline.nodes.tcp import Listener
    from hotline.store.database import Database

PORT = 8100
ENVIRONMENT = "HOTLINE_ACD_SECRET"

_OPTIONS = (
    click.option("--roster", type=click.Path(), help="Roster file; the built-in one if left out."),
    click.option(
        "--plan", type=click.Path(), help="Queue plan whose agents answer, for `hotline load`."
    ),
    click.option(
        "--scale",
        type=click.FloatRange(0, 1, min_open=True),
        help="Share of the plan's agents, instead of its `load: scale`.",
    ),
    click.option(
        "--wrap-up",
        default=60.0,
        show_default=True,
        type=click.FloatRange(0),
        help="Longest after-call work, seconds.",
    ),
    click.option("--trunks", type=click.IntRange(1), help="Lines; a call beyond them is blocked."),
)


def acd_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of whoever has the ACD: `hotline serve`, or `hotline acd`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def secret_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """What an ACD and its nodes have in common."""
    return click.option(
        "--acd-secret",
        "secret",
        type=click.Path(),
        metavar="FILE",
        help=f"File with the secret that an ACD and its nodes share; or {ENVIRONMENT}.",
    )(command)


@dataclass(frozen=True, slots=True)
class Joining:
    """Which ACD a node joins, and with what secret."""

    address: tuple[str, int]
    secret: bytes


OF_THE_ACD = {
    "trunks": "--trunks",
    "wrap_up": "--wrap-up",
    "plan": "--plan",
    "scale": "--scale",
}
OF_DESKS = {
    "agents": "--agents",
    "desk_users": "--desk-user",
    "desk_hangs_up": "--desk-hangs-up",
}
"""Parameters of `hotline serve` that only an ACD of its own has a use for."""


def read_joining(acd: str | None, secret: str | None, node: str) -> Joining | None:
    """The ACD to join, None for one of our own. Raises UsageError for what does not go with it."""
    from click.core import ParameterSource

    from hotline.cli.sip import read_address

    if acd is None:
        if secret is not None:
            raise click.UsageError("--acd-secret needs --acd HOST:PORT")
        return None
    context = click.get_current_context()
    for name, option in {**OF_THE_ACD, **OF_DESKS}.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} belongs to the ACD: {_where(name, option)}")
    if not node:
        raise click.UsageError("--acd needs --node NAME, by which the ACD knows this node")
    address = read_address(acd, "--acd", PORT)
    shared = read_secret(secret)
    need_secret(address, shared, "--acd")
    return Joining(address, shared)


def _where(name: str, option: str) -> str:
    if name in OF_THE_ACD:
        return f"give {option} to `hotline acd`"
    return "with --acd all agents are simulated by `hotline acd`; leave it out"


def plan_only(plan: str | None, roster: str | None, agents: str = "simulated") -> None:
    """A plan says who answers: nothing else may. Raises UsageError."""
    if not plan:
        raise click.UsageError("--scale needs --plan: it scales the plan's agents")
    if roster or agents != "simulated":
        other = "--roster" if roster else f"--agents {agents}"
        raise click.UsageError(f"--plan and {other} exclude each other: the plan says who answers")


def read_secret(path: str | None) -> bytes:
    """The shared secret, empty if there is none. Raises UsageError."""
    if path is None:
        return os.environ.get(ENVIRONMENT, "").strip().encode()
    try:
        secret = Path(path).read_bytes().strip()
    except OSError as error:
        raise click.UsageError(f"--acd-secret {path}: {(error.strerror or '').lower()}") from None
    if not secret:
        raise click.UsageError(f"--acd-secret {path}: the file is empty; put a secret into it")
    return secret


def need_secret(address: tuple[str, int], secret: bytes, option: str) -> None:
    """Beyond this machine nobody may join without a secret. Raises UsageError."""
    if not secret and not _loopback(address[0]):
        raise click.UsageError(
            f"{option} {address[0]} can be reached from elsewhere: "
            f"give --acd-secret FILE or set {ENVIRONMENT}, here and at every node"
        )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@click.command()
@click.option(
    "--listen",
    default=f"127.0.0.1:{PORT}",
    show_default=True,
    metavar="HOST:PORT",
    help="Where call nodes join.",
)
@secret_option
@click.option("--database", default="sqlite:///hotline.db", show_default=True, help="URL.")
@click.option("--node", default="acd", show_default=True, metavar="NAME", help="Its name there.")
@click.option("--book", type=click.Path(), help="Menu book, for the hours of agents.")
@acd_options
@click.option("--drain", default=120.0, show_default=True, help="Seconds talks may take to end.")
@click.pass_obj
def acd(
    lang: str,
    /,
    listen: str,
    secret: str | None,
    database: str,
    node: str,
    book: str | None,
    roster: str | None,
    plan: str | None,
    scale: float | None,
    wrap_up: float,
    trunks: int | None,
    drain: float,
) -> None:
    """One queue and its agents, simulated ones, for several call nodes. 启动排队机

    Prints one line `ready acd HOST:PORT` when nodes may join: `hotline serve --acd HOST:PORT`. The
    first SIGTERM or Ctrl-C lets who waits be served and conversations end, a second one stops at
    once. At the end it prints what it has counted.
    """
    from datetime import datetime

    from agents.roster_file import DEMO, load_roster
    from agents.settings import AcdSettings
    from hotline.cli.compose import Parts, built_in_pack
    from hotline.cli.sip import read_address
    from hotline.services.records import MemoryRecords
    from hotline.store.database import open_database
    from menus.targets import playable

    address = read_address(listen, "--listen", PORT)
    shared = read_secret(secret)
    need_secret(address, shared, "--listen")
    if plan or scale:
        plan_only(plan, roster)
    parts = Parts(
        book=playable(book),
        roster=load_roster(roster or DEMO),
        pack=built_in_pack(),
        records=MemoryRecords(),
        acd=AcdSettings(trunks=trunks, wrap_up=wrap_up),
        start=datetime.now(),
    )
    if plan:
        from hotline.cli.plan_agents import serving

        parts = serving(parts, plan, lang, scale=scale, trunks=trunks)
    asyncio.run(_run(parts, open_database(database), node, address, shared, drain))


async def _run(
    parts: Parts,
    database: Database,
    node: str,
    address: tuple[str, int],
    secret: bytes,
    drain: float,
) -> None:
    from hotline.cli.compose import sign_in
    from hotline.nodes.tcp import Listener
    from hotline.store.journal import DatabaseJournal
    from hotline.switch.clock import WallClock
    from hotline.telephony.engine import log_error

    log = logging.getLogger(__name__)
    loop = asyncio.get_running_loop()
    clock = WallClock(loop.time, loop.call_later)
    keeper = DatabaseJournal(database, clock_start=time.time(), node=node)
    exchange, acd, nodes = parts.acd_exchange(
        clock=clock,
        journal=keeper,
        on_fault=lambda error, event: log_error(log, type(event).__name__, error),
    )
    sign_in(exchange, parts.roster)
    listener = Listener(nodes, secret)
    try:
        host, port = await listener.listen(*address)
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"ready acd {shown}:{port}")
        await _until_stopped(listener, lambda: bool(acd.live), drain)
        await listener.close()
        click.echo(f"counted: {nodes.counted}")
    finally:
        keeper.close()
        database.close()


async def _until_stopped(listener: Listener, busy: Callable[[], bool], seconds: float) -> None:
    """Work until the first signal; then let what has begun end, but for a second signal."""
    loop = asyncio.get_running_loop()
    first, second = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        (second if first.is_set() else first).set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    await first.wait()
    listener.close_soon()
    deadline = loop.time() + seconds
    while busy() and loop.time() < deadline and not second.is_set():
        await asyncio.sleep(0.05)
