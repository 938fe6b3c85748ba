"""An agent in a browser, by the messages of his page: with the real exchange, ACD and menus."""

from __future__ import annotations

import pytest

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import AgentState, OfferOutcome, Party
from tests.telephony.doubles import Tape
from tests.web.desk_kit import Desk, World


@pytest.fixture
def world() -> World:
    return World()


# --- signing in --------------------------------------------------------------------------------


def test_he_is_signed_in_and_ready_when_his_audio_is_there(world):
    desk = world.desk(audio=False)
    assert world.state() is AgentState.OFFLINE
    desk.connect(desk.last("signed_in")["token"])
    assert desk.last("audio")["there"] is True
    assert world.state() is AgentState.READY
    assert desk.state == "ready"
    agent = desk.last("signed_in")["agent"]
    assert (agent["number"], agent["name"]) == ("1001", "王敏")


def test_who_brings_no_audio_is_not_signed_in(world):
    desk = world.desk(audio=False)
    world.run(11)
    assert desk.wire.ended == [(1008, "no audio connection came")]
    assert world.events(ev.AgentSignedIn) == []
    world.desk()
    assert world.state() is AgentState.READY


@pytest.mark.parametrize(("number", "password"), [("1001", "wrong"), ("9999", "secret"), ("", "")])
def test_a_wrong_password_is_answered_late_and_says_nothing_more(world, number, password):
    desk = world.desk(number=number, password=password)
    assert desk.wire.texts == []
    if number == "1001":  # nobody can try another one meanwhile
        again = world.desk(number=number, password="secret")
        assert again.wire.ended == [(1008, "try again in a moment")]
    world.run(1.1)
    assert desk.last("refused")["en"] == "number or password is wrong"
    assert desk.wire.ended[0][0] == 1008
    assert world.events(ev.AgentSignedIn) == []


def test_nobody_signs_in_twice(world):
    world.desk()
    second = world.desk()
    assert second.wire.ended == [(1008, "this agent is signed in on another page")]
    assert "另一页面" in second.last("refused")["zh"]
    assert world.state() is AgentState.READY


def test_who_sits_at_his_telephone_cannot_sign_in_here_and_the_other_way_round(world):
    telephone = world.places.place("telephone")
    telephone.post(ev.DeskOpened(0.0, "", "a1"))
    desk = world.desk()
    assert desk.wire.ended == [(1008, "this agent is signed in on his telephone")]
    telephone.post(ev.DeskClosed(0.0, "", "a1"))
    desk = world.desk()
    desk.do("not_ready")
    # his telephone registers meanwhile: he is not there, so nothing changes
    telephone.post(ev.DeskOpened(1.0, "", "a1"))
    assert world.state() is AgentState.NOT_READY
    telephone.post(ev.DeskClosed(2.0, "", "a1"))
    assert world.state() is AgentState.NOT_READY


def test_clause_5_2_5_2_refuses_him_as_everybody(world):
    desk = world.desk(number="1003")
    assert "5.2.5.2" in desk.last("refused")["en"]
    assert desk.wire.ended[0][0] == 1008
    assert world.state("a3") is AgentState.OFFLINE


def test_signing_out_and_closing_the_page_are_the_same(world):
    for leave in (lambda d: d.do("sign_out"), lambda d: d.control.gone(1001, clean=True)):
        desk = world.desk()
        leave(desk)
        assert world.state() is AgentState.OFFLINE
        assert desk.sound.ended == [(1000, "signed out")]


def test_audio_needs_the_token_of_a_sign_in_and_only_once(world):
    desk = world.desk(audio=False)
    for token in ("", "guess", "é"):
        stranger = Desk(world)
        stranger.connect(token)
        assert stranger.sound.ended[0][0] == 1008
    desk.connect(desk.last("signed_in")["token"])
    second = Desk(world)
    second.connect(desk.last("signed_in")["token"])
    assert second.sound.ended == [(1008, "the audio of this sign-in is connected already")]
    assert world.state() is AgentState.READY


def test_connections_have_a_limit(world, monkeypatch):
    monkeypatch.setattr("hotline.web.desk.CLIENTS", 1)
    first, second = Desk(world), Desk(world)
    assert second.wire.ended == [(1013, "all 1 control connections are in use")]
    first.control.gone(1001, clean=True)
    assert world.desk().state == "ready"


# --- states ------------------------------------------------------------------------------------


def test_what_he_wishes(world):
    desk = world.desk()
    desk.do("not_ready")
    assert desk.state == "not_ready"
    desk.do("ready")
    assert desk.state == "ready"
    desk.do("break")
    assert desk.last("break")["approved"] is True
    assert desk.state == "break"


def test_after_call_work_has_an_end_and_may_be_ended_early(world):
    desk = world.desk()
    world.talk(desk)
    world.hang_up()
    assert desk.state == "wrap_up"
    assert desk.last("state")["ends_in"] == 5.0
    world.until(lambda: desk.state == "ready", 6)
    world.talk(desk, "y")
    world.hang_up("y")
    desk.do("ready")
    assert desk.state == "ready"


# --- an offer ----------------------------------------------------------------------------------


def test_he_sees_what_the_caller_chose_and_no_more_of_him(world):
    desk = world.desk()
    world.arrive(keys="10")
    world.until(lambda: desk.told("offer"))
    caller = desk.last("offer")["caller"]
    assert caller["skill"] == "bill"
    assert caller["queue"] == {"zh": "电费", "en": "电费"}
    assert [place["zh"] for place in caller["path"]] == ["主菜单", "电费"]
    assert caller["path"][0]["en"] == "Main menu"
    assert (caller["number"], caller["language"]) == ("138****8000", "zh-CN")
    assert "13800138000" not in str(desk.wire.texts)


def test_he_sees_how_long_the_caller_has_waited(world):
    world.arrive()
    world.run(10)
    desk = world.desk()
    assert desk.last("offer")["caller"]["waited"] >= 10


def test_both_hear_each_other_after_the_announcement(world):
    desk = world.desk()
    world.talk(desk)
    said, answer = bytes([0x31]) * 160, bytes([0x17]) * 160
    for _ in range(50):
        world.media.heard("x", said)
        desk.speak(answer)
        world.run(0.02)
    assert said * 5 in desk.audio
    assert answer * 5 in world.lines["x"].audio
    announced = [e.action.what for e in world.events(ev.Did) if isinstance(e.action, do.Play)]
    numbers = [p for p in announced if isinstance(p, do.Prompt) and p.id == "agent.announcement"]
    assert [dict(prompt.values) for prompt in numbers] == [{"agent": "1001"}]
    world.hang_up()
    assert (desk.last("over")["by"], desk.state) == ("caller", "wrap_up")
    frames = len(desk.sound.frames)
    world.run(1)
    assert len(desk.sound.frames) == frames
    [request] = world.record().requests
    assert request.ended_by is Party.CALLER


def test_he_lets_it_pass(world):
    desk = world.desk()
    world.arrive()
    world.until(lambda: desk.told("offer"))
    desk.do("decline")
    assert desk.last("offer_ended")["outcome"] == "declined"
    assert desk.state == "not_ready"
    figures = desk.last("figures")
    assert (figures["offers"], figures["unanswered"], figures["ring_within"]) == (1, 1, 0)


def test_nobody_answers_and_the_ringing_stops(world):
    desk = world.desk()
    world.arrive()
    world.until(lambda: desk.told("stopped"), 25)
    assert desk.last("offer_ended")["outcome"] == "no_answer"
    assert desk.state == "not_ready"


def test_the_caller_leaves_while_it_rings(world):
    desk = world.desk()
    world.arrive()
    world.run(3)
    world.hang_up()
    assert desk.last("offer_ended")["outcome"] == "caller_left"
    assert desk.told("stopped")
    assert desk.state == "ready"
    assert desk.last("figures")["unanswered"] == 0


def test_answering_too_late_is_refused(world):
    desk = world.desk()
    desk.do("answer")
    assert desk.last("problem")["en"] == "that cannot be done now"


# --- a conversation ----------------------------------------------------------------------------


def test_a_held_caller_hears_music_and_not_him(world):
    desk = world.desk()
    world.talk(desk)
    desk.do("hold", on=True)
    assert (desk.state, desk.last("held")["on"]) == ("hold", True)
    world.run(0.5)  # what was on its way
    begin = len(world.lines["x"].sent)
    for _ in range(25):
        desk.speak(bytes([0x17]) * 160)
        world.run(0.02)
    heard = b"".join(frame for _, frame in world.lines["x"].sent[begin:])
    assert bytes([0x17]) * 160 not in heard
    assert bytes(range(100)) in heard
    desk.do("hold", on=False)
    assert desk.state == "talking"
    for _ in range(25):
        desk.speak(bytes([0x17]) * 160)
        world.run(0.02)
    assert bytes([0x17]) * 800 in world.lines["x"].audio


def test_it_ends_in_order_with_the_survey(world):
    desk = world.desk()
    world.talk(desk)
    desk.do("survey")
    assert [event.to for event in world.events(ev.AgentLeft)] == ["survey"]
    assert desk.last("over") | {"at": 0} == {"t": "over", "at": 0, "by": "agent", "to": "survey"}


def test_he_hands_the_caller_to_another_queue(world):
    desk, other = world.desk(), world.desk(number="1002")
    world.talk(desk)
    desk.do("transfer", skill="bill")
    world.until(lambda: other.told("offer"))
    assert other.last("offer")["caller"]["skill"] == "bill"
    assert desk.state == "wrap_up"


@pytest.mark.parametrize(("hangs_up", "to"), [("survey", "survey"), ("hang_up", "hang_up")])
def test_hanging_up_is_what_the_hotline_says_it_is(hangs_up, to):
    world = World(hangs_up)
    desk = world.desk()
    assert desk.last("signed_in")["rules"]["hangs_up"] == hangs_up
    world.talk(desk)
    desk.do("hang_up")
    assert [event.to for event in world.events(ev.AgentLeft)] == [to]
    assert desk.state == "wrap_up"


@pytest.mark.parametrize("reason", ["harassment", "silent"])
def test_the_lawful_exceptions_of_5_2_7_3(world, reason):
    desk = world.desk()
    world.talk(desk)
    desk.do("hang_up", reason=reason)
    record = world.record()
    [request] = record.requests
    assert (request.ended_by, record.reason) == (Party.AGENT, reason)


def test_keys_of_the_caller_are_counted_and_never_shown(world):
    desk = world.desk()
    world.talk(desk)
    for key in "4711":
        world.exchange.post(ev.KeyPressed(world.clock.now(), "x", key))
    assert [message["count"] for message in desk.told("keys")] == [1, 2, 3, 4]
    assert all(set(message) == {"t", "at", "count"} for message in desk.told("keys"))


def test_keys_of_his_own_work_as_on_a_telephone(world):
    desk = world.desk()
    world.talk(desk)
    keys = len(world.events(ev.KeyPressed))
    for key in "*1":
        desk.media.message(f'{{"event": "dtmf", "dtmf": {{"digit": "{key}"}}}}')
    assert [event.to for event in world.events(ev.AgentLeft)] == ["survey"]
    assert len(world.events(ev.KeyPressed)) == keys


# --- gone --------------------------------------------------------------------------------------


def test_a_page_closed_while_it_rings_has_not_declined(world):
    desk = world.desk()
    world.arrive()
    world.until(lambda: desk.told("offer"))
    desk.control.gone(None, clean=False)
    assert [e.outcome for e in world.events(ev.OfferEnded)][-1] is OfferOutcome.LOST
    assert world.state() is AgentState.OFFLINE
    world.desk()  # the caller is still in line
    assert world.state() is AgentState.RINGING


@pytest.mark.parametrize("lost", ["page", "audio"])
def test_a_conversation_that_is_lost_goes_on_with_another_agent(world, lost):
    desk = world.desk()
    world.talk(desk)
    (desk.control if lost == "page" else desk.media).gone(None, clean=False)
    assert [event.to for event in world.events(ev.AgentLeft)] == ["transfer:"]
    if lost == "page":
        assert world.state() is AgentState.OFFLINE
        assert desk.sound.ended == [(1000, "signed out")]
    else:
        assert desk.last("audio")["there"] is False
        world.until(lambda: desk.state == "not_ready", 6)
        desk.sound.frames.clear()
        desk.connect(desk.last("signed_in")["token"])
        desk.do("ready")
        assert world.state() is AgentState.RINGING


def test_without_audio_it_does_not_ring(world):
    desk = world.desk()
    desk.media.gone(None, clean=False)
    world.arrive()
    world.until(lambda: desk.told("offer_ended"))
    assert desk.told("offer") == []
    assert desk.state == "not_ready"


def test_a_client_that_does_not_read_is_dropped(world):
    desk = world.desk()
    desk.wire._pending = 10**6
    desk.do("not_ready")
    assert desk.wire.ended == [("abort",)]
    assert world.state() is AgentState.OFFLINE


# --- bad messages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ('{"do": "awnser"}', "did you mean answer?"),
        ('{"do": 7}', "known: sign_in"),
        ('{"do": "hold"}', "true or false"),
        ('{"do": "hold", "on": "yes"}', "true or false"),
        ('{"do": "hang_up", "reason": "bored"}', "harassment, silent"),
        ('{"do": "answer", "call": "x"}', "takes no field"),
        ('{"do": "transfer"}', "transfer needs `skill`"),
        ('{"do": "transfer", "skill": "chess"}', "no such skill"),
        ('{"do": "sign_in", "number": "1002"}', "signed in already"),
    ],
)
def test_a_wish_that_is_not_understood_is_explained_and_changes_nothing(world, message, says):
    desk = world.desk()
    desk.control.message(message)
    assert says in desk.last("problem")["en"]
    assert desk.wire.ended == []
    assert desk.state == "ready"


@pytest.mark.parametrize("message", ["{", "[]", b"\x00", " " * 5000, '"sign_in"'])
def test_what_is_no_message_closes_the_connection(world, message):
    desk = world.desk()
    desk.control.message(message)
    assert desk.wire.ended[0][0] == 1007
    assert world.state() is AgentState.OFFLINE


def test_first_of_all_he_signs_in(world):
    desk = Desk(world)
    desk.do("ready")
    assert desk.last("problem")["en"] == "sign in first"
    world.run(301)
    assert desk.wire.ended == [(1008, "sign in first")]


# --- a call-back -------------------------------------------------------------------------------


def called_back(world):
    """The desk that rings for a customer who was called back."""
    world.media.dialler = lambda call, number: self_answer(world, call)
    world.arrive()
    request = world.events(ev.AgentRequested)[0].request
    world.exchange.post(ev.CallbackRequested(world.clock.now(), "x", request, "13800138000"))
    world.hang_up()
    desk = world.desk()
    world.until(lambda: desk.told("offer"))
    return desk


def test_for_a_call_back_it_rings_when_the_customer_has_answered(world):
    desk = called_back(world)
    caller = desk.last("offer")["caller"]
    assert (caller["call_back"], caller["number"]) == (True, "138****8000")
    desk.do("answer")
    world.until(lambda: desk.told("talk")[-1]["phase"] == "talking")


@pytest.mark.parametrize("lost", ["page", "audio"])
def test_a_page_that_is_lost_before_he_comes_to_a_call_back(world, lost):
    """The customer is asked to wait for another agent, at once and not after 20 s."""
    desk = called_back(world)
    (desk.control if lost == "page" else desk.media).gone(None, clean=False)
    assert [event.to for event in world.events(ev.AgentLeft)] == ["transfer:"]
    world.run(6)
    left = AgentState.OFFLINE if lost == "page" else AgentState.NOT_READY
    assert world.state() is left


def test_audio_that_is_lost_while_it_rings_lets_the_call_pass(world):
    desk = world.desk()
    world.arrive()
    world.until(lambda: desk.told("offer"))
    desk.media.gone(None, clean=False)
    assert desk.last("offer_ended")["outcome"] == "declined"
    assert desk.told("stopped")


def self_answer(world, call):
    world.lines[call] = Tape(world.clock)
    world.media.add_line(call, world.lines[call])
    world.exchange.post(ev.AnsweredOut(world.clock.now(), call))
