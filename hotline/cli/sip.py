"""Options of `hotline serve --sip`: addresses, users, peers, caps; a one-line error for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline.cli.files import given_lines

if TYPE_CHECKING:
    from hotline.telephony.sip.agent import Settings
    from hotline.telephony.sip.gateway import Trunk
    from hotline.telephony.sip.guard import Guard, Network

_OPTIONS = (
    click.option("--sip", metavar="HOST:PORT", help="Take SIP calls there too (UDP and TCP)."),
    click.option(
        "--sip-user",
        "users",
        multiple=True,
        metavar="NAME:PASSWORD",
        help="A user who may register; @FILE has one a line.",
    ),
    click.option(
        "--sip-digest",
        "digest",
        type=click.Choice(["both", "MD5", "SHA-256"]),
        default="both",
        show_default=True,
        help="How users prove who they are; MD5 alone for peers that read one challenge only.",
    ),
    click.option("--sip-need-user", "need_user", is_flag=True, help="Strangers must authenticate."),
    click.option(
        "--sip-trust",
        "trusted",
        multiple=True,
        metavar="NETWORK",
        help="A peer whose word on the caller's number is taken, without a rate limit.",
    ),
    click.option(
        "--sip-allow",
        "allowed",
        multiple=True,
        metavar="NETWORK",
        help="Only these may talk to us; anybody if left out.",
    ),
    click.option(
        "--sip-calls",
        "calls",
        default=1000,
        show_default=True,
        type=click.IntRange(1),
        help="SIP calls at once; one more is told 503.",
    ),
    click.option(
        "--sip-rate",
        "rate",
        default=10.0,
        show_default=True,
        type=click.FloatRange(0.1),
        help="Requests a second that a stranger may send.",
    ),
    click.option(
        "--sip-public",
        "public",
        default="",
        metavar="ADDRESS",
        help="Our address as others see it, behind an address translator.",
    ),
    click.option(
        "--sip-trunk",
        "trunk",
        default="",
        metavar="sip:[USER:PASSWORD@]HOST[:PORT]",
        help="Who carries call-backs to their numbers; @FILE holds the address.",
    ),
    click.option("--sip-register", "register", is_flag=True, help="Register with the trunk."),
    click.option(
        "--early-media",
        "early",
        type=click.Choice(["off", "ringback", "announcement", "both"]),
        default="off",
        show_default=True,
        help="What SIP callers hear, free of charge, before they are answered (a ring-back tone) "
        "or refused (why: all lines are busy, maintenance).",
    ),
    click.option(
        "--rings",
        type=click.IntRange(1, 12),
        help="Periods of that tone, 5 s each; 1 if left out.",
    ),
    click.option("--rtp-ports", "rtp", default="", metavar="FIRST-LAST", help="Ports of audio."),
    click.option("--rtp-dense", "dense", is_flag=True, help="One pair of ports for all calls."),
)


def sip_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options above."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class SipOptions:
    """What the SIP side of a hotline is told. `rtp` is the range of ports, (0, 0) for any; `rings`
    are heard before the answer; `announces`: refused callers are told why."""

    address: tuple[str, int]
    settings: Settings
    guard: Guard
    public: str
    trunk: Trunk | None
    rtp: tuple[int, int]
    dense: bool = False
    rings: int = 0
    announces: bool = False


ANNOUNCED = 50
"""Refused callers who are told why at once; one more is refused without a word (our choice)."""


def read_options(
    sip: str | None,
    *,
    users: Sequence[str],
    digest: str,
    need_user: bool,
    trusted: Sequence[str],
    allowed: Sequence[str],
    calls: int,
    rate: float,
    public: str,
    trunk: str,
    register: bool,
    early: str,
    rings: int | None,
    rtp: str,
    dense: bool,
) -> SipOptions | None:
    """The command line's values, None without `--sip`; raises UsageError."""
    if sip is None:
        given = (users, need_user, trusted, allowed, public, trunk, register, rtp, dense)
        if any(given) or rings or early != "off":
            raise click.UsageError("options of SIP need --sip HOST:PORT")
        return None
    from hotline.telephony.sip.agent import Settings
    from hotline.telephony.sip.guard import LOOPBACK, Guard

    if need_user and not users:
        raise click.UsageError("--sip-need-user: nobody could call; give --sip-user NAME:PASSWORD")
    ringback = early in ("ringback", "both")
    if rings and not ringback:
        raise click.UsageError("--rings needs --early-media ringback or both")
    announces = early in ("announcement", "both")
    allowed_networks = _networks("--sip-allow", allowed)
    trusted_networks = _networks("--sip-trust", trusted if need_user else (*LOOPBACK, *trusted))
    return SipOptions(
        read_address(sip),
        Settings(
            users=_users(users),
            calls=calls,
            announced=ANNOUNCED if announces else 0,
            calls_need_user=need_user,
            algorithms=("SHA-256", "MD5") if digest == "both" else (digest,),
        ),
        Guard(allowed_networks, trusted_networks, rate=rate, burst=3 * rate),
        public,
        _trunk(trunk, register=register),
        _ports(rtp),
        dense,
        (rings or 1) if ringback else 0,
        announces,
    )


def read_address(text: str, option: str = "--sip", default: int = 5060) -> tuple[str, int]:
    """`HOST:PORT`, `[IPV6]:PORT` or `HOST` (port `default`); raises UsageError."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(default)
    host = host.strip("[]")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > 65_535:
        raise click.UsageError(
            f"{option} {text}: give HOST:PORT, for example 127.0.0.1:{default} "
            "(port 0: any free one)"
        )
    return host, int(port)


def _users(given: Sequence[str]) -> dict[str, str]:
    """A line of a file may be empty or begin with #. What was given may hold a password, so no
    message repeats it."""
    users = {}
    for place, text in given_lines("--sip-user", given):
        name, colon, password = text.partition(":")
        if not (name and colon and password):
            raise click.UsageError(f"{place}: give NAME:PASSWORD, or @FILE with one a line")
        users[name] = password
    return users


def _networks(option: str, given: Sequence[str]) -> tuple[Network, ...]:
    from hotline.telephony.sip.guard import networks

    for text in given:
        try:
            networks([text])
        except ValueError:
            raise click.UsageError(
                f"{option} {text}: give an address or network, for example 192.0.2.0/24"
            ) from None
    return networks(given)


def _trunk(text: str, *, register: bool) -> Trunk | None:
    """What was given may hold a password: no message repeats it."""
    from hotline.telephony.sip.digest import Credentials
    from hotline.telephony.sip.gateway import Trunk
    from hotline.telephony.sip.message import parse_uri, unspoken

    if text.startswith("@"):
        text = Path(text[1:]).read_text(encoding="utf-8").strip()
    uri = parse_uri(text) if text else None
    if text and (uri is None or uri.scheme not in ("sip", "sips")):
        raise click.UsageError("--sip-trunk: give sip:HOST:PORT or sip:USER:PASSWORD@HOST:PORT")
    if uri is not None and (other := unspoken(uri)) is not None:
        raise click.UsageError(f"--sip-trunk: SIP over {other} is not spoken; transport=udp or tcp")
    known = uri is not None and uri.user and uri.password
    if register and not known:
        raise click.UsageError("--sip-register needs --sip-trunk sip:USER:PASSWORD@HOST:PORT")
    if uri is None:
        return None
    credentials = Credentials(uri.user or "", uri.password or "") if known else None
    return Trunk(uri, credentials, register)


def _ports(text: str) -> tuple[int, int]:
    if not text:
        return 0, 0
    first, dash, last = text.partition("-")
    if dash and first.isdecimal() and last.isdecimal() and 1024 <= int(first) < int(last) < 65_536:
        return int(first), int(last)
    raise click.UsageError(f"--rtp-ports {text}: give FIRST-LAST, for example 20000-29999")
