"""baresip as an agent's telephone at `hotline serve --agents desk`: a caller speaks with it."""

from audio import g711
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import Party
from tests.telephony.sip.peers import (
    Baresip,
    Hotline,
    Phones,
    needs,
    read_wave,
    share_of,
    tone,
    until,
)

pytestmark = needs("baresip")

AGENTS_TONE, CALLERS_TONE = 400, 1000
"""Hz: who is heard where"""

ROSTER = """
version: 1
agents:
  - {id: a1001, number: "1001", name: 王敏, skills: ["", "*"], sip: wangmin}
  - {id: a1002, number: "1002", name: 李静, skills: [fault, ""]}
"""

BOOK = """
version: 1
language: zh-CN
start: main
common_keys: {"0": agent}
menus:
  main: {title: 主菜单, prompt: 转人工服务请按0。, keys: {"1": "agent:fault"}}
"""


def plays(event):
    return isinstance(event, ev.Did) and isinstance(event.action, do.Play)


def hears_the_agent(caller):
    """Whether the caller's latest half second is the agent's tone."""
    heard = g711.alaw_decode(bytes(caller.audio[-4000:]))
    return len(heard) == 4000 and share_of(AGENTS_TONE, heard) > 0.5


def hears_music(caller):
    """Whether the caller's latest half second is sound, and none of the agent's."""
    heard = g711.alaw_decode(bytes(caller.audio[-4000:]))
    loud = float(abs(heard).mean()) > 100
    return loud and share_of(AGENTS_TONE, heard) < 0.05


async def ask_for_an_agent(phones, telephone, times, *, music=False):
    """A caller who presses 0 and speaks; the agent, perhaps after some music, answers."""
    [caller] = await phones.connected(1)
    await caller.hears()
    caller.leg.play(tone(CALLERS_TONE), loop=True)
    caller.press("0")
    await telephone.says("Incoming call", times=times)
    if music:
        await until(lambda: hears_music(caller), "music while it rings")
    await telephone.do("accept")
    await telephone.says("Call established", times=times)
    return caller


async def test_an_agent_on_baresip(tmp_path):
    (tmp_path / "roster.yaml").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "book.yaml").write_text(BOOK, encoding="utf-8")
    options = ["--agents", "desk", "--roster", "../roster.yaml", "--book", "../book.yaml"]
    options += ["--sip-user", "wangmin:secret", "--sip-digest", "MD5", "--wrap-up", "0.5"]
    async with Hotline(tmp_path / "hotline", *options) as hotline:
        account = f"<sip:wangmin@127.0.0.1:{hotline.port}>;auth_pass=secret"
        async with (
            Baresip(tmp_path / "baresip", account=account, answers="manual") as telephone,
            Phones(f"sip:95598@127.0.0.1:{hotline.port}") as phones,
        ):
            await telephone.says("200 OK")
            # the caller hangs up
            first = await ask_for_an_agent(phones, telephone, 1, music=True)
            await until(lambda: hears_the_agent(first), "the agent's voice at the caller")
            # on hold the caller hears music (5.2.6.4), then the agent again
            await telephone.do("hold")
            await until(lambda: hears_music(first), "music on hold")
            await telephone.do("resume")
            await until(lambda: hears_the_agent(first), "the agent again")
            first.hang_up()
            await telephone.says("terminated")
            # the agent hangs up: the caller is asked how it was
            second = await ask_for_an_agent(phones, telephone, 2)
            await until(lambda: hears_the_agent(second), "the agent's voice at the second caller")
            await telephone.do("hangup")
            await until(lambda: not hears_the_agent(second), "the agent gone")
            await second.hears()
            assert second.ended is None
            second.hang_up()

        heard = [read_wave(path) for path in telephone.recordings]
    assert len(heard) == 2
    for samples in heard:
        tenths = [samples[at : at + 800] for at in range(0, len(samples) - 800, 800)]
        assert max(share_of(CALLERS_TONE, tenth) for tenth in tenths) > 0.9, "the agent hears"

    # the caller heard music, then who answers (5.2.6.5), then him
    calls = hotline.journals()
    for journal in calls:
        said = [e.action.what for e in journal if plays(e)]
        number = {"agent": "1001"}
        assert [dict(what.values) for what in said if isinstance(what, do.Prompt)].count(
            number
        ) == 1
        assert [e.agent for e in journal if isinstance(e, ev.AgentConnected)] == ["a1001"]
    by_caller, by_agent = calls
    assert any(isinstance(e.action.what, do.Music) for e in by_caller if plays(e))
    assert [e.by for e in by_caller if isinstance(e, ev.TalkEnded)] == [Party.CALLER]
    assert [e.to for e in by_agent if isinstance(e, ev.AgentLeft)] == ["survey"]
