"""A call that we make, RFC 3261 9.1, 13.2, 17.1, 22; RFC 3262 4; RFC 4028 7."""

import re

import pytest

from hotline.telephony.sip.digest import Challenger, Credentials, Verdict, authorize, fields
from hotline.telephony.sip.events import (
    Answered,
    Ended,
    MediaAgreed,
    Rang,
    Registered,
    TransferWent,
    Unregistered,
)
from hotline.telephony.sip.message import Hop
from tests.telephony.sip.kit import OFFER, PEER, Bench, uri

ANSWER = OFFER.replace("8 0 97", "8 101").replace("97 tele", "101 tele")


@pytest.fixture
def bench():
    return Bench()


def reply(request, code, body="", tag="bob", **headers):
    """The peer's response to a request of ours."""
    lines = [f"SIP/2.0 {code} Whatever"]
    lines += [f"Via: {via}" for via in request.headers("Via")]
    to = request.header("To")
    if tag and ";tag=" not in to:
        to += f";tag={tag}"
    lines += [f"From: {request.header('From')}", f"To: {to}"]
    lines += [f"Call-ID: {request.header('Call-ID')}", f"CSeq: {request.header('CSeq')}"]
    given = {"Contact": "<sip:bob@192.0.2.77:5062>"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    if body:
        given["Content-Type"] = "application/sdp"
    lines += [f"{name}: {value}" for name, value in given.items() if value]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def dial(bench, **more):
    target = uri("sip:bob@192.0.2.77:5062")
    made = []
    sent = bench.do(
        lambda: made.append(
            bench.agent.call(target, ("192.0.2.1", 40000), bench.now, from_user="95598", **more)
        )
    )
    [bench.session] = made
    return sent[-1]


def connected(bench, **headers):
    invite = dial(bench)
    [ack] = bench.say(reply(invite, 200, ANSWER, **headers))
    return invite, ack


class TestInvite:
    def test_what_an_invite_holds(self, bench):
        invite = dial(bench)
        assert invite.text.startswith("INVITE sip:bob@192.0.2.77:5062 SIP/2.0\r\n")
        assert invite.to == PEER
        assert invite.header("Max-Forwards") == "70"
        assert ";branch=z9hG4bK" in invite.header("Via")
        assert invite.header("Via").endswith(";rport")
        assert "m=audio 40000 RTP/AVP 8 0 101" in invite.body
        assert "timer" in invite.header("Supported")

    def test_repeated_at_doubling_intervals_until_32_s(self, bench):
        """17.1.1.2: timers A and B."""
        dial(bench)
        sent = bench.wait(40)
        assert [one.at for one in sent] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
        [ended] = bench.told(Ended)
        assert ended.code == 408
        assert bench.agent.calls == 0

    def test_not_repeated_after_a_provisional(self, bench):
        invite = dial(bench)
        bench.say(reply(invite, 100, tag=""))
        assert bench.wait(100) == []

    def test_answered(self, bench):
        _, ack = connected(bench)
        assert ack.method == "ACK"
        assert ack.text.startswith("ACK sip:bob@192.0.2.77:5062 ")
        assert len(bench.told(Answered)) == 1
        assert bench.told(MediaAgreed)[0].stream.remote == ("192.0.2.77", 6000)

    def test_a_repeated_2xx_gets_the_same_ack(self, bench):
        """13.2.2.4."""
        invite, ack = connected(bench)
        [again] = bench.say(reply(invite, 200, ANSWER))
        assert again.text == ack.text
        assert len(bench.told(Answered)) == 1

    def test_a_second_telephone_that_answers_is_hung_up(self, bench):
        invite, _ = connected(bench)
        ack, bye = bench.say(reply(invite, 200, ANSWER, tag="carol"))
        assert (ack.method, bye.method) == ("ACK", "BYE")
        assert "tag=carol" in bye.header("To")
        assert bench.agent.calls == 1

    def test_ringing_and_early_media(self, bench):
        invite = dial(bench)
        bench.say(reply(invite, 180))
        bench.say(reply(invite, 183, ANSWER))
        assert [event.code for event in bench.told(Rang)] == [180, 183]
        assert len(bench.told(MediaAgreed)) == 1
        bench.say(reply(invite, 200))  # without SDP: the early answer holds
        assert len(bench.told(Answered)) == 1

    @pytest.mark.parametrize("code", [302, 404, 486, 503, 603])
    def test_refused(self, bench, code):
        """17.1.1.3: the ACK of a failure has the INVITE's branch."""
        invite = dial(bench)
        [ack] = bench.say(reply(invite, code, Retry_After="7"))
        assert ack.method == "ACK"
        assert ack.header("Via") == invite.header("Via")
        assert ack.header("CSeq").endswith("ACK")
        [ended] = bench.told(Ended)
        assert (ended.code, ended.by_peer, ended.retry_after) == (code, True, 7)
        [again] = bench.say(reply(invite, code))
        assert again.text == ack.text

    def test_an_answer_that_cannot_be_used_ends_the_call(self, bench):
        invite = dial(bench)
        said = bench.say(reply(invite, 200, ANSWER.replace("8 101", "18")))
        assert [one.method for one in said] == ["ACK", "BYE"]
        assert bench.told(Ended)[0].code == 488
        assert bench.told(Answered) == []

    def test_record_route_is_followed_backwards(self, bench):
        """12.1.2."""
        _, ack = connected(bench, Record_Route="<sip:192.0.2.51;lr>, <sip:192.0.2.50:5070;lr>")
        assert ack.to == Hop("UDP", "192.0.2.50", 5070)
        assert ack.headers("Route") == ["<sip:192.0.2.50:5070;lr>", "<sip:192.0.2.51;lr>"]

    def test_nobody_answers(self, bench):
        invite = dial(bench)
        bench.say(reply(invite, 180))
        said = bench.wait(181)
        assert [one.method for one in said][:1] == ["CANCEL"]
        assert bench.told(Ended)[0].code == 408

    def test_the_transport_fails(self, bench):
        dial(bench)
        bench.agent.failed(PEER, bench.now)
        bench.run()
        assert bench.told(Ended)[0].code == 408


class TestCancel:
    def test_not_before_a_provisional(self, bench):
        invite = dial(bench)
        assert bench.do(bench.session.hang_up) == []
        [cancel] = bench.say(reply(invite, 180))
        assert cancel.method == "CANCEL"
        assert cancel.header("Via") == invite.header("Via")
        assert cancel.header("CSeq").split()[0] == invite.header("CSeq").split()[0]
        [ack] = bench.say(reply(invite, 487))
        assert ack.method == "ACK"
        assert len(bench.told(Ended)) == 1

    def test_only_once(self, bench):
        invite = dial(bench)
        bench.say(reply(invite, 180))
        assert len(bench.do(bench.session.hang_up)) == 1
        assert bench.say(reply(invite, 180)) == []

    def test_an_answer_that_crosses_it(self, bench):
        invite = dial(bench)
        bench.say(reply(invite, 180))
        bench.do(bench.session.hang_up)
        said = bench.say(reply(invite, 200, ANSWER))
        assert [one.method for one in said] == ["ACK", "BYE"]
        assert bench.told(Answered) == []


class TestReliable:
    """RFC 3262 4: the calling side of 100rel."""

    def test_prack(self, bench):
        invite = dial(bench)
        ringing = reply(invite, 183, ANSWER, Require="100rel", RSeq="988789")
        [prack] = bench.say(ringing)
        assert prack.method == "PRACK"
        assert prack.header("RAck") == f"988789 {invite.header('CSeq')}"
        assert bench.say(ringing) == []  # repeated: known already
        bench.say(reply(prack, 200))
        [ack] = bench.say(reply(invite, 200))
        assert ack.header("CSeq").split()[0] == invite.header("CSeq").split()[0]
        [bye] = bench.do(bench.session.hang_up)
        assert int(bye.header("CSeq").split()[0]) > int(prack.header("CSeq").split()[0])

    def test_out_of_order_is_ignored(self, bench):
        invite = dial(bench)
        bench.say(reply(invite, 183, Require="100rel", RSeq="5"))
        assert bench.say(reply(invite, 183, Require="100rel", RSeq="7")) == []


class TestDigest:
    """RFC 3261 22.2, RFC 7616, RFC 8760."""

    ASKED = 'Digest realm="pbx", nonce="abc", algorithm=SHA-256, qop="auth,auth-int", opaque="o"'

    def test_a_challenge_is_answered_once(self, bench):
        invite = dial(bench, credentials=Credentials("alice", "secret"))
        ack, again = bench.say(reply(invite, 401, WWW_Authenticate=self.ASKED))
        assert ack.method == "ACK"
        assert again.header("Call-ID") == invite.header("Call-ID")
        sequence = int(invite.header("CSeq").split()[0])
        assert again.header("CSeq") == f"{sequence + 1} INVITE"
        given = fields(again.header("Authorization"))
        assert (given["qop"], given["opaque"], given["algorithm"]) == ("auth", "o", "SHA-256")
        said = bench.say(reply(again, 401, WWW_Authenticate=self.ASKED))
        assert [one.method for one in said] == ["ACK"]
        assert bench.told(Ended)[0].code == 401

    def test_a_proxy(self, bench):
        invite = dial(bench, credentials=Credentials("alice", "secret"))
        _, again = bench.say(reply(invite, 407, Proxy_Authenticate=self.ASKED))
        assert again.header("Proxy-Authorization").startswith("Digest ")

    def test_without_credentials(self, bench):
        invite = dial(bench)
        bench.say(reply(invite, 401, WWW_Authenticate=self.ASKED))
        assert bench.told(Ended)[0].code == 401

    def test_the_example_of_rfc_7616(self):
        """3.9.1: both algorithms, values from the RFC."""
        nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
        for algorithm, expected in (
            ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
            ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ):
            asked = 'Digest realm="http-auth@example.org", qop="auth, auth-int", '
            asked += f'algorithm={algorithm}, nonce="{nonce}", '
            asked += 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
            cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
            user = Credentials("Mufasa", "Circle of Life")
            answer = authorize([asked], user, "GET", "/dir/index.html", cnonce)
            assert fields(answer)["response"] == expected

    def test_server_and_client_agree_and_a_replay_is_stale(self):
        server = Challenger("95598", {"alice": "secret"}, b"key")
        for algorithms in (server.challenge(1.0, "u1"), server.challenge(1.0, "u2")[1:]):
            challenges = [value for _, value in algorithms]
            answer = authorize(challenges, Credentials("alice", "secret"), "INVITE", "sip:x", "c")
            assert server.check([answer], "INVITE", 2.0) == (Verdict.GOOD, "alice")
            assert server.check([answer], "INVITE", 2.0) == (Verdict.STALE, "alice")
        old = [value for _, value in server.challenge(1.0, "u3")]
        answer = authorize(old, Credentials("alice", "secret"), "INVITE", "sip:x", "c")
        assert server.check([answer], "INVITE", 400.0) == (Verdict.STALE, "alice")
        assert server.check([answer], "BYE", 2.0)[0] is Verdict.WRONG
        wrong = authorize(old, Credentials("alice", "guess"), "INVITE", "sip:x", "c")
        assert server.check([wrong], "INVITE", 2.0)[0] is Verdict.WRONG
        forged = [value.replace("1.000-u3", "2.000-u3") for value in old]
        answer = authorize(forged, Credentials("alice", "secret"), "INVITE", "sip:x", "c")
        assert server.check([answer], "INVITE", 2.0)[0] is Verdict.STALE

    def test_a_user_that_does_not_exist(self):
        server = Challenger("95598", {"alice": "secret"}, b"key")
        challenges = [value for _, value in server.challenge(1.0, "u")]
        answer = authorize(challenges, Credentials("bob", "\0"), "INVITE", "sip:x", "c")
        assert server.check([answer], "INVITE", 2.0)[0] is Verdict.WRONG


class TestSessionTimer:
    def test_a_longer_interval_is_tried(self, bench):
        invite = dial(bench)
        _, again = bench.say(reply(invite, 422, Min_SE="3600"))
        assert again.header("Session-Expires") == "3600"
        assert again.header("Min-SE") == "3600"

    def test_we_refresh_with_update(self, bench):
        connected(bench, Session_Expires="200;refresher=uac", Allow="UPDATE, BYE")
        [update] = bench.wait(101)[:1]
        assert update.method == "UPDATE"
        bench.say(reply(update, 200, Session_Expires="200;refresher=uac"))
        assert [one.method for one in bench.wait(101)][:1] == ["UPDATE"]

    def test_with_a_re_invite_where_there_is_no_update(self, bench):
        connected(bench, Session_Expires="200;refresher=uac", Allow="BYE")
        [invite] = bench.wait(101)[:1]
        assert invite.method == "INVITE"
        [ack] = bench.say(reply(invite, 200, ANSWER))
        assert ack.method == "ACK"

    def test_a_peer_that_does_not_refresh_is_gone(self, bench):
        connected(bench, Session_Expires="90;refresher=uas")
        said = bench.wait(61)
        assert [one.method for one in said][:1] == ["BYE"]
        assert bench.told(Ended)[0].code == 408


class TestHold:
    def test_hold_and_resume(self, bench):
        connected(bench)
        [hold] = bench.do(lambda: bench.session.renegotiate("sendonly"))
        assert "a=sendonly" in hold.body
        versions = re.findall(r"^o=- \d+ (\d+) ", hold.body, re.MULTILINE)
        bench.say(reply(hold, 200, ANSWER + "a=recvonly\r\n"))
        stream = bench.told(MediaAgreed)[-1].stream
        assert (stream.send, stream.receive) == (True, False)
        [resume] = bench.do(lambda: bench.session.renegotiate("sendrecv"))
        assert re.findall(r"^o=- \d+ (\d+) ", resume.body, re.MULTILINE) == [
            str(int(versions[0]) + 1)
        ]
        bench.say(reply(resume, 200, ANSWER))
        assert bench.told(MediaAgreed)[-1].stream.receive

    def test_glare_is_tried_again(self, bench):
        """14.1: who made the call waits 2.1 to 4 s."""
        connected(bench)
        [hold] = bench.do(lambda: bench.session.renegotiate("inactive"))
        bench.say(reply(hold, 491))
        assert bench.wait(2.0) == []
        assert [one.method for one in bench.wait(2.1)][:1] == ["INVITE"]

    def test_a_refused_hold_changes_nothing(self, bench):
        connected(bench)
        [hold] = bench.do(lambda: bench.session.renegotiate("inactive"))
        bench.say(reply(hold, 488))
        assert bench.told(Ended) == []

    @pytest.mark.parametrize("code", [408, 481])
    def test_a_call_that_the_peer_no_longer_knows(self, bench, code):
        connected(bench)
        [hold] = bench.do(lambda: bench.session.renegotiate("inactive"))
        bench.say(reply(hold, code))
        assert bench.told(Ended)[0].by_peer


class TestTransfer:
    def test_refer_and_its_progress(self, bench):
        """RFC 3515."""
        connected(bench)
        [refer] = bench.do(lambda: bench.session.refer("sip:fault@192.0.2.9"))
        assert refer.header("Refer-To") == "<sip:fault@192.0.2.9>"
        bench.say(reply(refer, 202))
        bench.say(reply_notify(refer, "SIP/2.0 200 OK"))
        assert [event.code for event in bench.told(TransferWent)] == [200]

    def test_refused(self, bench):
        connected(bench)
        [refer] = bench.do(lambda: bench.session.refer("sip:fault@192.0.2.9"))
        bench.say(reply(refer, 603))
        assert [event.code for event in bench.told(TransferWent)] == [603]


def reply_notify(refer, body):
    """The peer's NOTIFY within the dialog of our request `refer`."""
    lines = [
        "NOTIFY sip:95598@192.0.2.1:5060 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKnotify",
        f"From: {refer.header('To')}",
        f"To: {refer.header('From')}",
        f"Call-ID: {refer.header('Call-ID')}",
        "CSeq: 1 NOTIFY",
        "Event: refer",
        "Subscription-State: terminated;reason=noresource",
        "Content-Type: message/sipfrag",
    ]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


class TestRegistration:
    """10.2."""

    def start(self, bench):
        target = uri("sip:192.0.2.77:5062")
        user = Credentials("95598", "secret")
        made = []
        [request] = bench.do(
            lambda: made.append(bench.agent.register(target, user, bench.now, seconds=300))
        )
        bench.registration = made[0]
        return request

    def test_registered_and_kept(self, bench):
        request = self.start(bench)
        [again] = bench.say(reply(request, 401, WWW_Authenticate=TestDigest.ASKED))
        contact = again.header("Contact")
        bench.say(reply(again, 200, Contact=f"{contact};expires=100"))
        assert bench.told(Registered)[0].seconds == 100
        said = bench.wait(81)
        assert said[0].method == "REGISTER"
        assert said[0].header("Call-ID") == request.header("Call-ID")

    def test_too_brief(self, bench):
        request = self.start(bench)
        [again] = bench.say(reply(request, 423, Min_Expires="600"))
        assert again.header("Expires") == "600"

    def test_refused(self, bench):
        request = self.start(bench)
        bench.say(reply(request, 403))
        assert bench.told(Unregistered)[0].code == 403
        assert bench.wait(200) == []

    def test_taken_back(self, bench):
        request = self.start(bench)
        bench.say(reply(request, 200))
        [last] = bench.do(bench.registration.end)
        assert last.header("Expires") == "0"
