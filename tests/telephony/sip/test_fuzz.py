"""Telephones' own messages, damaged: whole calls of baresip and linphone, recorded at our port, in
which lines are lost, doubled, swapped, given other values, or taken from another message.

Whatever comes: nothing raises, an ACK is never answered, answers go where the request came from,
and once all calls have been hung up nothing is left of them.
"""

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.events import Ended, Invited, Send, TransferAsked
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.message import Hop
from tests.telephony.sip.kit import OFFER, Bench, invite, message

RECORDED = [
    (Path(__file__).with_name("captured") / f"{name}.sip").read_bytes().split(b"%%\r\n")
    for name in ("baresip", "linphone")
]
WRITTEN = [
    [
        invite(Supported="100rel, timer", Require="100rel"),
        message("CANCEL sip:95598@192.0.2.1", {"CSeq": "1 CANCEL"}),
        *(
            message(f"{method} sip:95598@192.0.2.1", {"To": "<sip:a@b>;tag=?"}, body, **more)
            for method, body, more in (
                ("PRACK", "", {"RAck": "1 1 INVITE", "CSeq": "2 PRACK"}),
                ("UPDATE", OFFER, {"CSeq": "3 UPDATE"}),
                ("INFO", "Signal=5", {"Content-Type": "application/dtmf-relay", "CSeq": "4 INFO"}),
                ("REFER", "", {"Refer-To": "<sip:x@y>", "CSeq": "5 REFER"}),
                ("NOTIFY", "", {"Event": "refer", "CSeq": "6 NOTIFY"}),
                ("OPTIONS", "", {"CSeq": "7 OPTIONS"}),
                ("BYE", "", {"CSeq": "8 BYE"}),
            )
        ),
    ]
]
CALLS = RECORDED + WRITTEN
ALL = [data for call in CALLS for data in call]
TAG = re.compile(rb"(?m)^(To:.*;tag=)[^;\r]+")
VALUES = st.sampled_from(
    [b"", b"0", b"-1", b"4294967296", b"9" * 40, b"*", b"<", b'"', b";", b",", b"sip:", b"<sip:>",
     b"<sip:a@b;transport=tls>", b"<sip:a@[::1]:70000>", b"<tel:+86>", b"\xb2\xe2", b"%00", b"a" * 3000,
     b"SIP/2.0/UDP 203.0.113.1;branch=z9hG4bK;received=203.0.113.2;rport", b"timer, 100rel",
     b"multipart/mixed;boundary=x", b"Digest x=", b"1 INVITE", b"2147483647 BYE"]
)  # fmt: skip
PLACE = st.floats(0, 0.999)
EDIT = st.one_of(
    st.tuples(st.sampled_from(["lose", "double", "swap"]), PLACE, PLACE),
    st.tuples(st.just("value"), PLACE, VALUES),
    st.tuples(st.just("graft"), PLACE, PLACE),
    st.tuples(st.just("bytes"), PLACE, st.binary(max_size=6)),
    st.tuples(st.just("cut"), PLACE, PLACE),
)


def damage(data, edit):
    kind, place, other = edit
    lines = data.split(b"\r\n")
    at = int(place * len(lines))
    match kind:
        case "lose":
            del lines[at]
        case "double":
            lines.insert(int(other * len(lines)), lines[at])
        case "swap":
            to = int(other * len(lines))
            lines[at], lines[to] = lines[to], lines[at]
        case "value":
            name, separator, _ = re.split(rb"([:=])", lines[at] + b":", maxsplit=1)
            lines[at] = name + separator + b" " * (separator == b":") + other
        case "graft":
            lines[at] = (several := ALL[int(other * len(ALL))].split(b"\r\n"))[at % len(several)]
        case "bytes":
            position = int(place * len(data))
            return data[:position] + other + data[position + len(other) // 2 :]
        case "cut":
            return data[: int(place * len(data))]
    return b"\r\n".join(lines)


def within_dialog(data, tag):
    """It speaks within the call that we made of its INVITE."""
    octets = tag.encode("utf-8", "surrogateescape")
    return TAG.sub(lambda found: found[1] + octets, data)


STEPS = st.lists(
    st.tuples(
        st.lists(EDIT, max_size=3),
        st.sampled_from(["once", "once", "once", "twice", "never"]),
        st.sampled_from([0.0, 0.0, 0.3, 1.0, 40.0]),
    ),
    min_size=len(max(CALLS, key=len)),
    max_size=len(max(CALLS, key=len)),
)
SOURCES = st.sampled_from(
    [Hop("UDP", "127.0.0.1", 36604), Hop("UDP", "198.51.100.7", 5060),
     Hop("TCP", "198.51.100.8", 40000, flow=7)]
)  # fmt: skip


def acts(how):
    """A user of the agent who does something with each call."""

    def answer(bench, event):
        if isinstance(event, Invited):
            match how:
                case "accept":
                    event.session.accept(("192.0.2.1", 40000))
                case "early":
                    event.session.progress(("192.0.2.1", 40000))
                    event.session.accept(("192.0.2.1", 40000))
                case "ring":
                    event.session.ring()
                case "refuse":
                    event.session.reject(486)
        elif isinstance(event, TransferAsked):
            event.session.transfer_answer(True)
            event.session.transfer_went(200)

    return answer


def kept(agent):
    """What is kept for calls and transactions."""
    tables = ("sessions", "_servers", "_clients", "_inbound", "_merged", "_dialogs", "_open")
    return {name: table for name in tables if (table := getattr(agent, name))}


@given(
    call=st.integers(0, len(CALLS) - 1),
    steps=STEPS,
    source=SOURCES,
    how=st.sampled_from(["accept", "early", "ring", "refuse"]),
    users=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_a_damaged_call(call, steps, source, how, users):
    bench = Bench(
        Settings(users={"alice": "secret"} if users else {}, calls_need_user=users),
        Guard() if source.host == "127.0.0.1" else Guard(trusted=(), rate=1000, burst=1000),
        acts(how),
        source,
    )
    for data, (edits, times, pause) in zip(CALLS[call], steps, strict=False):
        tags = [said.tag for said in bench.sent if said.tag]
        if tags:
            data = within_dialog(data, tags[-1])
        for edit in edits:
            data = damage(data, edit)
        for _ in range({"never": 0, "once": 1, "twice": 2}[times]):
            said = bench.say(data)
            answers = [one for one in said if one.code]
            assert {one.to.host for one in answers} <= {source.host}
            if data.startswith(b"ACK ") and not source.reliable:
                assert not answers
        bench.wait(pause)
    assert "faults" not in bench.agent.counted
    for session in list(bench.agent.sessions):
        bench.do(session.hang_up)
    bench.agent.closed(7, bench.now)
    bench.wait(400)
    assert kept(bench.agent) == {}
    assert len(bench.told(Invited)) == len(bench.told(Ended))
    assert all(isinstance(event, Send) is False for event in bench.events)
