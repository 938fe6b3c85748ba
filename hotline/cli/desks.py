"""`hotline serve --agents desk|both`: which agents of the roster answer on SIP telephones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agents.roster import AgentProfile, Roster, may_sign_in

if TYPE_CHECKING:
    from hotline.cli.sip import SipOptions


def on_telephones(
    roster: Roster, agents: str, sip: SipOptions | None
) -> tuple[Roster, frozenset[str]]:
    """The roster in use, and the ids of those on telephones. `desk` leaves out who has none, so
    that nobody waits for them. Raises UsageError where they could not register."""
    if agents == "simulated":
        return roster, frozenset()
    if sip is None:
        raise click.UsageError(f"--agents {agents} needs --sip HOST:PORT and --sip-user @FILE")
    found = [profile for profile in roster if profile.sip]
    if not found:
        raise click.UsageError(
            f"--agents {agents}: no agent of the roster has a telephone; "
            "give `sip: USER` to an agent of --roster FILE"
        )
    for profile in found:
        _may_register(profile, sip)
    kept = Roster(tuple(found)) if agents == "desk" else roster
    return kept, frozenset(profile.id for profile in found)


def _may_register(profile: AgentProfile, sip: SipOptions) -> None:
    if profile.sip not in sip.settings.users:
        raise click.UsageError(
            f"{profile.place}: nobody has the password of SIP user {profile.sip}; "
            f"give --sip-user {profile.sip}:PASSWORD"
        )
    refused = may_sign_in(profile)
    if refused is not None:
        click.echo(f"{profile.place}: {profile.id} may not sign in: {refused}", err=True)
