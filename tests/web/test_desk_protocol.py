"""Messages of the control channel: all are read, none raises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.web import desk_protocol as said

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(["number", "password", "on", "skill", "reason", "x"])


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ({"do": "sign_in", "number": "1001"}, said.SignIn("1001", "")),
        ({"do": "sign_in", "number": "1001", "password": "s"}, said.SignIn("1001", "s")),
        ({"do": "sign_out"}, said.SignOut()),
        ({"do": "ready"}, said.Wish("ready")),
        ({"do": "not_ready"}, said.Wish("not_ready")),
        ({"do": "break"}, said.Wish("break")),
        ({"do": "answer"}, said.Answer()),
        ({"do": "decline"}, said.Decline()),
        ({"do": "hold", "on": False}, said.Hold(False)),
        ({"do": "transfer", "skill": ""}, said.Transfer("")),
        ({"do": "survey"}, said.Transfer("survey")),
        ({"do": "hang_up"}, said.HangUp("")),
        ({"do": "hang_up", "reason": "silent"}, said.HangUp("silent")),
    ],
)
def test_what_a_client_may_ask(message, asked):
    assert said.read(json.dumps(message)) == asked


@given(st.text() | st.binary() | JSON.map(json.dumps))
def test_anything_at_all_is_bad_and_never_raises(message):
    found = said.read(message)
    assert isinstance(found, said.Bad)
    assert found.reason


@given(st.sampled_from(sorted(said._COMMANDS)), st.dictionaries(FIELDS, JSON, max_size=4))
def test_any_fields_of_a_known_wish_never_raise(name, fields):
    found = said.read(json.dumps({"do": name, **fields}))
    assert not (isinstance(found, said.Bad) and found.fatal)
