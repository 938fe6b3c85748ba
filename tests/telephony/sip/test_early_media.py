"""Early media to foreign callers, free of charge: a ring-back tone before the answer, the reason
before a refusal."""

from __future__ import annotations

from hotline.switch import actions as do
from hotline.switch import events as ev
from tests.telephony.sip.peers import Baresip, Hotline, Phones, needs, prompts_in, sipp

pytestmark = needs("sipp", "baresip")


async def test_sipp_and_baresip_hear_it(tmp_path):
    options = ["--early-media", "both", "--trunks", "1"]
    async with (
        Hotline(tmp_path / "hotline", *options) as hotline,
        Baresip(tmp_path / "baresip") as baresip,
        Phones(f"sip:95598@127.0.0.1:{hotline.port}") as phones,
    ):
        [first] = await phones.connected(1)  # the only line is his
        await baresip.do("dial", f"sip:95598@127.0.0.1:{hotline.port}")
        assert await sipp("refused", hotline.port, tmp_path) == ""
        await baresip.says("session closed: 486")
        first.hang_up()
        assert await sipp("early", hotline.port, tmp_path) == ""
    # it may begin a second recording when the stream begins
    heard = [prompt for path in baresip.recordings for prompt in prompts_in(path)]
    assert heard == ["refused.trunks"]
    answered = [journal for journal in hotline.journals() if plays(journal)]
    assert len(answered) == 2
    for journal in answered:
        assert [type(action) for action in did(journal)][:3] == [do.Play, do.Answer, do.Play]
        assert did(journal)[0].what == do.Tone("ringback")


def did(journal):
    return [event.action for event in journal if isinstance(event, ev.Did)]


def plays(journal):
    return [action for action in did(journal) if isinstance(action, do.Play)]
