"""baresip as an agent's telephone at `hotline serve --agents desk`: a caller speaks with it."""

import asyncio

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


WAITING = (
    BOOK
    + """
  waiting:
    title: 排队选项
    prompt: 继续等待请按1，保留位置等待回拨请按2，短信留言请按3。
    keys: {"1": wait, "2": callback}
waiting: {menu: waiting, menu_after: 1}
"""
)


async def test_a_call_back_rings_all_telephones_of_the_agent(tmp_path):
    """Booked in the queue while the agent is not ready; the customer is called, and when he has
    answered both telephones of the agent ring: who answers first speaks with him."""
    (tmp_path / "roster.yaml").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "book.yaml").write_text(WAITING, encoding="utf-8")
    options = ["--agents", "desk", "--roster", "../roster.yaml", "--book", "../book.yaml"]
    options += ["--sip-digest", "MD5", "--sip-user", "wangmin:secret"]
    options += ["--sip-user", f"{CUSTOMER}:word"]
    async with Hotline(tmp_path / "hotline", *options) as hotline:
        domain = f"127.0.0.1:{hotline.port}"
        agent = f"<sip:wangmin@{domain}>;auth_pass=secret"
        own = f"<sip:{CUSTOMER}@{domain}>;auth_pass=word"
        async with (
            Baresip(tmp_path / "desk", tone() * 3, account=agent, answers="manual") as desk,
            Baresip(tmp_path / "home", tone() * 3, account=agent, answers="manual") as home,
            Baresip(tmp_path / "customer", tone(CALLERS_TONE) * 3, account=own) as customer,
        ):
            for phone in (desk, home, customer):
                await phone.says("200 OK")
            await desk.do("dial", f"sip:*6@{domain}")
            await desk.says("session closed")
            await customer.do("dial", f"sip:95598@{domain}")
            await customer.says("Call established")
            await happens(hotline, ev.MenuEntered)
            await customer.do("sndcode", "0")
            await happens(hotline, ev.MenuEntered, 2)  # the menu of the queue
            await customer.do("sndcode", "2")
            await happens(hotline, ev.CallbackBooked)
            await customer.do("hangup")
            await customer.says("terminated")
            await desk.do("dial", f"sip:*5@{domain}")  # ready: the customer is called
            await customer.says("Call established", times=2)
            await asyncio.gather(*(phone.says("Incoming call") for phone in (desk, home)))
            await home.do("accept")
            await home.says("Call established")
            await desk.says("session closed", times=3)  # after those of *6 and *5
            await happens(hotline, do.Bridge)
            await asyncio.sleep(2)
            await home.do("hangup")
        there = [read_wave(path) for path in home.recordings]
    assert max(share_of(CALLERS_TONE, half) for half in halves(there[-1])) > 0.9
    _, back = hotline.journals()
    [connected] = [e for e in back if isinstance(e, ev.AgentConnected)]
    assert connected.agent == "a1001"
    reports = {e.agent: e.quality for e in back if isinstance(e, ev.MediaReport)}
    assert set(reports) == {"", "a1001"}
    assert all(quality.received > 50 and quality.mos for quality in reports.values())


CUSTOMER = "13900139000"


def halves(samples):
    """Half seconds of a recording."""
    return [samples[at : at + 4000] for at in range(0, len(samples) - 4000, 4000)]


async def happens(hotline, kind, times=1):
    """Until the journal has so many of it: an event, or an action that was carried out."""

    def so_far():
        return [e for e in hotline.events() if isinstance(e, kind) or isinstance(_did(e), kind)]

    await until(lambda: len(so_far()) >= times, kind.__name__)


def _did(event):
    return event.action if isinstance(event, ev.Did) else None
