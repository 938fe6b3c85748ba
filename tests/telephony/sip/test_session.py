"""Within a call that came in: re-INVITE, UPDATE, PRACK, REFER, session timers, users, the guard.

RFC 3261 14.2; RFC 3311; RFC 3262 3; RFC 3515; RFC 4028 9; RFC 3261 10.3 and 22; RFC 3325.
"""

import re

import pytest

from hotline.telephony.sip.agent import Settings
from hotline.telephony.sip.digest import Credentials, authorize
from hotline.telephony.sip.events import (
    Answered,
    Ended,
    Invited,
    MediaAgreed,
    Reached,
    TransferAsked,
    UserGone,
    UserThere,
)
from hotline.telephony.sip.guard import Guard, networks
from hotline.telephony.sip.message import Hop
from tests.telephony.sip.kit import OFFER, PEER, Bench, invite, message, within
from tests.telephony.sip.test_outbound import reply

MEDIA = ("192.0.2.1", 40000)
SDP = {"Content_Type": "application/sdp"}


def accept(bench, event):
    if isinstance(event, Invited):
        event.session.accept(MEDIA)


@pytest.fixture
def bench():
    return Bench(answer=accept)


def codes(said):
    return [one.code for one in said]


def version(said):
    return int(re.search(r"^o=- \d+ (\d+) ", said.body, re.MULTILINE)[1])


class TestReInvite:
    @pytest.mark.parametrize(
        ("direction", "answer", "send", "receive"),
        [
            ("sendonly", "recvonly", False, True),
            ("inactive", "inactive", False, False),
            ("recvonly", "sendonly", True, False),
            ("sendrecv", "sendrecv", True, True),
        ],
    )
    def test_directions(self, bench, direction, answer, send, receive):
        ok = bench.established()
        offer = OFFER.replace("alice 1 1", "alice 1 2") + f"a={direction}\r\n"
        [said] = bench.say(within("INVITE", ok, body=offer, **SDP))
        assert f"a={answer}" in said.body
        stream = bench.told(MediaAgreed)[-1].stream
        assert (stream.send, stream.receive) == (send, receive)
        bench.say(within("ACK", ok))
        assert bench.wait(100) == []

    def test_hold_and_resume_count_the_version(self, bench):
        ok = bench.established()
        first = version(ok)
        [held] = bench.say(within("INVITE", ok, body=OFFER + "a=sendonly\r\n", **SDP))
        bench.say(within("ACK", ok))
        [resumed] = bench.say(within("INVITE", ok, sequence=3, body=OFFER, **SDP))
        bench.say(within("ACK", ok, sequence=3))
        assert [version(held), version(resumed)] == [first + 1, first + 2]
        assert len(bench.told(MediaAgreed)) == 3
        assert len(bench.told(Invited)) == 1

    def test_the_same_offer_again_changes_nothing(self, bench):
        ok = bench.established()
        [said] = bench.say(within("INVITE", ok, body=OFFER, **SDP))
        assert version(said) == version(ok)
        assert len(bench.told(MediaAgreed)) == 1

    def test_hold_of_old_telephones(self, bench):
        ok = bench.established()
        bench.say(
            within(
                "INVITE", ok, body=OFFER.replace("IP4 192.0.2.77\r\nt", "IP4 0.0.0.0\r\nt"), **SDP
            )
        )
        assert bench.told(MediaAgreed)[-1].stream.send is False

    def test_moved_audio_and_target(self, bench):
        ok = bench.established()
        moved = OFFER.replace("audio 6000", "audio 7000")
        bench.say(within("INVITE", ok, body=moved, Contact="<sip:alice@192.0.2.77:5099>", **SDP))
        bench.say(within("ACK", ok))
        assert bench.told(MediaAgreed)[-1].stream.remote == ("192.0.2.77", 7000)
        [bye] = bench.do(bench.session.hang_up)
        assert bye.to.port == 5099

    def test_an_offer_that_cannot_be_taken_leaves_the_call_as_it_is(self, bench):
        ok = bench.established()
        [said] = bench.say(
            within(
                "INVITE", ok, body=OFFER.replace("8 0 97", "9"), Contact="<sip:x@1.2.3.4>", **SDP
            )
        )
        assert said.code == 488
        [bye] = bench.do(bench.session.hang_up)
        assert bye.to == PEER

    def test_without_offer_we_offer(self, bench):
        ok = bench.established()
        [said] = bench.say(within("INVITE", ok))
        assert "m=audio 40000 RTP/AVP 8 97" in said.body
        bench.say(within("ACK", ok, body=OFFER, **SDP))
        assert bench.told(Ended) == []

    def test_glare(self, bench):
        """14.2: while our own INVITE is open, theirs gets 491."""
        ok = bench.established()
        bench.do(lambda: bench.session.renegotiate("sendonly"))
        assert codes(bench.say(within("INVITE", ok, body=OFFER, **SDP))) == [491]
        assert codes(bench.say(within("UPDATE", ok, sequence=3, body=OFFER, **SDP))) == [491]

    def test_before_the_ack(self, bench):
        [ok] = bench.say(invite())
        [said] = bench.say(within("INVITE", ok, body=OFFER, **SDP))
        assert said.code == 500
        assert said.header("Retry-After")


class TestUpdate:
    def test_hold_by_update(self, bench):
        ok = bench.established()
        [said] = bench.say(within("UPDATE", ok, body=OFFER + "a=sendonly\r\n", **SDP))
        assert said.code == 200
        assert "a=recvonly" in said.body
        assert bench.wait(100) == []  # nothing to acknowledge

    def test_a_refresh_has_no_body(self, bench):
        ok = bench.established()
        [said] = bench.say(
            within("UPDATE", ok, Session_Expires="90;refresher=uac", Supported="timer")
        )
        assert (said.code, said.body) == (200, "")
        assert said.header("Session-Expires") == "90;refresher=uac"


class TestSessionTimer:
    def test_the_caller_refreshes_or_is_gone(self, bench):
        [ok] = bench.say(invite(Session_Expires="90", Supported="timer"))
        assert ok.header("Session-Expires") == "90;refresher=uac"
        assert ok.header("Require") == "timer"
        bench.say(within("ACK", ok, sequence=1))
        assert bench.wait(59) == []
        assert bench.wait(2)[0].method == "BYE"
        assert bench.told(Ended)[0].code == 408

    def test_a_caller_without_timers_is_refreshed_by_us(self, bench):
        ok = bench.established()
        assert ok.header("Session-Expires") == "1800;refresher=uas"
        assert ok.header("Require") == ""
        said = bench.wait(901)
        assert said[0].method == "INVITE"

    def test_too_small(self, bench):
        [said] = bench.say(invite(Session_Expires="60", Supported="timer"))
        assert (said.code, said.header("Min-SE")) == (422, "90")


class TestReliable:
    """RFC 3262 3."""

    def ringing(self, bench):
        bench.answer = lambda bench, event: None
        bench.say(invite(Require="100rel"))
        [session] = [event.session for event in bench.told(Invited)]
        [said] = bench.do(session.ring)
        return session, said

    def prack(self, ringing, number=None):
        number = number or ringing.header("RSeq")
        return within("PRACK", ringing, RAck=f"{number} 1 INVITE")

    def test_repeated_until_prack(self, bench):
        session, said = self.ringing(bench)
        assert said.header("Require") == "100rel"
        assert len(bench.wait(4)) == 3
        assert codes(bench.say(self.prack(said))) == [200]
        assert bench.wait(20) == []
        [ok] = bench.do(lambda: session.accept(MEDIA))
        assert ok.code == 200

    def test_a_wrong_prack(self, bench):
        _, said = self.ringing(bench)
        assert codes(bench.say(self.prack(said, number=7))) == [481]

    def test_without_prack_the_call_is_refused(self, bench):
        self.ringing(bench)
        assert bench.wait(40)[-1].code == 504
        assert bench.told(Ended)[0].by_peer

    def test_early_media_waits_for_its_prack(self, bench):
        bench.answer = lambda bench, event: None
        bench.say(invite(Require="100rel"))
        [session] = [event.session for event in bench.told(Invited)]
        [said] = bench.do(lambda: session.progress(MEDIA))
        assert (said.code, "m=audio 40000" in said.body) == (183, True)
        assert bench.do(lambda: session.accept(MEDIA)) == []
        ok, *_ = bench.say(self.prack(said))[1:]
        assert (ok.code, ok.body) == (200, "")

    def test_early_media_is_reliable_where_the_caller_knows_how(self, bench):
        bench.answer = lambda bench, event: None
        bench.say(invite(Supported="timer, 100rel"))
        [session] = [event.session for event in bench.told(Invited)]
        [said] = bench.do(lambda: session.progress(MEDIA))
        assert (said.code, said.header("Require")) == (183, "100rel")
        assert bench.told(Reached) == []
        bench.say(self.prack(said))
        assert len(bench.told(Reached)) == 1
        [ok] = bench.do(lambda: session.accept(MEDIA))
        assert ok.body == ""

    def test_ringing_is_not_where_it_need_not_be(self, bench):
        bench.answer = lambda bench, event: None
        bench.say(invite(Supported="100rel"))
        [session] = [event.session for event in bench.told(Invited)]
        [said] = bench.do(session.ring)
        assert (said.code, said.header("RSeq")) == (180, "")

    def test_without_an_offer_there_is_no_early_media_unless_reliably(self, bench):
        """RFC 3261 13.2.1: our own offer goes in a reliable response."""
        bench.answer = lambda bench, event: None
        bench.say(invite(body=""))
        [session] = [event.session for event in bench.told(Invited)]
        assert not session.can_progress
        assert bench.do(lambda: session.progress(MEDIA)) == []

    def test_early_media_unreliably(self, bench):
        bench.answer = lambda bench, event: None
        bench.say(invite())
        [session] = [event.session for event in bench.told(Invited)]
        [said] = bench.do(lambda: session.progress(MEDIA))
        assert said.code == 183
        assert len(bench.told(MediaAgreed)) == 1
        [ok] = bench.do(lambda: session.accept(MEDIA))
        assert ok.body == said.body


class TestRefer:
    def test_refused_by_default_of_the_user(self, bench):
        ok = bench.established()
        bench.say(within("REFER", ok, Refer_To="<sip:premium@198.51.100.9>"))
        [asked] = bench.told(TransferAsked)
        assert asked.target == "sip:premium@198.51.100.9"
        [said] = bench.do(lambda: asked.session.transfer_answer(False))
        assert said.code == 603

    def test_accepted_with_its_progress(self, bench):
        ok = bench.established()
        bench.say(within("REFER", ok, Refer_To="<sip:fault@192.0.2.1>"))
        [asked] = bench.told(TransferAsked)
        accepted, trying = bench.do(lambda: asked.session.transfer_answer(True))
        assert (accepted.code, trying.method) == (202, "NOTIFY")
        assert trying.body == "SIP/2.0 100 Trying\r\n"
        bench.say(reply(trying, 200))
        [done] = bench.do(lambda: asked.session.transfer_went(200))
        assert done.header("Subscription-State").startswith("terminated")

    def test_without_a_target(self, bench):
        ok = bench.established()
        assert codes(bench.say(within("REFER", ok))) == [400]


class TestUsers:
    """22 and 10.3: digest as server, the registrar."""

    SETTINGS = Settings(users={"alice": "secret"}, calls_need_user=True)

    @pytest.fixture
    def guarded(self):
        return Bench(self.SETTINGS, Guard(trusted=networks(["203.0.113.0/24"])), answer=accept)

    def answer(self, challenge, method, user="alice", password="secret"):
        asked = challenge.headers("WWW-Authenticate")
        return authorize(asked, Credentials(user, password), method, "sip:192.0.2.1", "cnonce")

    def register(self, guarded, number=1, **headers):
        given = {"Via": f"SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKr{number}"}
        given |= {"To": "<sip:alice@192.0.2.1>", "From": "<sip:alice@192.0.2.1>;tag=r"}
        given |= {"CSeq": f"{number} REGISTER"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return guarded.say(message("REGISTER sip:192.0.2.1", given))

    def signed(self, guarded, number, **headers):
        [challenge] = self.register(guarded, 2 * number - 1)
        answer = self.answer(challenge, "REGISTER")
        return self.register(guarded, 2 * number, Authorization=answer, **headers)

    def test_a_call_needs_its_user(self, guarded):
        [challenge] = guarded.say(invite())
        assert challenge.code == 401
        assert [
            v.split("algorithm=")[1].split(",")[0] for v in challenge.headers("WWW-Authenticate")
        ] == ["SHA-256", "MD5"]
        guarded.say(
            message("ACK sip:95598@192.0.2.1", {"To": challenge.header("To"), "CSeq": "1 ACK"})
        )
        again = {"Via": "SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKtwo", "CSeq": "2 INVITE"}
        [ok] = guarded.say(invite(again, Authorization=self.answer(challenge, "INVITE")))
        assert ok.code == 200
        assert guarded.told(Invited)[0].user == "alice"

    def test_a_wrong_password_makes_no_call(self, guarded):
        [challenge] = guarded.say(invite())
        again = {"Via": "SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKtwo", "CSeq": "2 INVITE"}
        wrong = self.answer(challenge, "INVITE", password="guess")
        assert codes(guarded.say(invite(again, Authorization=wrong))) == [401]
        assert guarded.told(Invited) == []
        assert guarded.agent.counted["unauthorized"] == 1

    def test_a_trusted_peer_needs_none(self, guarded):
        guarded.say(invite(), Hop("UDP", "203.0.113.5", 5060))
        assert len(guarded.told(Invited)) == 1

    def test_register_look_up_and_expire(self, guarded):
        [said] = self.signed(guarded, 1, Expires="60")
        assert said.header("Contact") == "<sip:alice@192.0.2.77:5062>;expires=60"
        where = guarded.agent.registrar.where
        assert [b.hop for b in where("alice", guarded.now)] == [PEER]
        guarded.wait(61)
        assert where("alice", guarded.now) == []

    def test_who_is_there_is_told_once(self, guarded):
        self.signed(guarded, 1, Expires="60")
        self.signed(guarded, 2, Expires="60")
        assert guarded.told(UserThere) == [UserThere("alice")]
        guarded.wait(59)
        assert guarded.told(UserGone) == []
        guarded.wait(2)
        assert guarded.told(UserGone) == [UserGone("alice")]

    def test_one_of_two_telephones_goes(self, guarded):
        self.signed(guarded, 1)
        self.signed(guarded, 2, Contact="<sip:alice@192.0.2.78>")
        self.signed(guarded, 3, Expires="0")
        assert guarded.told(UserGone) == []
        self.signed(guarded, 4, Contact="*", Expires="0")
        assert guarded.told(UserGone) == [UserGone("alice")]

    def test_unregister_all(self, guarded):
        self.signed(guarded, 1)
        [said] = self.signed(guarded, 2, Contact="*", Expires="0")
        assert said.code == 200
        assert guarded.agent.registrar.where("alice", guarded.now) == []

    @pytest.mark.parametrize(
        ("headers", "code"),
        [
            ({"Expires": "5"}, 423),
            ({"Contact": "*"}, 400),
            ({"Contact": "*, <sip:a@b>", "Expires": "0"}, 400),
            ({"Contact": "<mailto:alice@example.com>"}, 400),
            ({"To": "<sip:bob@192.0.2.1>"}, 403),
        ],
    )
    def test_refused(self, guarded, headers, code):
        assert codes(self.signed(guarded, 1, **headers)) == [code]

    def test_a_fetch_changes_nothing(self, guarded):
        self.signed(guarded, 1)
        [said] = self.signed(guarded, 2, Contact="")
        assert said.header("Contact").startswith("<sip:alice@192.0.2.77:5062>")


class TestIdentity:
    """RFC 3325: asserted numbers count from trusted peers only."""

    @pytest.mark.parametrize(
        ("headers", "trusted", "number"),
        [
            ({"P_Asserted_Identity": "<tel:+86-10-1234>"}, True, "+86101234"),
            ({"P_Asserted_Identity": "<sip:01012345678@pbx>"}, True, "01012345678"),
            ({"P_Asserted_Identity": "<tel:+86-10-1234>"}, False, "13800138000"),
            ({"Remote_Party_ID": '"A" <sip:0109@pbx>;party=calling'}, True, "0109"),
            ({"Remote_Party_ID": "<sip:0109@pbx>"}, False, "13800138000"),
            ({"From": '"x" <sip:anonymous@anonymous.invalid>;tag=a'}, False, ""),
            ({"From": "<tel:13900139000>;tag=a"}, False, "13900139000"),
        ],
    )
    def test_number(self, headers, trusted, number):
        bench = Bench(guard=Guard(trusted=networks(["192.0.2.77"] if trusted else [])))
        bench.say(invite(**headers))
        assert bench.told(Invited)[0].number == number


def test_the_ack_of_a_delayed_offer_is_when_it_is_answered(bench):
    [ok] = bench.say(invite(body=""))
    assert bench.told(Answered) == []
    bench.say(within("ACK", ok, sequence=1, body=OFFER, **SDP))
    assert len(bench.told(Answered)) == 1
