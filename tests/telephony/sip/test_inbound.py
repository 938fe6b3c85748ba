"""A call that comes in, RFC 3261 section by section: 8.2, 9.2, 12.2, 13.3, 15, 17.2, 18.2."""

import pytest

from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.events import Answered, Ended, Invited, KeyCame, MediaAgreed, Unwanted
from hotline.telephony.sip.message import Hop
from tests.telephony.sip.kit import OFFER, PEER, Bench, invite, message, within

MEDIA = ("192.0.2.1", 40000)


def accept(bench, event):
    if isinstance(event, Invited):
        event.session.accept(MEDIA)


@pytest.fixture
def bench():
    return Bench()


@pytest.fixture
def answering():
    return Bench(answer=accept)


def codes(said):
    return [one.code for one in said]


class TestBasicCall:
    def test_invite_is_told_with_number_and_dialled(self, bench):
        bench.say(invite())
        [invited] = bench.told(Invited)
        assert (invited.number, invited.dialled) == ("13800138000", "95598")

    def test_invite_ack_bye(self, answering):
        [ok] = answering.say(invite())
        assert ok.code == 200
        assert ok.header("Contact") == "<sip:95598@192.0.2.1:5060>"
        assert "m=audio 40000 RTP/AVP 8 97\r\n" in ok.body
        assert answering.say(within("ACK", ok, sequence=1)) == []
        assert len(answering.told(Answered)) == 1
        [bye] = answering.say(within("BYE", ok))
        assert bye.code == 200
        [ended] = answering.told(Ended)
        assert ended.by_peer
        assert ended.code == 0
        assert answering.agent.calls == 0

    def test_media_is_agreed(self, answering):
        answering.say(invite())
        [agreed] = answering.told(MediaAgreed)
        stream = agreed.stream
        assert (stream.codec, stream.payload, stream.event_payload) == ("PCMA", 8, 97)
        assert stream.remote == ("192.0.2.77", 6000)
        assert stream.send
        assert stream.receive

    def test_an_invite_without_offer_is_answered_with_ours(self, answering):
        [ok] = answering.say(invite(body=""))
        assert "m=audio 40000 RTP/AVP 8 0 101\r\n" in ok.body
        assert answering.told(MediaAgreed) == []
        answering.say(within("ACK", ok, sequence=1, body=OFFER, Content_Type="application/sdp"))
        assert len(answering.told(MediaAgreed)) == 1

    def test_an_ack_without_the_answer_ends_the_call(self, answering):
        [ok] = answering.say(invite(body=""))
        [bye] = answering.say(within("ACK", ok, sequence=1))
        assert bye.method == "BYE"
        assert answering.told(Ended)[0].code == 488

    def test_trying_when_nothing_better_comes_within_200_ms(self, bench):
        assert bench.say(invite()) == []
        [trying] = bench.wait(0.25)
        assert trying.code == 100
        assert trying.tag == ""

    def test_hang_up_by_us(self, answering):
        answering.established()
        [bye] = answering.do(answering.session.hang_up)
        assert bye.method == "BYE"
        assert bye.text.startswith("BYE sip:alice@192.0.2.77:5062 SIP/2.0\r\n")
        assert bye.header("To").endswith(";tag=alice")
        ok = f"SIP/2.0 200 OK\r\nVia: {bye.header('Via')}\r\nFrom: {bye.header('From')}\r\n"
        ok += f"To: {bye.header('To')}\r\nCall-ID: {bye.header('Call-ID')}\r\n"
        ok += f"CSeq: {bye.header('CSeq')}\r\nContent-Length: 0\r\n\r\n"
        answering.say(ok.encode())
        assert answering.wait(40) == []
        assert len(answering.told(Ended)) == 1

    def test_hang_up_before_the_ack_waits_for_it(self, bench):
        """15: the callee must not send BYE before the ACK has come."""
        bench.answer = accept
        [ok] = bench.say(invite())
        [invited] = bench.told(Invited)
        assert bench.do(invited.session.hang_up) == []
        [bye] = bench.say(within("ACK", ok, sequence=1))
        assert bye.method == "BYE"

    @pytest.mark.parametrize(("code", "name"), [(486, "Busy Here"), (603, "Decline")])
    def test_rejection(self, bench, code, name):
        bench.say(invite())
        [invited] = bench.told(Invited)
        [said] = bench.do(lambda: invited.session.reject(code))
        assert said.text.startswith(f"SIP/2.0 {code} {name}\r\n")


class TestRetransmission:
    """17.2: what is repeated is absorbed; 13.3.1.4: our 2xx is repeated until the ACK."""

    def test_a_repeated_invite_is_one_call(self, answering):
        for _ in range(4):
            answering.say(invite())
        assert len(answering.told(Invited)) == 1
        assert answering.agent.calls == 1

    def test_the_2xx_is_repeated_until_the_ack(self, answering):
        [ok] = answering.say(invite())
        repeated = answering.wait(10)
        assert [round(said.at, 3) for said in repeated] == [0.5, 1.5, 3.5, 7.5]
        assert {said.text for said in repeated} == {ok.text}
        answering.say(within("ACK", ok, sequence=1))
        assert answering.wait(60) == []

    def test_without_an_ack_the_call_ends_after_32_s_with_bye_to_where_it_came_from(self):
        bench = Bench(answer=accept)
        bench.say(invite({"Contact": "<sip:victim@198.51.100.9>"}))
        said = bench.wait(31.5)
        assert {one.code for one in said} == {200}
        assert len(said) == 10
        byes = [one for one in bench.wait(40) if one.method == "BYE"]
        # nothing is reflected to whom an unproven Contact names
        assert {one.to for one in byes} == {PEER}
        [ended] = bench.told(Ended)
        assert ended.code == 408

    def test_a_repeated_bye_gets_its_200_again(self, answering):
        ok = answering.established()
        for _ in range(3):
            [said] = answering.say(within("BYE", ok))
            assert said.code == 200
        assert len(answering.told(Ended)) == 1

    def test_a_refusal_is_repeated_until_its_ack(self, bench):
        bench.say(invite())
        [invited] = bench.told(Invited)
        [busy] = bench.do(lambda: invited.session.reject(486))
        assert codes(bench.wait(4)) == [486, 486, 486]
        bench.say(message("ACK sip:95598@192.0.2.1", {"To": busy.header("To"), "CSeq": "1 ACK"}))
        assert bench.wait(60) == []

    def test_a_refusal_without_ack_is_given_up(self, bench):
        bench.say(invite())
        bench.do(lambda: bench.told(Invited)[0].session.reject(486))
        bench.wait(33)
        assert bench.wait(60) == []

    def test_a_repeated_invite_after_a_provisional_gets_it_again(self, bench):
        bench.say(invite())
        [ringing] = bench.do(bench_ring(bench))
        assert ringing.code == 180
        assert codes(bench.say(invite())) == [180]


def bench_ring(bench):
    return lambda: bench.told(Invited)[0].session.ring()


class TestCancel:
    """9.2."""

    def cancel(self, **more):
        return message("CANCEL sip:95598@192.0.2.1", {"CSeq": "1 CANCEL", "Contact": ""}, **more)

    def test_cancel_ends_the_call_with_487(self, bench):
        bench.say(invite())
        ok, terminated = bench.say(self.cancel())
        assert (ok.code, ok.method) == (200, "CANCEL")
        assert (terminated.code, terminated.method) == (487, "INVITE")
        assert ok.tag == terminated.tag
        [ended] = bench.told(Ended)
        assert ended.by_peer

    def test_cancel_after_the_answer_changes_nothing(self, answering):
        answering.say(invite())
        assert codes(answering.say(self.cancel())) == [200]
        assert answering.told(Ended) == []

    def test_cancel_of_nothing(self, bench):
        assert codes(bench.say(self.cancel())) == [481]

    def test_a_repeated_cancel(self, bench):
        bench.say(invite())
        bench.say(self.cancel())
        [again] = bench.say(self.cancel())
        assert (again.code, again.method) == (200, "CANCEL")
        assert len(bench.told(Ended)) == 1


class TestRouting:
    """18.2 and RFC 3581: where responses go; 12: where our own requests go."""

    def test_received_and_rport(self, bench):
        bench.answer = accept
        [ok] = bench.say(
            invite(Via="SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bKone;rport"),
            Hop("UDP", "192.0.2.77", 1024),
        )
        assert ok.to == Hop("UDP", "192.0.2.77", 1024)
        assert "received=192.0.2.77" in ok.header("Via")
        assert "rport=1024" in ok.header("Via")

    def test_without_rport_the_port_of_the_via(self, answering):
        [ok] = answering.say(invite(), Hop("UDP", "192.0.2.77", 1024))
        assert ok.to == Hop("UDP", "192.0.2.77", 5062)

    def test_maddr_is_not_followed(self, answering):
        via = "SIP/2.0/UDP 192.0.2.77;maddr=198.51.100.9;branch=z9hG4bKone"
        [ok] = answering.say(invite(Via=via))
        assert ok.to.host == "192.0.2.77"

    def test_all_vias_are_given_back_in_order(self, answering):
        vias = "SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKone, SIP/2.0/TCP 10.9.9.9;branch=z9hG4bKa"
        [ok] = answering.say(invite(Via=vias))
        assert [via.split(";")[0] for via in ok.headers("Via")] == [
            "SIP/2.0/UDP 192.0.2.77:5062",
            "SIP/2.0/TCP 10.9.9.9",
        ]

    def test_record_route_is_kept_and_followed(self, answering):
        routes = "<sip:192.0.2.50:5070;lr>, <sip:192.0.2.51;lr>"
        [ok] = answering.say(invite(Record_Route=routes))
        assert ok.headers("Record-Route") == routes.split(", ")
        answering.say(within("ACK", ok, sequence=1))
        [bye] = answering.do(answering.told(Invited)[0].session.hang_up)
        assert bye.to == Hop("UDP", "192.0.2.50", 5070)
        assert bye.headers("Route") == routes.split(", ")
        assert bye.text.startswith("BYE sip:alice@192.0.2.77:5062 ")

    def test_a_strict_router_becomes_the_request_uri(self, answering):
        """12.2.1.1."""
        [ok] = answering.say(invite(Record_Route="<sip:192.0.2.50:5070>"))
        answering.say(within("ACK", ok, sequence=1))
        [bye] = answering.do(answering.told(Invited)[0].session.hang_up)
        assert bye.text.startswith("BYE sip:192.0.2.50:5070 ")
        assert bye.headers("Route") == ["<sip:alice@192.0.2.77:5062>"]

    def test_a_telephone_behind_a_translator_is_answered_where_it_is(self, bench):
        bench.answer = accept
        source = Hop("UDP", "192.0.2.77", 1024)
        via = "SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bKone;rport"
        [ok] = bench.say(invite(Via=via, Contact="<sip:alice@10.0.0.7:5062>"), source)
        bench.say(within("ACK", ok, sequence=1), source)
        [bye] = bench.do(bench.told(Invited)[0].session.hang_up)
        assert bye.to == source


class TestRefusals:
    """8.2: what is wrong with a request is said as the RFC says it, and nobody is told of a call."""

    @pytest.mark.parametrize(
        ("request_", "code"),
        [
            (invite(Require="nonsense"), 420),
            (invite(Content_Type="application/isup"), 415),
            (invite(Content_Encoding="gzip"), 415),
            (invite(Contact=""), 400),
            (invite(Contact="<mailto:alice@example.com>"), 400),
            (invite(body="v=0\r\nnonsense\r\n"), 400),
            (invite(body=OFFER.replace("RTP/AVP 8 0 97", "RTP/AVP 9 18")), 488),
            (invite(body=OFFER.replace("RTP/AVP 8", "RTP/SAVP 8")), 488),
            (invite(body=OFFER.replace("m=audio 6000", "m=audio 0")), 488),
            (invite(Session_Expires="30", Supported="timer"), 422),
            (message("INVITE sips:95598@192.0.2.1", body=OFFER), 416),
            (message("INVITE soap.beep://95598", body=OFFER), 416),
            (message("PUBLISH sip:95598@192.0.2.1"), 405),
            (message("NEWMETHOD sip:95598@192.0.2.1"), 501),
            (message("BYE sip:95598@192.0.2.1"), 481),
            (message("BYE sip:95598@192.0.2.1", To="<sip:95598@x>;tag=nobody"), 481),
            (message("INFO sip:95598@192.0.2.1"), 481),
            (message("REGISTER sip:192.0.2.1"), 405),
        ],
    )
    def test_refused(self, bench, request_, code):
        assert codes(bench.say(request_)) == [code]
        assert bench.events == []
        assert bench.agent.calls == 0

    def test_420_names_what_is_unsupported(self, bench):
        [said] = bench.say(invite(Require="100rel, nonsense, privacy"))
        assert said.header("Unsupported") == "nonsense, privacy"

    def test_488_says_why(self, bench):
        [said] = bench.say(invite(body=OFFER.replace("RTP/AVP 8 0 97", "RTP/AVP 9 18")))
        assert said.header("Warning").startswith("305 ")

    def test_405_lists_what_is_allowed(self, bench):
        [said] = bench.say(message("SUBSCRIBE sip:95598@192.0.2.1"))
        assert "INVITE" in said.header("Allow")

    def test_the_same_call_by_two_ways_is_one(self, bench):
        """8.2.2.2: merged requests."""
        bench.say(invite())
        [said] = bench.say(invite(Via="SIP/2.0/UDP 192.0.2.78;branch=z9hG4bKtwo"))
        assert said.code == 482
        assert len(bench.told(Invited)) == 1

    def test_an_old_request_in_the_dialog(self, answering):
        """12.2.2: a lower CSeq than heard before."""
        ok = answering.established()
        answering.say(within("INFO", ok, sequence=9))
        [said] = answering.say(within("INFO", ok, sequence=4))
        assert said.code == 500

    def test_the_cap(self):
        bench = Bench(settings=Settings(calls=1))
        bench.say(invite())
        other = invite(Call_ID="other", Via="SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKother")
        [said] = bench.say(other)
        assert said.code == 503
        assert 2 <= int(said.header("Retry-After")) <= 10
        assert len(bench.told(Invited)) == 1

    def test_the_cap_with_words(self):
        """So many are told why; they are no calls, and one more hears nothing."""
        bench = Bench(settings=Settings(calls=0, announced=1))
        assert bench.say(invite()) == []
        [unwanted] = bench.told(Unwanted)
        assert (unwanted.reason, unwanted.code, bench.agent.calls) == ("trunks", 503, 0)
        other = invite(Call_ID="other", Via="SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKother")
        assert codes(bench.say(other)) == [503]
        session = unwanted.session
        [early] = bench.do(lambda: session.progress(MEDIA))
        assert early.code == 183
        [said] = bench.do(lambda: session.reject(unwanted.code, unwanted.headers))
        assert (said.code, bool(said.header("Retry-After"))) == (503, True)
        bench.agent.drain()
        bench.say(invite(Call_ID="third", Via="SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKthird"))
        assert [event.reason for event in bench.told(Unwanted)] == ["trunks", "draining"]
        assert bench.told(Invited) == []

    def test_draining(self, answering):
        ok = answering.established()
        answering.agent.drain()
        other = {"Call-ID": "other", "Via": "SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKother"}
        assert codes(answering.say(invite(other))) == [503]
        assert codes(answering.say(message("OPTIONS sip:192.0.2.1", other))) == [503]
        assert codes(answering.say(within("BYE", ok))) == [200]


class TestKeysAndOptions:
    @pytest.mark.parametrize(
        ("kind", "body", "key"),
        [
            ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
            ("application/dtmf-relay", "Signal= *\nDuration= 160\n", "*"),
            ("application/dtmf-relay; charset=x", "signal=11", "#"),
            ("application/dtmf", "7", "7"),
            ("Application/DTMF", "d", "D"),
        ],
    )
    def test_keys_by_info(self, answering, kind, body, key):
        ok = answering.established()
        [said] = answering.say(within("INFO", ok, body=body, Content_Type=kind))
        assert said.code == 200
        assert [event.key for event in answering.told(KeyCame)] == [key]

    @pytest.mark.parametrize("body", ["Signal=x", "Signal=99", "", "12", "Duration=1"])
    def test_other_infos(self, answering, body):
        ok = answering.established()
        kind = "application/dtmf-relay"
        [said] = answering.say(within("INFO", ok, body=body, Content_Type=kind))
        assert said.code == (415 if body else 200)
        assert answering.told(KeyCame) == []

    def test_a_repeated_info_is_one_key(self, answering):
        ok = answering.established()
        for _ in range(3):
            answering.say(within("INFO", ok, body="5", Content_Type="application/dtmf"))
        assert len(answering.told(KeyCame)) == 1

    def test_options(self, bench):
        [said] = bench.say(message("OPTIONS sip:95598@192.0.2.1"))
        assert said.code == 200
        assert "PRACK" in said.header("Allow")
        assert said.header("Accept").startswith("application/sdp")

    def test_keep_alives_are_quiet(self, bench):
        assert bench.say(b"\r\n\r\n") == []
        assert bench.say(b"\0\0\0\0") == []
        assert bench.agent.counted == {}
