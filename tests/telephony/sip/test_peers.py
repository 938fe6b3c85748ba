"""Foreign peers call `hotline serve --sip`, and are called: SIPp, baresip. All of it side by side."""

import asyncio
from collections import Counter

from hotline.switch import events as ev
from hotline.switch.clock import WallClock
from hotline.telephony.engine import Engine
from hotline.telephony.rtp.port import RtpPorts
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.endpoint import SipEndpoint
from hotline.telephony.sip.events import Answered, Ended, Invited, MediaAgreed
from tests.telephony.sip.kit import uri
from tests.telephony.sip.peers import PCAPS, Baresip, Hotline, needs, sipp, until

pytestmark = needs("sipp", "baresip")


class Ringing:
    """A user agent of ours that lets calls ring; `calls` is its cap."""

    def __init__(self, calls=10):
        loop = asyncio.get_running_loop()
        self.events = []
        clock = WallClock(loop.time, loop.call_later)
        self.endpoint = SipEndpoint(clock, self._told, settings=Settings(calls=calls))

    def _told(self, event):
        self.events.append(event)
        if isinstance(event, Invited):
            event.session.ring()

    async def __aenter__(self):
        await self.endpoint.listen("127.0.0.1", 0)
        return self

    async def __aexit__(self, *problem):
        await self.endpoint.close()


async def test_sipp(tmp_path):
    """Our scenarios and SIPp's own, over UDP and TCP, at three user agents."""
    users = ["--sip-user", "alice:secret", "--sip-need-user", "--sip-digest", "MD5"]
    (tmp_path / "pcap").symlink_to(PCAPS)  # where SIPp's own scenarios look
    async with (
        Hotline(tmp_path / "open") as hotline,
        Hotline(tmp_path / "users", *users) as guarded,
        Ringing() as ringing,
        Ringing(calls=0) as full,
    ):
        runs = [
            *(
                sipp(name, hotline.port, tmp_path)
                for name in ("call", "options", "dtmf_events", "dtmf_info", "hold")
            ),
            *(sipp(name, hotline.port, tmp_path) for name in ("lost_ack", "repeated")),
            sipp("-uac", hotline.port, tmp_path, "-d", "1000"),
            sipp("-uac_pcap", hotline.port, tmp_path, "-d", "1000", "-r", "1"),
            sipp("call", hotline.port, tmp_path, "-t", "t1"),
            *(
                sipp(name, guarded.port, tmp_path)
                for name in ("digest", "wrong_password", "register")
            ),
            sipp("cancel", ringing.endpoint.port, tmp_path),
            sipp("overload", full.endpoint.port, tmp_path),
        ]
        assert [problem for problem in await asyncio.gather(*runs) if problem] == []
        assert full.events == []
        assert [type(event) for event in ringing.events] == [Invited, Ended]

    # every scenario that makes a call made one, and no other
    journals = hotline.journals()
    assert len(journals) == 9
    keys = Counter(
        "".join(event.key for event in journal if isinstance(event, ev.KeyPressed))
        for journal in journals
    )
    # telephone-event, INFO in both formats, and SIPp's own recording of the key 1
    assert (keys["2"], keys["2*"], keys["1"]) == (1, 1, 1)
    menus = [e.menu for journal in journals for e in journal if isinstance(e, ev.MenuEntered)]
    assert "fault" in menus
    assert len(guarded.journals()) == 1


async def test_baresip_is_called(tmp_path):
    """baresip as callee: it answers, its tone is heard, it is hung up on."""
    loop = asyncio.get_running_loop()
    clock = WallClock(loop.time, loop.call_later)
    engine, events, heard = Engine(clock), [], bytearray()

    def told(event):
        events.append(event)
        if isinstance(event, MediaAgreed):
            port.connect(event.stream)

    def agreed():
        return [event.stream for event in events if isinstance(event, MediaAgreed)]

    endpoint = SipEndpoint(clock, told)
    await endpoint.listen("127.0.0.1", 0)
    ports = RtpPorts(engine, "127.0.0.1")
    port = ports.open()
    engine.attach(port)
    port.listen(heard.extend)
    try:
        async with Baresip(tmp_path / "baresip") as phone:
            target = uri(f"sip:13900139000@127.0.0.1:{phone.port}")
            session = endpoint.agent.call(target, port.address, clock.now())
            endpoint.flush()
            await phone.says("Call established")
            await until(lambda: len(set(heard)) > 10, "a tone of 400 Hz, not silence")
            endpoint.act(lambda: session.renegotiate("sendonly"))
            await until(lambda: not agreed()[-1].receive, "his consent to be put on hold")
            endpoint.act(session.hang_up)
            await until(lambda: isinstance(events[-1], Ended), "the end")
            await phone.says("session closed")
    finally:
        await endpoint.close()
        port.close()
        ports.close()
    assert [type(event) for event in events if not isinstance(event, MediaAgreed)][-2:] == [
        Answered,
        Ended,
    ]
    assert events[-1].by_peer is False
    assert (agreed()[0].send, agreed()[0].receive) == (True, True)
    assert (agreed()[-1].send, agreed()[-1].receive) == (True, False)
