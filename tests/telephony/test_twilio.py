"""The Media Streams format: every message, every way to break it, and noise."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hotline.telephony.twilio import (
    KEYS,
    Audio,
    Key,
    MarkEchoed,
    Refused,
    Started,
    Stopped,
    TwilioProtocol,
)

START = {
    "event": "start",
    "sequenceNumber": "1",
    "streamSid": "MZ12",
    "start": {
        "streamSid": "MZ12",
        "accountSid": "AC1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"from": "13800138000", "area": "上海", "who": "bot"},
    },
}


def say(**message: object) -> str:
    return json.dumps(message)


def payload(ulaw: bytes) -> dict[str, str]:
    return {"payload": base64.b64encode(ulaw).decode()}


@pytest.fixture
def protocol() -> TwilioProtocol:
    return TwilioProtocol()


@pytest.fixture
def started(protocol: TwilioProtocol) -> TwilioProtocol:
    protocol.receive(say(event="connected", protocol="Call", version="1.0.0"))
    protocol.receive(json.dumps(START))
    return protocol


# --- a whole conversation ------------------------------------------------------------------------


def test_a_start_tells_who_calls(protocol):
    assert protocol.receive(say(event="connected", protocol="Call")) is None
    heard = protocol.receive(json.dumps(START))
    assert heard == Started("MZ12", "13800138000", "95598", "上海", {"who": "bot"})
    assert protocol.started


def test_a_bare_start_is_enough(protocol):
    assert isinstance(protocol.receive(say(event="start", start={})), Started)
    assert json.loads(protocol.clear())["streamSid"]


@pytest.mark.parametrize("length", [0, 1, 80, 160, 333, 8000])
def test_audio_of_any_length(started, length):
    ulaw = bytes(number % 256 for number in range(length))
    assert started.receive(say(event="media", media=payload(ulaw))) == Audio(ulaw)


@pytest.mark.parametrize("digit", sorted(KEYS))
def test_keys(started, digit):
    assert started.receive(say(event="dtmf", dtmf={"track": "x", "digit": digit})) == Key(digit)


def test_echoes_and_the_end(started):
    assert started.receive(say(event="mark", mark={"name": "play-1"})) == MarkEchoed("play-1")
    assert started.receive(say(event="stop", stop={"callSid": "CA1"})) == Stopped()
    assert started.receive(say(event="media", media=payload(b"x"))) is None


def test_what_we_send(started):
    frame = bytes(range(160))
    media = json.loads(started.media(frame))
    assert (media["event"], media["streamSid"]) == ("media", "MZ12")
    assert base64.b64decode(media["media"]["payload"]) == frame
    assert json.loads(started.mark("play-1")) == {
        "event": "mark",
        "streamSid": "MZ12",
        "mark": {"name": "play-1"},
    }
    assert json.loads(started.clear()) == {"event": "clear", "streamSid": "MZ12"}
    assert started.media(frame).startswith(started.head)
    assert started.media(frame).endswith(started.tail)


# --- broken messages -----------------------------------------------------------------------------

BROKEN = {
    "binary": (b"\x00\x01", 1003),
    "not JSON": ("{", 1007),
    "not an object": ("[1]", 1008),
    "too deep": ("[" * 50_000, 1007),
    "too long": (" " * 70_000, 1009),
    "a number too long": ('{"event":' + "1" * 5000 + "}", 1007),
    "no event": ("{}", 1008),
    "unknown event": (say(event="bogus"), 1008),
    "event of another type": (say(event=["media"]), 1008),
    "connected again": (say(event="connected"), 1008),
    "start again": (json.dumps(START), 1008),
    "media without object": (say(event="media"), 1008),
    "media without payload": (say(event="media", media={}), 1008),
    "payload not text": (say(event="media", media={"payload": 5}), 1008),
    "payload not base64": (say(event="media", media={"payload": "@@@@"}), 1007),
    "payload cut": (say(event="media", media={"payload": "abc"}), 1007),
    "payload not ASCII": (say(event="media", media={"payload": "电电电电"}), 1007),
    "no digit": (say(event="dtmf", dtmf={}), 1008),
    "two digits": (say(event="dtmf", dtmf={"digit": "12"}), 1008),
    "not a key": (say(event="dtmf", dtmf={"digit": "x"}), 1008),
    "empty digit": (say(event="dtmf", dtmf={"digit": ""}), 1008),
    "mark without name": (say(event="mark", mark={}), 1008),
}


@pytest.mark.parametrize(("message", "code"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_message_is_refused_with_its_code_and_nothing_follows(started, message, code):
    heard = started.receive(message)
    assert isinstance(heard, Refused)
    assert heard.code == code
    assert heard.reason
    assert started.over
    assert started.receive(say(event="dtmf", dtmf={"digit": "1"})) is None


@pytest.mark.parametrize("event", ["media", "dtmf", "mark"])
def test_nothing_comes_before_start(protocol, event):
    heard = protocol.receive(say(event=event, **{event: {}}))
    assert heard == Refused(1008, f"{event} before start")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"customParameters": []}, 1008),
        ({"customParameters": {"from": 138}}, 1008),
        ({"customParameters": {"from": "1" * 65}}, 1008),
        ({"customParameters": {"from": "'; drop table"}}, 1008),
        ({"customParameters": {"from": "\ud800"}}, 1008),
        ({"customParameters": {"area": "\ud800"}}, 1008),
        ({"customParameters": {"dialled": {}}}, 1008),
        ({"streamSid": 'a"b'}, 1008),
        ({"mediaFormat": {"encoding": "audio/x-alaw"}}, 1003),
        ({"mediaFormat": {"sampleRate": 16000}}, 1003),
        ({"mediaFormat": "mulaw"}, 1008),
    ],
)
def test_a_start_that_cannot_be_served(protocol, change, code):
    heard = protocol.receive(json.dumps({**START, "start": {**START["start"], **change}}))
    assert isinstance(heard, Refused)
    assert heard.code == code
    assert not protocol.started


def test_a_stop_before_start_is_an_end_too(protocol):
    assert protocol.receive(say(event="stop")) == Stopped()


# --- noise ---------------------------------------------------------------------------------------

scraps = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["1", "#", "AAAA", "audio/x-mulaw", "MZ1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "payload",
                    "digit",
                    "name",
                    "start",
                    "streamSid",
                    "customParameters",
                    "from",
                    "area",
                    "mediaFormat",
                    "encoding",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
events = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "x"])
messages = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60),
    scraps.map(json.dumps),
    st.builds(
        lambda event, body, more: json.dumps({**more, "event": event, event: body}),
        events,
        scraps,
        st.dictionaries(st.text(max_size=5), scraps, max_size=2),
    ),
    st.just(json.dumps(START)),
    st.binary(max_size=400).map(lambda ulaw: say(event="media", media=payload(ulaw))),
    st.sampled_from("0123456789*#").map(lambda key: say(event="dtmf", dtmf={"digit": key})),
)


@given(conversation=st.lists(messages, max_size=12))
@example(conversation=["[" * 65_000])
def test_no_conversation_raises_and_one_refusal_ends_it(conversation):
    protocol = TwilioProtocol()
    heard = [protocol.receive(message) for message in conversation]
    endings = [at for at, event in enumerate(heard) if isinstance(event, Refused | Stopped)]
    assert len(endings) <= 1
    for ending in endings:
        assert not any(heard[ending + 1 :])
    assert sum(isinstance(event, Started) for event in heard) <= 1
    for event in heard:
        if isinstance(event, Refused):
            assert event.code in (1003, 1007, 1008, 1009)
            assert len(event.reason.encode()) <= 123


@given(cut=st.data())
def test_a_valid_message_with_one_character_changed_never_raises(cut):
    protocol = TwilioProtocol()
    text = json.dumps(START)
    at = cut.draw(st.integers(0, len(text) - 1))
    heard = protocol.receive(text[:at] + cut.draw(st.characters()) + text[at + 1 :])
    assert isinstance(heard, Started) == protocol.started
    assert isinstance(heard, Refused) == protocol.over
