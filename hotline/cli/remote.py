"""Whom a load may call: this machine and private networks, anybody else only when told so.

A load on somebody's hotline is an attack unless he has asked for it; on the real 95598 it would
keep people from reporting an outage.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import click

SCHEMES = ("ws", "wss", "sip", "sips")


def shown(target: str) -> str:
    """The target without user, password and query."""
    scheme, host, port = _place(target)
    at = f"[{host}]" if ":" in host else host
    if scheme.startswith("sip"):
        return f"{scheme}:{at}{port}"
    return f"{scheme}://{at}{port}{urlsplit(target).path}"


def allow(target: str, remote: bool) -> None:
    """Raise `UsageError` for what is no target, and for one outside private networks, unless
    `remote`. A host that is not known is let through: calling it tells what is wrong."""
    scheme, host, _ = _place(target)
    if scheme not in SCHEMES or not host:
        raise click.UsageError("--target takes ws://HOST:PORT/media or sip:HOST:PORT")
    if remote:
        return
    with suppress(OSError):
        found = socket.getaddrinfo(host, None)
        strange = [str(each[4][0]) for each in found if not _private(str(each[4][0]))]
        if strange:
            raise click.UsageError(
                f"{shown(target)} is at {strange[0]}, outside private networks: a load there needs "
                "the consent of who runs it; if you have it, add --allow-remote"
            )


def _private(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    return (
        found.is_loopback
        or (found.is_private and not found.is_unspecified)
        or (found.is_link_local)
    )


def _place(target: str) -> tuple[str, str, str]:
    """Scheme, host and `:port` of a target; empty where it is none."""
    scheme, _, rest = target.partition(":")
    if scheme.startswith("sip"):
        rest = "//" + rest.rpartition("@")[2].partition(";")[0]
    with suppress(ValueError):
        parts = urlsplit(f"{scheme}:{rest}")
        return scheme, parts.hostname or "", f":{parts.port}" if parts.port else ""
    return scheme, "", ""
