from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.store.codec import (
    EVENTS,
    RECORDS,
    Codec,
    dump_entries,
    dump_record,
    load_entries,
    load_record,
)
from hotline.store.errors import CodecError
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import CallRecord, Entry, fold
from tests.store.calling import whole

TEXT = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False)
PLAYABLE = st.one_of(
    st.builds(
        do.Prompt,
        values=st.lists(st.tuples(TEXT, st.one_of(TEXT, st.integers(), NUMBERS)), max_size=3).map(
            tuple
        ),
    ),
    st.builds(do.Music),
    st.builds(do.Tone),
)
st.register_type_strategy(float, NUMBERS)
st.register_type_strategy(do.Prompt, st.builds(do.Prompt, id=TEXT, text=TEXT))

EVENT_CLASSES = [cls for cls in EVENTS.classes.values() if issubclass(cls, ev.Event)]
ACTION_CLASSES = [cls for cls in EVENTS.classes.values() if issubclass(cls, do.Action)]


def events_of(cls: type) -> st.SearchStrategy[Any]:
    """Any instance of event class `cls`."""
    if cls is ev.Did:
        return st.builds(ev.Did, action=st.sampled_from(ACTION_CLASSES).flatmap(actions_of))
    if cls is ev.ServiceReplied:
        return st.builds(cls, values=st.dictionaries(TEXT, TEXT, max_size=3))
    return st.builds(cls, **{name: st.from_type(kind) for name, kind in _hints(cls).items()})


def actions_of(cls: type) -> st.SearchStrategy[Any]:
    """Any instance of action class `cls`."""
    if cls is do.Play:
        return st.builds(cls, what=PLAYABLE)
    if cls is do.CallService:
        return st.builds(cls, inputs=st.dictionaries(TEXT, TEXT, max_size=3))
    if cls is do.Tell:
        told = [cls for cls in EVENT_CLASSES if cls is not ev.Did]
        return st.builds(cls, event=st.sampled_from(told).flatmap(events_of))
    return st.builds(cls, **{name: st.from_type(kind) for name, kind in _hints(cls).items()})


def _hints(cls: type) -> dict[str, Any]:
    from typing import get_type_hints

    return get_type_hints(cls)


class TestRoundTrip:
    @pytest.mark.parametrize("cls", EVENT_CLASSES, ids=lambda cls: cls.__name__)
    @settings(max_examples=15, deadline=None)
    @given(data=st.data())
    def test_every_event(self, cls: type, data: st.DataObject) -> None:
        event = data.draw(events_of(cls))
        loaded = EVENTS.loads(EVENTS.dumps(event))
        assert loaded == event
        assert type(loaded) is cls

    @pytest.mark.parametrize("cls", ACTION_CLASSES, ids=lambda cls: cls.__name__)
    @settings(max_examples=15, deadline=None)
    @given(data=st.data())
    def test_every_action_that_was_done(self, cls: type, data: st.DataObject) -> None:
        event = ev.Did(1.0, "c1", data.draw(actions_of(cls)))
        assert EVENTS.loads(EVENTS.dumps(event)) == event

    def test_numbers_keep_their_kind(self) -> None:
        prompt = do.Prompt("p", "t", values=(("a", 1), ("b", 1.0), ("c", "1")))
        loaded = EVENTS.loads(EVENTS.dumps(prompt))
        assert [type(value) for _, value in loaded.values] == [int, float, str]

    def test_an_unknown_wait_and_an_endless_one_are_not_the_same(self) -> None:
        for wait in (None, math.inf):
            event = ev.Queued(0.0, "c", 1, 1, wait)
            assert EVENTS.loads(EVENTS.dumps(event)) == event

    def test_entries_and_their_record(self) -> None:
        entries = whole("c1")
        loaded = load_entries(dump_entries(entries))
        assert loaded == entries
        record = fold(entries)
        assert load_record(dump_record(record)) == record

    @settings(max_examples=50, deadline=None)
    @given(st.builds(CallRecord))
    def test_any_record(self, record: CallRecord) -> None:
        assert load_record(dump_record(record)) == record

    def test_a_number_no_encoding_knows_is_kept(self) -> None:
        event = ev.CallArrived(0.0, "c", "\udcff\0")
        assert EVENTS.loads(EVENTS.dumps(event)) == event


class TestStrict:
    def broken(self, **changes: object) -> str:
        plain = json.loads(EVENTS.dumps(ev.KeyPressed(1.0, "c1", "5")))
        return json.dumps({**plain, **changes})

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"$": "NoSuchEvent"}, "unknown class 'NoSuchEvent'"),
            ({"$": None}, "unknown class"),
            ({"colour": "red"}, "KeyPressed has no field 'colour'"),
            ({"key": 5}, "KeyPressed.key has a value of another type"),
            ({"at": True}, "KeyPressed.at has a value of another type"),
            ({"at": "soon"}, "KeyPressed.at has a value of another type"),
        ],
    )
    def test_what_was_never_written_is_refused(
        self, changes: dict[str, object], message: str
    ) -> None:
        with pytest.raises(CodecError, match=message):
            EVENTS.loads(self.broken(**changes))

    def test_a_missing_field_without_default_is_refused(self) -> None:
        with pytest.raises(CodecError, match="KeyPressed lacks at, call"):
            EVENTS.loads('{"$": "KeyPressed", "key": "5"}')

    def test_a_field_added_later_takes_its_default(self) -> None:
        old = '{"$": "StepFinished", "at": 1.0, "call": "c1", "step": "s"}'
        assert EVENTS.loads(old) == ev.StepFinished(1.0, "c1", "s")

    @pytest.mark.parametrize("cls", [ev.OfferEnded, ev.HungUp, ev.AgentStateChanged])
    def test_an_enum_takes_only_its_words(self, cls: type) -> None:
        plain = json.loads(EVENTS.dumps(cls(0.0, "c")))
        words = {"outcome", "by", "state"} & set(plain)
        with pytest.raises(CodecError, match="another type"):
            EVENTS.loads(json.dumps({**plain, words.pop(): "elsewhere"}))

    def test_an_action_is_not_an_entry(self) -> None:
        with pytest.raises(CodecError, match="Answer where Event belongs"):
            load_entries('[["call", {"$": "Answer"}]]')

    @pytest.mark.parametrize("text", ["", "{", "[1]", '[["call"]]', '[[1, {"$": "HungUp"}]]', "3"])
    def test_broken_journals_are_refused(self, text: str) -> None:
        with pytest.raises(CodecError):
            load_entries(text)

    def test_what_has_no_class_here_is_not_written(self) -> None:
        with pytest.raises(CodecError, match="Entry is not a class"):
            EVENTS.dumps(Entry("call", ev.HungUp(0.0, "c")))

    def test_only_a_record_is_loaded_as_a_record(self) -> None:
        with pytest.raises(CodecError, match="MenuVisit where CallRecord belongs"):
            load_record('{"$": "MenuVisit", "menu": "m", "at": 0.0, "depth": 1}')


def test_every_class_of_the_shared_words_is_known() -> None:
    assert "KeyPressed" in EVENTS.classes
    assert "Did" in EVENTS.classes
    assert "Prompt" in EVENTS.classes
    assert "CallRecord" in RECORDS.classes
    assert "Offer" in RECORDS.classes
    # the one fact that a row takes over as it was noted
    assert set(EVENTS.classes) & set(RECORDS.classes) == {"MediaQuality"}


def test_codecs_may_be_made_for_other_classes() -> None:
    codec = Codec([do.Tone])
    assert codec.loads(codec.dumps(do.Tone("busy"))) == do.Tone("busy")
