"""The far side of SIP, hostile or only foreign: what the RFCs demand of a user agent, clause by clause.

Written from the RFCs, message by message; the neighbours of this file hold the ordinary course.
"""

import pytest

from hotline.telephony.sip import agent as agents
from hotline.telephony.sip import guard as guards
from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.digest import Credentials
from hotline.telephony.sip.events import Answered, Ended, Invited, MediaAgreed, TransferWent
from hotline.telephony.sip.guard import Guard
from hotline.telephony.sip.message import Hop
from tests.telephony.sip.kit import OFFER, PEER, US, Bench, invite, message, uri, within

HERE = (US[0], 40000)


def accepts(bench, event):
    if isinstance(event, Invited):
        event.session.accept(HERE)


def rings(bench, event):
    if isinstance(event, Invited):
        event.session.ring()


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def answering():
    return Bench(answer=accepts)


@pytest.fixture
def calling():
    made = Bench()
    made.call = lambda: made.agent.call(uri("sip:139@192.0.2.77:5062"), HERE, made.now)
    return made


def reply(request, code, *, tag="far", via="", body="", **headers):
    """The far side's response to a request that the agent sent."""
    lines = {
        "Via": via or request.header("Via"),
        "From": request.header("From"),
        "To": request.header("To") + (f";tag={tag}" if ";tag=" not in request.header("To") else ""),
        "Call-ID": request.header("Call-ID"),
        "CSeq": request.header("CSeq"),
        "Contact": "<sip:139@192.0.2.77:5062>",
        "Max-Forwards": "",
    }
    if body:
        lines["Content-Type"] = "application/sdp"
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    text = message(f"SIP/2.0 {code} X", lines, body).decode()
    return text.replace(f"SIP/2.0 {code} X SIP/2.0", f"SIP/2.0 {code} X", 1).encode()


ANSWER = OFFER.replace("8 0 97", "8 97")


class TestMerged:
    """8.2.2.2: one request by two ways."""

    def again(self, branch):
        return invite(Via=f"SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bK{branch}")

    def test_a_third_way_is_as_merged_as_the_second(self, answering):
        answering.say(invite())
        for number in range(3):
            [said] = answering.say(self.again(f"way{number}"))
            assert said.code == 482
            ack = message(
                "ACK sip:95598@192.0.2.1",
                {"To": said.header("To"), "Via": said.header("Via").split(";received")[0]},
                CSeq="1 ACK",
            )
            answering.say(ack)
            answering.wait(6)  # the refusal's transaction is over
        assert len(answering.told(Invited)) == 1

    @pytest.mark.parametrize("method", ["OPTIONS", "REGISTER"])
    def test_other_requests_too(self, bench, method):
        first = message(f"{method} sip:95598@192.0.2.1")
        second = message(
            f"{method} sip:95598@192.0.2.1",
            Via="SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKtwo",
        )
        assert bench.say(first)[0].code != 482
        assert bench.say(second)[0].code == 482


class TestResponses:
    """8.1.3, 17.1.3, 18.1.2: whose response it is."""

    def test_one_with_a_second_via_is_for_somebody_else(self, calling):
        [sent] = calling.do(calling.call)
        two = sent.header("Via") + ", SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKx"
        assert calling.say(reply(sent, 200, via=two, body=ANSWER)) == []
        assert calling.told(Answered) == []

    def test_of_another_method(self, calling):
        [sent] = calling.do(calling.call)
        number = sent.header("CSeq").split()[0]
        assert calling.say(reply(sent, 200, CSeq=f"{number} BYE")) == []
        assert calling.told(Ended) == []

    @pytest.mark.parametrize("code", [300, 301, 302, 305, 380])
    def test_a_redirection_is_not_followed(self, calling, code):
        [sent] = calling.do(calling.call)
        said = calling.say(reply(sent, code, Contact="<sip:premium@203.0.113.9>"))
        assert [one.method for one in said] == ["ACK"]
        assert {one.to.host for one in calling.wait(100)} <= {PEER.host}
        assert [event.code for event in calling.told(Ended)] == [code]

    def test_an_unknown_code_counts_as_the_x00_of_its_class(self, calling):
        [sent] = calling.do(calling.call)
        calling.say(reply(sent, 499))
        assert calling.told(Ended)[0].by_peer

    def test_many_telephones_that_answer_are_not_all_written_to(self, calling):
        """Each 2xx with a new tag asks for an ACK and a BYE to a Contact of its choice."""
        [sent] = calling.do(calling.call)
        calling.say(reply(sent, 200, body=ANSWER))
        contact = "<sip:victim@203.0.113.9>"
        for number in range(200):
            calling.say(reply(sent, 200, tag=f"fork{number}", body=ANSWER, Contact=contact))
        calling.wait(100)
        third = [one for one in calling.sent if one.to.host == "203.0.113.9"]
        assert len(third) < 200

    def test_a_cancelled_call_without_its_487_is_forgotten(self, calling):
        """9.1: 64 * T1 after the CANCEL the INVITE counts as cancelled."""
        calling.do(lambda: setattr(calling, "session", calling.call()))
        [sent] = calling.sent
        calling.say(reply(sent, 180))
        [cancel] = calling.do(calling.session.hang_up)
        calling.say(reply(cancel, 200))
        calling.wait(33)
        assert not calling.agent._clients


class TestHeaders:
    def test_100_has_the_timestamp_of_its_request(self, bench):
        """8.2.6.1"""
        bench.say(invite(Timestamp="54"))
        [trying] = bench.wait(0.3)
        assert trying.code == 100
        assert trying.header("Timestamp").split()[0] == "54"

    @pytest.mark.parametrize("encoding", ["gb18030", "latin-1"])
    def test_a_display_name_in_an_old_script_does_not_lose_the_call(self, answering, encoding):
        name = {"gb18030": "张三", "latin-1": "Müller"}[encoding].encode(encoding)
        [ok] = answering.say(invite().replace(b"Alice", name))
        assert ok.code == 200
        assert name in ok.text.encode("utf-8", "surrogateescape")
        assert answering.told(Invited)[0].number == "13800138000"
        answering.say(within("ACK", ok, sequence=1))
        assert len(answering.told(Answered)) == 1

    def test_zero_max_forwards_is_for_proxies(self, answering):
        """16.3: who is the goal of a request does not forward it."""
        assert answering.say(invite({"Max-Forwards": "0"}))[0].code == 200

    def test_compact_forms(self, answering):
        compact = {"From": "f", "To": "t", "Via": "v", "Call-ID": "i", "Contact": "m",
                   "Content-Type": "c", "Content-Length": "l"}  # fmt: skip
        data = invite(Supported="timer", **{"Session-Expires": "600"})
        for name, letter in {**compact, "Session-Expires": "x", "Supported": "k"}.items():
            data = data.replace(f"\r\n{name}: ".encode(), f"\r\n{letter}:".encode())
        [ok] = answering.say(data)
        assert (ok.code, ok.header("Session-Expires")) == (200, "600;refresher=uac")

    def test_require_is_ignored_in_ack_and_cancel(self, bench):
        """8.2.2.3"""
        bench.say(invite())
        cancel = message("CANCEL sip:95598@192.0.2.1", {"CSeq": "1 CANCEL"}, Require="nothing")
        assert [one.code for one in bench.say(cancel)] == [200, 487]

    def test_content_that_may_be_ignored(self, answering):
        """20.11: a body with handling=optional that we do not know is no reason to refuse."""
        optional = {"Content-Type": "text/plain", "Content-Disposition": "x;handling=optional"}
        assert answering.say(invite(optional, "hello"))[0].code == 200

    def test_the_description_among_other_parts(self, answering):
        """RFC 5621: carriers send ISUP beside it."""
        parts = f"--x\r\nContent-Type: application/isup\r\n\r\n\x01\x02\r\n--x\r\nc:application/sdp\r\n\r\n{OFFER}\r\n--x--\r\n"
        mixed = {"Content-Type": 'multipart/mixed; boundary="x"'}
        [ok] = answering.say(invite(mixed, parts))
        assert (ok.code, "m=audio 40000 RTP/AVP 8" in ok.body) == (200, True)

    @pytest.mark.parametrize(
        "kind", ["multipart/mixed", "multipart/mixed;boundary=x", "text/plain"]
    )
    def test_no_description_among_the_parts(self, bench, kind):
        [said] = bench.say(invite({"Content-Type": kind}, "--x\r\n\r\nhello\r\n--x--"))
        assert (said.code, "application/sdp" in said.header("Accept")) == (415, True)


class TestOfferAndAnswer:
    def test_update_with_an_offer_before_we_answered_the_first(self):
        """RFC 3311 5.2: 500 with Retry-After."""
        bench = Bench(answer=rings)
        [ringing] = bench.say(invite())
        [said] = bench.say(within("UPDATE", ringing, body=OFFER))
        assert said.code == 500
        assert 0 <= int(said.header("Retry-After")) <= 10

    def test_a_new_offer_while_ours_waits_for_its_answer(self, answering):
        """RFC 6337 3.3; 3264 4: 491 until our own offer has been answered."""
        ok = answering.established()
        [offer] = answering.say(within("INVITE", ok, sequence=2))
        assert (offer.code, "m=audio" in offer.body) == (200, True)
        [said] = answering.say(within("INVITE", ok, sequence=3, body=OFFER))
        assert said.code == 491
        answering.say(within("ACK", ok, sequence=2, body=ANSWER))
        assert answering.told(Ended) == []

    def test_attributes_with_a_blank_at_the_end(self, answering):
        [ok] = answering.say(invite(body=OFFER + "a=sendonly \r\n"))
        assert "a=recvonly" in ok.body

    def test_encrypted_or_plain_whichever(self, answering):
        """Telephones with optional SRTP offer both, each with its m-line."""
        both = OFFER.replace("m=audio 6000", "m=audio 6100 RTP/SAVP 8\r\nm=audio 6000", 1)
        [ok] = answering.say(invite(body=both))
        lines = [line for line in ok.body.split("\r\n") if line.startswith("m=")]
        assert lines[0].startswith("m=audio 0 RTP/SAVP 8")
        assert lines[1].startswith("m=audio 40000 RTP/AVP 8")

    @pytest.mark.parametrize("protocol", ["RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVPF"])
    def test_encrypted_only(self, answering, protocol):
        [said] = answering.say(invite(body=OFFER.replace("RTP/AVP", protocol)))
        assert said.code == 488
        assert "only plain RTP" in said.header("Warning")

    def test_video_added_later_is_refused_alone(self, answering):
        ok = answering.established()
        video = OFFER.replace("1 1 IN", "1 2 IN") + "m=video 6002 RTP/AVP 96\r\n"
        [said] = answering.say(within("INVITE", ok, body=video))
        assert "m=video 0 RTP/AVP 96" in said.body
        assert "m=audio 40000" in said.body

    def test_another_law_and_another_event_number(self, answering):
        ok = answering.established()
        other = OFFER.replace("8 0 97", "0 120").replace(":97", ":120").replace("1 1 IN", "1 2 IN")
        answering.say(within("INVITE", ok, body=other))
        stream = answering.told(MediaAgreed)[-1].stream
        assert (stream.codec, stream.payload, stream.event_payload) == ("PCMU", 0, 120)


class TestSessionTimers:
    """RFC 4028"""

    def test_no_shorter_than_the_callers_least(self, answering):
        [ok] = answering.say(invite(Supported="timer", **{"Min-SE": "3600"}))
        assert int(ok.header("Session-Expires").split(";")[0]) >= 3600

    def test_422_only_for_who_knows_what_it_means(self, answering):
        """9: the caller must have said `Supported: timer`."""
        [said] = answering.say(invite({"Session-Expires": "30"}))
        assert said.code == 200

    def test_422_names_ours(self, answering):
        [said] = answering.say(invite({"Session-Expires": "30"}, Supported="timer"))
        assert (said.code, said.header("Min-SE")) == (422, "90")


class TestNotify:
    def test_without_a_refer_nothing_is_subscribed_to(self, answering):
        """RFC 3515 2.4.4, RFC 6665 4.1.3: 481"""
        ok = answering.established()
        body = "SIP/2.0 200 OK\r\n"
        notify = within("NOTIFY", ok, body=body, Event="refer",
                        **{"Subscription-State": "active", "Content-Type": "message/sipfrag"})  # fmt: skip
        [said] = answering.say(notify)
        assert said.code == 481
        assert answering.told(TransferWent) == []


class TestFlood:
    def test_cancels_of_nothing_count_against_the_rate(self):
        bench = Bench(guard=Guard(trusted=(), rate=1, burst=5))
        vias = [f"SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bK{n}" for n in range(20)]
        said = [bench.say(message("CANCEL sip:95598@192.0.2.1", Via=via)) for via in vias]
        assert sum(map(len, said)) == 5

    def test_calls_in_progress_do_not_suffer_from_strangers(self, monkeypatch):
        """All transactions are taken by others: a call can still be ended."""
        monkeypatch.setattr(agents, "TRANSACTIONS", 20)
        bench = Bench(answer=accepts, guard=Guard(trusted=()))
        ok = bench.established()
        for number in range(100):
            via = f"SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bK{number}"
            data = message("OPTIONS sip:x@192.0.2.1", {"Call-ID": f"c{number}"}, Via=via)
            bench.say(data, Hop("UDP", f"203.0.113.{number}", 5060))
        assert [one.code for one in bench.say(within("BYE", ok))] == [200]

    def test_a_caller_cannot_take_all_transactions(self, monkeypatch):
        bench = Bench(answer=accepts, guard=Guard(trusted=()))
        ok = bench.established()
        for number in range(2, 3000):
            bench.say(within("INFO", ok, sequence=number))
        assert len(bench.agent._servers) < 1000

    @pytest.mark.parametrize("method", ["OPTIONS", "INVITE", "REGISTER", "CANCEL", "BYE"])
    def test_what_is_kept_for_many_sources_is_bounded_and_forgotten(self, monkeypatch, method):
        monkeypatch.setattr(agents, "TRANSACTIONS", 300)
        monkeypatch.setattr(guards, "BUCKETS", 200)
        settings = Settings(users={"alice": "secret"}, calls=50)
        bench = Bench(settings, Guard(trusted=()), accepts)
        for number in range(1000):
            via = f"SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK{number}"
            data = message(
                f"{method} sip:x@192.0.2.1", {"Call-ID": f"c{number}", "Via": via}, OFFER
            )
            host = f"198.{18 + number // 62500}.{number // 250 % 250}.{number % 250}"
            for said in bench.say(data, Hop("UDP", host, 5060)):
                assert said.to.host == host
        agent = bench.agent
        assert len(agent.sessions) <= 50
        for table in (agent._servers, agent._merged, agent._open, agent.guard._buckets):
            assert 0 <= len(table) <= 300
        bench.wait(200)  # nobody sends an ACK
        assert not agent.sessions
        for table in (agent._servers, agent._merged, agent._open, agent._inbound, agent._dialogs):
            assert not table


class TestConnections:
    """18.2.2, 18.3"""

    FLOW = Hop("TCP", "192.0.2.77", 40000, flow=3)

    def over_tcp(self, bench):
        via = "SIP/2.0/TCP 192.0.2.77:5070;branch=z9hG4bKtcp"
        return bench.say(invite(Via=via), self.FLOW)

    def test_a_response_whose_connection_is_gone_opens_one_to_the_via(self):
        bench = Bench()
        self.over_tcp(bench)
        bench.agent.closed(3, bench.now)
        [ok] = bench.do(lambda: bench.told(Invited)[0].session.accept(HERE))
        assert (ok.code, ok.to) == (200, Hop("TCP", "192.0.2.77", 5070))

    def test_two_messages_and_a_half_in_one_segment(self):
        bench = Bench(source=self.FLOW)
        options = [
            message("OPTIONS sip:x@192.0.2.1", {"Call-ID": f"o{n}"},
                    Via=f"SIP/2.0/TCP 192.0.2.77;branch=z9hG4bK{n}")
            for n in range(3)
        ]  # fmt: skip
        said = bench.say(b"".join(options)[:-40])
        assert [one.code for one in said] == [200, 200]
        assert [one.code for one in bench.say(options[2][-40:])] == [200]


class TestChallenges:
    """22.2, 22.3"""

    PROXY = 'Digest realm="proxy", nonce="p", qop="auth"'
    PBX = 'Digest realm="pbx", nonce="b", qop="auth"'

    @pytest.fixture
    def asked(self, calling):
        who = Credentials("alice", "secret")
        [sent] = calling.do(
            lambda: calling.agent.call(
                uri("sip:139@192.0.2.77"), HERE, calling.now, credentials=who
            )
        )
        _ack, again = calling.say(reply(sent, 407, **{"Proxy-Authenticate": self.PROXY}))
        return again

    def test_a_proxy_and_who_is_behind_it(self, calling, asked):
        _ack, both = calling.say(reply(asked, 401, **{"WWW-Authenticate": self.PBX}))
        proxy, pbx = both.header("Proxy-Authorization"), both.header("Authorization")
        assert ('nonce="p"' in proxy, "nc=00000002" in proxy) == (True, True)
        assert ('nonce="b"' in pbx, "nc=00000001" in pbx) == (True, True)
        [ack] = calling.say(reply(both, 200, body=ANSWER))
        assert ack.header("Proxy-Authorization") == proxy
        assert ack.header("Authorization") == pbx

    def test_no_end_of_stale_nonces(self, calling, asked):
        for _ in range(10):
            stale = {"Proxy-Authenticate": self.PROXY + ", stale=true"}
            said = calling.say(reply(asked, 407, **stale))
            if len(said) < 2:
                break
            asked = said[1]
        assert [event.code for event in calling.told(Ended)] == [407]


class TestReinviteByUs:
    def up(self, bench):
        ok = bench.established()
        hold = bench.do(lambda: bench.session.renegotiate("sendonly"))[0]
        return ok, hold

    def test_the_ack_goes_to_the_new_target(self, answering):
        """12.2.1.2: the 2xx moves it."""
        _, hold = self.up(answering)
        moved = "<sip:alice@192.0.2.90:5070>"
        [ack] = answering.say(reply(hold, 200, body=ANSWER, Contact=moved))
        assert ack.text.startswith("ACK sip:alice@192.0.2.90:5070")
        assert ack.to == Hop("UDP", "192.0.2.90", 5070)

    def test_an_old_2xx_is_not_the_answer_to_a_new_offer(self, answering):
        _, hold = self.up(answering)
        old = reply(hold, 200, body=ANSWER.replace("a=rtpmap", "a=recvonly\r\na=rtpmap", 1))
        answering.say(old)
        [resume] = answering.do(lambda: answering.session.renegotiate("sendrecv"))
        before = len(answering.told(MediaAgreed))
        [ack] = answering.say(old)
        assert ack.header("CSeq").split()[0] == hold.header("CSeq").split()[0]
        assert len(answering.told(MediaAgreed)) == before
        answering.say(reply(resume, 200, body=ANSWER))
        assert answering.told(MediaAgreed)[-1].stream.send


class TestWhereRequestsGo:
    """12.2.1.1, 8.1.2"""

    def hung_up(self, bench, **headers):
        [ok] = bench.say(invite(headers))
        bench.say(within("ACK", ok, sequence=1))
        return bench.do(bench.told(Invited)[0].session.hang_up)[0]

    def test_a_name_in_the_via_is_no_sign_of_a_translator(self, answering):
        """The Contact counts: a border element has its signalling for calls elsewhere."""
        bye = self.hung_up(
            answering,
            Via="SIP/2.0/UDP sbc.example.net:5062;branch=z9hG4bKone",
            Contact="<sip:alice@192.0.2.78:5090>",
        )
        assert bye.to == Hop("UDP", "192.0.2.78", 5090)

    def test_a_telephone_that_knows_only_its_name_is_answered_where_it_is(self, answering):
        bye = self.hung_up(
            answering,
            Via="SIP/2.0/UDP laptop.local:5062;branch=z9hG4bKone;rport",
            Contact="<sip:alice@laptop.local:5062>",
        )
        assert bye.to == PEER

    def test_a_contact_that_wants_tls_is_answered_where_it_came_from(self, answering):
        bye = self.hung_up(answering, Contact="<sip:alice@192.0.2.78:5061;transport=tls>")
        assert bye.to == PEER
        assert bye.text.startswith("BYE sip:alice@192.0.2.78:5061;transport=tls SIP/2.0")

    def test_a_route_that_wants_tls_too(self, answering):
        bye = self.hung_up(answering, **{"Record-Route": "<sip:192.0.2.9;transport=tls;lr>"})
        assert bye.to == PEER


class TestAck:
    def test_of_anything_is_never_answered(self, answering):
        ok = answering.established()
        for data in (
            within("ACK", ok, sequence=9),
            message("ACK sip:95598@192.0.2.1", To="<sip:x@y>;tag=nobody"),
            within("ACK", ok, sequence=1, Require="nothing"),
            within("ACK", ok, sequence=1, body="not an answer"),
            message("ACK sip:95598@192.0.2.1").replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1),
            message("ACK sips:95598@192.0.2.1"),
        ):
            assert answering.say(data) == []
        assert answering.told(Ended) == []


class TestTorture:
    """RFC 4475, in our own words and messages; what `test_torture` does not have."""

    def test_a_wide_range_of_characters(self, bench):
        """3.1.1.2: all of them are allowed where they stand."""
        line = (
            "!odd-Method_*+`.%indeed'~ sip:1_odd.URI~(be!sure)&isn't+it$/,/;;*:pas$wo~d@192.0.2.1"
        )
        [said] = bench.say(message(line))
        assert said.code == 501

    def test_escapes_in_uris(self, answering):
        """3.1.1.3, 3.1.1.4: an escaped @ and an escaped null are parts of the user's name."""
        data = message("INVITE sip:sips%3Auser%40example.com@192.0.2.1", body=OFFER)
        data = data.replace(b"<sip:13800138000@", b"<sip:null-%00-null@")
        assert answering.say(data)[0].code == 200

    def test_long_values(self, answering):
        """3.1.1.7"""
        long = "long" * 60
        headers = {"From": f'"{long}" <sip:{long}@192.0.2.77>;tag={long}', "Call-ID": long,
                   "Unknown-" + long: long, "Via": f"SIP/2.0/UDP 192.0.2.77;branch=z9hG4bK{long}"}  # fmt: skip
        [ok] = answering.say(invite(headers))
        assert (ok.code, ok.header("Call-ID")) == (200, long)

    def test_unknown_transports_in_vias(self, bench):
        """3.1.1.10: only the topmost concerns us, and it is answered where it came from."""
        vias = ("SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKone, SIP/2.0/SCTP a;branch=z9hG4bKtwo,"
                "SIP/2.0/UNKNOWN b;branch=z9hG4bKthree, SIP/2.0/TLS c;branch=z9hG4bKfour")  # fmt: skip
        [ok] = bench.say(message("OPTIONS sip:x@192.0.2.1", Via=vias))
        assert (ok.code, len(ok.headers("Via"))) == (200, 4)

    @pytest.mark.parametrize("phrase", ["", " = 2**3 * 9 \u043d\u0435\u0442", " "])
    def test_odd_reason_phrases(self, calling, phrase):
        """3.1.1.12, 3.1.1.13"""
        [sent] = calling.do(calling.call)
        calling.say(reply(sent, 486).replace(b"486 X\r\n", f"486{phrase}\r\n".encode(), 1))
        assert [event.code for event in calling.told(Ended)] == [486]

    @pytest.mark.parametrize(
        "headers",
        [
            {"Contact": '"Joe" <sip:joe@example.org>;;;;, ,'},  # 3.1.2.1
            {"Via": "SIP/2.0/UDP 192.0.2.77:5062;;,;,,"},
            {"Contact": "sip:user@example.com, <sip:joe"},
            {"From": "Bell, Alexander <sip:a@example.com>;tag=43"},  # 3.1.2.13
            {"To": '"Watson, Thomas" < sip:t@example.org >'},  # 3.1.2.12
            {"Expires": "0 0l@company.com"},
            {"Record-Route": ";;<sip:a,b>,,"},
        ],
    )
    def test_separators_in_wrong_places_raise_nothing(self, answering, headers):
        for one in answering.say(invite(headers)):
            assert one.to.host == PEER.host
        answering.wait(100)
        assert "faults" not in answering.agent.counted

    def test_a_branch_that_is_only_the_cookie_is_none(self, bench):
        """3.2.1: such requests are told apart as before RFC 3261."""
        via = "SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bK"
        for call in ("one", "two"):
            data = message("OPTIONS sip:x@192.0.2.1", {"Call-ID": call}, Via=via)
            assert [one.header("Call-ID") for one in bench.say(data)] == [call]

    def test_an_unknown_way_of_authorization(self):
        """3.3.7"""
        bench = Bench(Settings(users={"alice": "secret"}))
        unknown = {"Authorization": 'Unknown op="x", other=y', "To": "<sip:alice@192.0.2.1>"}
        [said] = bench.say(message("REGISTER sip:192.0.2.1", unknown))
        assert said.code == 401

    def test_many_vias_whose_answer_would_go_to_everybody(self, calling):
        """3.3.10: a response with a broadcast address in its second Via is not ours."""
        [sent] = calling.do(calling.call)
        via = sent.header("Via") + ", SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKx"
        assert calling.say(reply(sent, 200, via=via, body=ANSWER)) == []

    def test_as_before_rfc_3261(self, answering):
        """3.4.1: no branch, no tag, no Max-Forwards; its ACK and BYE are found all the same."""
        old = {"Via": "SIP/2.0/UDP 192.0.2.77:5062", "From": "<sip:13800138000@192.0.2.77>",
               "Max-Forwards": ""}  # fmt: skip
        [ok] = answering.say(invite(old))
        assert ok.code == 200
        answering.say(within("ACK", ok, sequence=1, **old))
        assert len(answering.told(Answered)) == 1
        assert [one.code for one in answering.say(within("BYE", ok, **old))] == [200]
        assert len(answering.told(Ended)) == 1
