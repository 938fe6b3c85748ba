"""Bad input, in the spirit of RFC 4475: never raises, never makes a call, is counted, and answered
as RFC 3261 says or not at all."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.telephony.sip.events import Invited, Send
from hotline.telephony.sip.guard import Guard, networks
from hotline.telephony.sip.message import Hop, UnreadableError, read, split
from hotline.telephony.sip.sdp import SdpError, parse
from hotline.telephony.sip.stream import Stream
from tests.telephony.sip.kit import OFFER, PEER, Bench, invite, message

VALID = [
    # 3.1.1.1: folding, white space before the colon, compact and odd-cased names
    b"INVITE sip:95598@192.0.2.1 SIP/2.0\r\n"
    b"TO :\r\n sip:95598@192.0.2.1\r\n"
    b'f: "A \\"quoted\\" \xe5\xbc\xa0" <sip:alice@192.0.2.77>\r\n  ;\r\n tag  =  98asjd8\r\n'
    b"MaX-fOrWaRdS: 0068\r\n"
    b"i: folded.1@192.0.2.77\r\n"
    b"cseq: 0009\r\n  INVITE\r\n"
    b"v  : SIP  /   2.0\r\n /UDP 192.0.2.77;branch=z9hG4bKfolded\r\n"
    b"NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
    b"m:<sip:alice@192.0.2.77>\r\n"
    b"l:0\r\n\r\n",
    # 3.1.1.6: no LWS between display name and <
    invite(From="caller<sip:caller@192.0.2.77>;tag=323"),
    # 3.1.1.9: a semicolon in the user part
    message("INVITE sip:user;par=u%40example.net@192.0.2.1", body=OFFER),
    # 3.1.1.13: odd but legal methods' neighbours: unknown schemes in From and To
    invite(From="<unobtanium:alice@mines.example>;tag=x", To="<isbn:2983792873>"),
    # an unquoted display name that is not ASCII, as telephones send it
    invite(From="张三 <sip:alice@192.0.2.77>;tag=x"),
    # more body than Content-Length: the rest is dropped (18.3)
    invite({"Content-Length": str(len(OFFER))}, OFFER + "rest"),
    # CRLFs before the start line (7.5)
    b"\r\n\r\n" + invite(),
]


@pytest.mark.parametrize("data", VALID, ids=range(len(VALID)))
def test_odd_but_valid(data):
    bench = Bench()
    said = bench.say(data)
    assert [one.code for one in said] == []
    assert len(bench.told(Invited)) == 1


ANSWERED = [
    (invite({"Content-Length": "9999"}), 400),  # 3.1.2.2
    (invite({"Content-Length": "-999"}), 400),  # 3.1.2.3
    (invite(CSeq="36893488147419103232 INVITE"), 400),  # 3.1.2.4
    (invite(CSeq="2147483648 INVITE"), 400),
    (invite(CSeq="1 NOTIFY"), 400),  # 3.1.2.17
    (invite(CSeq="INVITE"), 400),
    (message("INVITE <sip:95598@192.0.2.1>", body=OFFER), 400),  # 3.1.2.7
    (message("INVITE sip:95598 @192.0.2.1", body=OFFER), 400),  # 3.1.2.8
    (message("INVITE  sip:95598@192.0.2.1", body=OFFER), 400),
    (message("INVITE sip:95598@192.0.2.1:99999", body=OFFER), 400),
    (invite().replace(b"SIP/2.0\r\n", b"SIP/7.0\r\n", 1), 505),  # 3.1.2.16
    (invite(From=""), 400),  # 3.3.1
    (invite(To=""), 400),
    (invite({"Call-ID": ""}), 400),
    (invite({"CSeq": ""}), 400),
    (invite(To='"Mr. J. User <sip:95598@192.0.2.1>'), 400),  # 3.1.2.6: unterminated quote
    (invite(From="sip:alice@192.0.2.77;tag=a b"), 400),
    (invite().replace(b"Call-ID", b"CSeq: 7 INVITE\r\nCall-ID"), 400),  # 3.3.8
    (invite().replace(b"Call-ID", b"no colon here\r\nCall-ID"), 400),
    (invite({"Max-Forwards": "256"}), 400),
    (invite({"Max-Forwards": "many"}), 400),
    (invite({"Content-Length": "40000"}, "x" * 40_000), 513),
]


@pytest.mark.parametrize(("data", "code"), ANSWERED, ids=range(len(ANSWERED)))
def test_answered_without_a_call(data, code):
    bench = Bench()
    [said] = bench.say(data)
    assert said.code == code
    assert said.to == PEER
    assert bench.agent.counted["flawed"] == 1
    assert bench.events == []
    assert not bench.agent._servers


SILENT = [
    b"",
    b"hello",
    b"\xff" * 100,
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"INVITE",
    invite(Via=""),  # nobody knows where an answer would go
    invite(Via="SIP/2.0/UDP ;branch=x"),
    invite(Via="nonsense"),
    invite(Via="SIP/2.0/UDP 192.0.2.77;self=1"),
    invite().replace(b"\r\n\r\n", b"\r\n"),
    invite().replace(b"70", b"7\n0"),
    invite().replace(b"70", b"7\x000"),
    invite().replace(b"INVITE sip:", b"INVITE sip:\xff\xfe"),
    invite().replace(b"branch=", b"\xff="),
    invite(Subject="x" * 20_000),
    message("ACK sip:95598@192.0.2.1", {"CSeq": "nonsense"}),  # an ACK is never answered
    message("ACK sip:95598@192.0.2.1"),
    invite().replace(b"INVITE sip:95598@192.0.2.1 SIP/2.0", b"SIP/2.0 200 OK"),
    invite().replace(b"INVITE sip:95598@192.0.2.1 SIP/2.0", b"SIP/2.0 999 Odd"),
    invite().replace(b"INVITE sip:95598@192.0.2.1 SIP/2.0", b"SIP/2.0 -1 Odd"),
]


@pytest.mark.parametrize("data", SILENT, ids=range(len(SILENT)))
def test_not_even_answered(data):
    bench = Bench()
    assert bench.say(data) == []
    assert bench.events == []
    assert "faults" not in bench.agent.counted


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("2147483647", 2**31 - 1),
        ("4294967295", 2**32 - 1),
        ("10 000", None),
        ("-1", None),
    ],
)
def test_whole_numbers_have_32_bits(text, number):
    # RSeq (RFC 3262 7.1) and Expires use them all
    assert read(invite({"RSeq": text}), PEER).number("RSeq") == number


def test_a_stranger_beyond_his_rate_is_dropped():
    bench = Bench(guard=Guard(trusted=(), rate=1, burst=5))
    options = [
        message("OPTIONS sip:x@192.0.2.1", Via=f"SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bK{n}")
        for n in range(20)
    ]
    assert sum(len(bench.say(data)) for data in options) == 5
    assert bench.agent.counted["too_fast"] == 15
    bench.wait(3)
    again = message("OPTIONS sip:x@192.0.2.1", Via="SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKx")
    assert len(bench.say(again)) == 1


def test_malformed_packets_count_against_the_rate():
    bench = Bench(guard=Guard(trusted=(), rate=1, burst=5))
    assert sum(len(bench.say(invite({"Content-Length": "-1"}))) for _ in range(20)) == 5


def test_who_is_not_allowed():
    bench = Bench(guard=Guard(networks(["198.51.100.0/24"]), trusted=()))
    [said] = bench.say(invite())
    assert said.code == 403
    assert bench.say(b"nonsense") == []
    assert bench.told(Invited) == []
    assert bench.agent.counted["forbidden"] == 2


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_bytes(data):
    bench = Bench()
    bench.say(data)
    assert "faults" not in bench.agent.counted
    assert bench.told(Invited) == []


EDITS = st.lists(
    st.tuples(st.floats(0, 0.999), st.integers(0, 40), st.binary(max_size=12)), max_size=6
)
MESSAGES = st.sampled_from(
    [
        invite(),
        invite(body=""),
        invite(Require="100rel", Session_Expires="1800", Record_Route="<sip:a;lr>"),
        message("CANCEL sip:95598@192.0.2.1", {"CSeq": "1 CANCEL"}),
        message("OPTIONS sip:95598@192.0.2.1"),
        message("REGISTER sip:192.0.2.1", Authorization='Digest username="a", realm="95598"'),
        message("BYE sip:95598@192.0.2.1", To="<sip:x@y>;tag=z"),
    ]
)


@given(st.lists(st.tuples(MESSAGES, EDITS), min_size=1, max_size=5))
@settings(max_examples=250, deadline=None)
def test_damaged_messages(messages):
    """Bytes cut out and put in anywhere: no fault, and nothing sent to another host."""
    bench = Bench()
    for data, edits in messages:
        for place, cut, put in edits:
            at = int(place * len(data))
            data = data[:at] + put + data[at + cut :]
        bench.agent.receive(data, PEER, bench.now)
        for output in bench.agent.take():
            if isinstance(output, Send):
                assert output.to.host == PEER.host
            elif isinstance(output, Invited):
                output.session.accept(("192.0.2.1", 40000))
    assert "faults" not in bench.agent.counted


LINES = st.lists(
    st.one_of(
        st.sampled_from(OFFER.split("\r\n")),
        st.sampled_from(["m=audio 1 RTP/AVP", "c=IN IP4 a", "a=rtpmap:8 x/y", "a=ptime:0", "m="]),
        st.text(max_size=30),
    ),
    max_size=14,
)


@given(LINES)
@settings(max_examples=200, deadline=None)
def test_any_sdp(lines):
    body = "\r\n".join(lines)
    with contextlib.suppress(SdpError):
        parse(body.encode())
    bench = Bench()
    bench.say(invite(body=body))
    assert "faults" not in bench.agent.counted


class TestStream:
    """18.3 and RFC 5626 4.4.1: messages out of a TCP connection."""

    FLOW = Hop("TCP", "192.0.2.77", 40000, flow=3)

    @given(st.lists(st.integers(0, 2000), max_size=6))
    @settings(max_examples=60, deadline=None)
    def test_pieces_of_any_size(self, cuts):
        whole = invite() + b"\r\n\r\n" + message("OPTIONS sip:95598@192.0.2.1")
        stream, got, at = Stream(), [], 0
        for cut in [*sorted(c for c in cuts if c < len(whole)), len(whole)]:
            got += stream.feed(whole[at:cut])
            at = cut
        assert [one for one in got if one != Stream.PING] == [
            invite(),
            message("OPTIONS sip:95598@192.0.2.1"),
        ]

    @pytest.mark.parametrize("length", [b"Content-Length:\r\n 1\r\n", b"l  :\t1 \r\n"])
    def test_a_length_in_odd_writing(self, length):
        whole = b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n" + length + b"\r\n!"
        assert Stream().feed(whole) == [whole]

    def test_a_single_crlf_is_no_beginning(self):
        """Some telephones keep their connection alive with that."""
        stream = Stream()
        assert stream.feed(b"\r\n") == []
        assert not stream.partial
        assert stream.feed(invite()) == [invite()]
        assert not stream.partial

    def test_keep_alive(self):
        bench = Bench(source=self.FLOW)
        [pong] = bench.say(b"\r\n\r\n")
        assert (pong.text, pong.to) == ("\r\n", self.FLOW)

    @pytest.mark.parametrize(
        "data", [invite({"Content-Length": ""}), b"x" * 20_000, invite({"Content-Length": "99999"})]
    )
    def test_what_cannot_be_framed_ends_the_connection(self, data):
        bench = Bench(source=self.FLOW)
        assert bench.say(data) == []
        assert [event.flow for event in bench.events] == [3]

    def test_no_repetition_by_the_transaction_but_the_2xx_is_repeated(self):
        bench = Bench(source=self.FLOW)
        bench.answer = lambda b, e: isinstance(e, Invited) and e.session.reject(486)
        bench.say(invite(Via="SIP/2.0/TCP 192.0.2.77;branch=z9hG4bKone"))
        assert bench.wait(40) == []

    def test_hostile_quotes_take_no_time(self):
        with pytest.raises(UnreadableError):
            Stream().feed(b'"\\' * 20_000)
        assert len(split('"\\' * 8000)) == 1
