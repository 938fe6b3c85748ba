"""`hotline serve --agents desk|both`: which agents of the roster answer at desks of their own (SIP
telephones, browsers), and what they sign in with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import click

from agents.roster import AgentProfile, Roster, may_sign_in
from hotline.cli.files import given_lines

if TYPE_CHECKING:
    from hotline.cli.live import LiveHotline
    from hotline.cli.sip import SipOptions


@dataclass(frozen=True, slots=True)
class AtDesks:
    """Who answers. `desks`: ids of those at desks of their own; all others of `roster` are
    simulated. `passwords`: 工号 -> password of the page, None where none is needed."""

    roster: Roster
    desks: frozenset[str] = frozenset()
    passwords: Mapping[str, str | None] = field(default_factory=dict)


def at_desks(
    roster: Roster, agents: str, sip: SipOptions | None, given: Sequence[str], host: str
) -> AtDesks:
    """Who of the roster sits where. `given` are the values of --desk-user; where neither they nor
    the roster's telephones name anybody, `desk` lets everybody in from this machine.

    With `desk` those who have no desk are left out, so that nobody waits for them. Raises
    UsageError where somebody could not sign in.
    """
    if agents == "simulated":
        if given:
            raise click.UsageError("--desk-user needs --agents desk or --agents both")
        return AtDesks(roster)
    telephones = [profile for profile in roster if profile.sip] if sip is not None else []
    passwords = _named(roster, given, host)
    if sip is not None:
        for profile in telephones:
            passwords.setdefault(profile.number, _password(profile, sip))
    if not passwords:
        passwords = dict.fromkeys(_everybody(roster, agents, host))
    found = [profile for profile in roster if profile.number in passwords]
    for profile in found:
        _say_who_may_not(profile)
    kept = replace(roster, agents=tuple(found)) if agents == "desk" else roster
    return AtDesks(kept, frozenset(profile.id for profile in found), passwords)


def open_desks(app: Any, hotline: LiveHotline, passwords: Mapping[str, str | None]) -> None:
    """Serve the agents' pages: control on /desk/control, audio on /desk/media."""
    from hotline.telephony.websocket import mount
    from hotline.web.desk import CONTROL, DeskControl, DeskRules
    from hotline.web.desk_client import AUDIO

    seats = hotline.browser
    if seats is None:
        return
    acd, parts = hotline.parts.acd, hotline.parts
    agents = {profile.id: profile for profile in parts.roster if profile.id in parts.desks}
    rules = DeskRules(acd.answer_within, acd.redirect_after, acd.wrap_up, parts.desk_hangs_up)
    control = DeskControl(app.state.hub, seats, agents, passwords, rules)
    app.state.hub.desk = hotline.desk_control = control
    mount(app, control, CONTROL)
    mount(app, seats, AUDIO)


def _named(roster: Roster, given: Sequence[str], host: str) -> dict[str, str | None]:
    """What --desk-user says. No message repeats what may be a password."""
    numbers = {profile.number for profile in roster}
    found: dict[str, str | None] = {}
    for place, text in given_lines("--desk-user", given):
        number, colon, password = text.partition(":")
        if number not in numbers:
            near = get_close_matches(number, sorted(numbers), 1)
            hint = f"; did you mean {near[0]}?" if near else "; give the 工号 of an agent"
            raise click.UsageError(f"{place}: no such number on the roster{hint}")
        if colon and not password:
            raise click.UsageError(f"{place}: give NUMBER:PASSWORD, or NUMBER alone")
        if not password and not local(host):
            raise click.UsageError(
                f"{place}: {number} needs a password, because --host {host} can be reached from "
                "other machines; give NUMBER:PASSWORD"
            )
        found[number] = password or None
    return found


def _password(profile: AgentProfile, sip: SipOptions) -> str:
    """The telephone's, which the page asks for too."""
    password = sip.settings.users.get(profile.sip)
    if password is None:
        raise click.UsageError(
            f"{profile.place}: nobody has the password of SIP user {profile.sip}; "
            f"give --sip-user {profile.sip}:PASSWORD"
        )
    return password


def _everybody(roster: Roster, agents: str, host: str) -> list[str]:
    """All numbers of the roster, where that is meant and safe."""
    if agents == "both" or not local(host):
        raise click.UsageError(
            f"--agents {agents}: say who answers: --desk-user NUMBER:PASSWORD for the page /desk, "
            "or `sip: USER` in --roster FILE with --sip HOST:PORT and --sip-user USER:PASSWORD"
        )
    return [profile.number for profile in roster]


def local(host: str) -> bool:
    """Whether only this machine can reach us there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _say_who_may_not(profile: AgentProfile) -> None:
    refused = may_sign_in(profile)
    if refused is not None:
        click.echo(f"{profile.place}: {profile.id} may not sign in: {refused}", err=True)
