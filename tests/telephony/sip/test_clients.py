"""Other people's telephones: calls with audio in both directions and keys, either side calling.

What the hotline said is known from what the telephone recorded; what the telephone said, from the
packets that the hotline counted, or from our scripted caller's ear.
"""

from __future__ import annotations

import asyncio

from hotline.cli.compose import built_in_pack
from hotline.switch import events as ev
from menus.loader import load as load_book
from tests.telephony.sip.peers import (
    HOTLINE,
    PATIENCE,
    Baresip,
    Hotline,
    Linphone,
    needs,
    prompts_in,
    until,
)

pytestmark = needs("baresip", "linphonec", "sipsak")


def keys(journal):
    return [event.key for event in journal if isinstance(event, ev.KeyPressed)]


def both_ways(journal):
    """Whether audio went in both directions for some seconds."""
    [report] = [event for event in journal if isinstance(event, ev.MediaReport)]
    return report.quality.sent > 100 and report.quality.received > 100


async def hears(hotline, phone, menu):
    """Until the menu is played, and a few seconds of it."""
    await until(
        lambda: any(isinstance(e, ev.MenuEntered) and e.menu == menu for e in hotline.events()),
        menu,
    )
    await records(phone, 3)


async def records(phone, seconds):
    """So much more audio is in what the telephone records."""
    before = phone.recorded
    what = f"{seconds} s of audio at {type(phone).__name__}"
    await until(lambda: phone.recorded - before >= seconds, what)


async def baresip_calls(hotline, phone):
    await phone.do("dial", f"sip:95598@127.0.0.1:{hotline.port}")
    await phone.says("Call established")
    await records(phone, 2)
    await phone.do("sndcode", "2")
    await hears(hotline, phone, "bill")
    await phone.do("hangup")
    await phone.says("terminated")


async def linphone_calls(hotline, phone):
    phone.do(f"call sip:95598@127.0.0.1:{hotline.port}")
    await phone.says("Media streams established")
    await records(phone, 2)
    phone.do("1")
    await hears(hotline, phone, "fault")
    phone.do("terminate")
    await phone.says("ended (No error)")


async def test_telephones_call_the_hotline(tmp_path):
    """baresip and linphone, side by side: they hear the greeting and the menu of their key."""
    async with (
        Hotline(tmp_path / "hotline") as hotline,
        Baresip(tmp_path / "baresip") as baresip,
        Linphone(tmp_path / "linphone") as linphone,
    ):
        await asyncio.gather(baresip_calls(hotline, baresip), linphone_calls(hotline, linphone))
    journals = hotline.journals()
    assert sorted(map(keys, journals)) == [["1"], ["2"]]
    assert all(map(both_ways, journals))
    for phone, menu in ((baresip, "bill"), (linphone, "fault")):
        assert {"greeting", menu} <= set(prompts_in(phone.recording))


async def test_the_scripted_caller_calls_a_telephone(tmp_path):
    """`hotline call --target sip:...`: baresip answers with our greeting, and gets a key."""
    pack, book = built_in_pack(), load_book()
    said = next(p.long["zh-CN"] for p in book.prompts() if p.id == "greeting")
    greeting = b"".join(map(pack.ulaw, pack.render(said, {}, "zh-CN").clips))
    story = tmp_path / "story.yaml"
    story.write_text(
        "scenario: 致电一部话机\nstory:\n  - hear: {prompt: greeting}\n"
        '  - press: "5"\n  - wait: 1\n  - hang_up:\n'
    )
    quiet = b"\xff" * 8000
    async with Baresip(tmp_path / "baresip", quiet + greeting + quiet * 20) as phone:
        process = await asyncio.create_subprocess_exec(
            *[HOTLINE, "call", str(story), "--target", phone.target],
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        await phone.says("terminated")
        assert process.returncode == 0, said.decode()
        assert "heard   greeting\n  pressed 5\n  hung up caller" in said.decode()
        assert '"type":"CALL_DTMF_START"' in phone.events
        assert '"param":"5"' in phone.events


async def test_a_user_registers_and_calls(tmp_path):
    """baresip proves with its password who it is; the same telephone without one may not call."""
    users = ["--sip-user", "alice:secret", "--sip-need-user", "--sip-digest", "MD5"]
    async with Hotline(tmp_path / "hotline", *users) as hotline:
        domain = f"127.0.0.1:{hotline.port}"
        alice = f"<sip:alice@{domain}>;auth_user=alice;auth_pass=secret;regint=60"
        async with (
            Baresip(tmp_path / "alice", account=alice) as user,
            Baresip(tmp_path / "mallory") as stranger,
        ):
            await user.says("200 OK")
            await asyncio.gather(
                *(phone.do("dial", f"sip:95598@{domain}") for phone in (user, stranger))
            )
            await user.says("Call established")
            await stranger.says("session closed: 401")
            await records(user, 2.5)
            await user.do("hangup")
            await user.says("terminated")
    [journal] = hotline.journals()
    assert both_ways(journal)


async def test_sipsak_asks_whether_we_live(tmp_path):
    """OPTIONS, as monitoring does it."""
    async with Hotline(tmp_path / "hotline") as hotline:
        process = await asyncio.create_subprocess_exec(
            *["sipsak", "-v", "-s", f"sip:95598@127.0.0.1:{hotline.port}"],
            stdout=asyncio.subprocess.DEVNULL,
        )
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    assert hotline.journals() == []
