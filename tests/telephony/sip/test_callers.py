"""What the scripted caller on SIP says when no call comes about."""

import asyncio
import contextlib

import pytest

from hotline.callers.player import Player
from hotline.callers.reading import parse
from hotline.cli.compose import built_in_pack
from hotline.cli.vocabulary import prompt_table
from hotline.switch.clock import WallClock
from hotline.telephony.caller import UnknownCallerError, UnreachableError, UnspokenError
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import Invited
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.telephone import SipCallers
from menus.loader import load as load_book

STORY = "scenario: s\nstory:\n  - hear: {prompt: greeting}\n"
ASKS = Settings(users={"alice": "secret"}, calls_need_user=True)


@contextlib.asynccontextmanager
async def refusing(code=404, settings=None):
    """A far end that takes no call."""

    def handle(event):
        if isinstance(event, Invited):
            event.session.reject(code)

    loop = asyncio.get_running_loop()
    clock = WallClock(loop.time, loop.call_later)
    made = SipEndpoint(clock, handle, settings=settings, guard=Guard(trusted=()))
    await made.listen("127.0.0.1", 0)
    try:
        yield f"sip:95598@127.0.0.1:{made.port}"
    finally:
        await made.close()


async def call(target, credentials=None):
    """The verdict of a call to `target`."""
    player = Player(parse(STORY, "s.yaml")[0])
    async with SipCallers(target, credentials=credentials) as callers:
        await callers.place(player, built_in_pack(), prompt_table(load_book()))
    return player.verdict


@pytest.mark.parametrize(
    ("credentials", "complaint"),
    [
        (None, "asks who calls (401): set HOTLINE_SIP_USER=NAME:PASSWORD"),
        (Credentials("alice", "wrong"), "does not accept HOTLINE_SIP_USER (401): correct the name"),
    ],
)
async def test_a_target_that_wants_to_know_who_calls(credentials, complaint):
    async with refusing(settings=ASKS) as target:
        with pytest.raises(UnknownCallerError) as caught:
            await call(target, credentials)
    assert complaint in str(caught.value)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(("code", "said"), [(404, "404 Not Found"), (488, "488 Not Acceptable")])
async def test_a_refusal_is_told_with_its_status(code, said):
    async with refusing(code) as target:
        verdict = await call(target)
    assert not verdict.passed
    assert f"the call was refused: {said}" in verdict.failures[0].got


async def test_a_busy_line_is_heard_as_such():
    async with refusing(486) as target:
        verdict = await call(target)
    assert verdict.transcript.text().splitlines()[0].split() == ["tone", "busy"]


async def test_nobody_and_nothing_that_is_spoken():
    with pytest.raises(UnreachableError, match="nothing takes an INVITE"):
        await call("sip:95598@127.0.0.1:1;transport=tcp")
    with pytest.raises(UnspokenError, match="SIP over TLS"):
        await call("sips:95598@127.0.0.1")
