"""Lines between a node and the ACD: what is said comes out, and nonsense is nothing but WireError."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.nodes import joining
from hotline.nodes.ends import AcdEnd
from hotline.nodes.joining import RefusedError
from hotline.nodes.wire import BEAT, LONGEST, Lines, WireError, decode, encode
from hotline.switch import events as ev
from tests.nodes.hotline import Hotline

SAID = [
    ("acd", ev.AgentRequested(1.5, "x", 2, "fault", "en-US", 1)),
    ("call", ev.OfferEnded(2.0, "x", 2, 7, "a1", ev.OfferOutcome.LOST)),
]


@given(cuts=st.lists(st.integers(0, 400)))
def test_lines_are_whole_however_the_octets_come(cuts):
    octets = b"".join(encode(*said) for said in SAID) + BEAT
    ends = sorted({min(cut, len(octets)) for cut in cuts} | {len(octets)})
    lines, found = Lines(), []
    for begin, end in zip([0, *ends], ends, strict=False):
        found += [decode(line) for line in lines.feed(octets[begin:end])]
    assert found == [*SAID, None]


def test_a_line_without_end_is_given_up():
    lines = Lines()
    with pytest.raises(WireError, match="more than 65536 octets"):
        list(lines.feed(b"x" * (LONGEST + 1)))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["acd", "call", "again", "$", "CallArrived", "Did", "at", "call"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["$", "at", "call", "request", "action", "x"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(octets=st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode() + b"\n"))
def test_nonsense_raises_nothing_but_wire_errors(octets):
    """From a stranger, and from a node that has joined."""
    hotline = Hotline("a")
    for end in (
        AcdEnd(hotline.nodes, lambda octets: None, "n", b""),
        hotline.places["a"].cable.acd,
    ):
        try:
            end.receive(octets)
        except WireError:
            end.lost()


@pytest.mark.parametrize(
    ("to", "event"),
    [
        ("acd", ev.AgentSignedOut(0.0, "", "a1")),
        ("agent", ev.OfferMade(0.0, "x", 1, 1, "a1")),
        ("journal", ev.AgentStateChanged(0.0, "", "a1")),
        ("again", ev.HungUp(0.0, "x")),
    ],
)
def test_a_node_cannot_speak_for_agents(to, event):
    hotline = Hotline("a")
    cable = hotline.places["a"].cable
    with pytest.raises(WireError, match=rf"{type(event).__name__} to {to} from a node"):
        cable.acd.receive(encode(to, event))


def test_a_call_of_another_node_is_not_touched():
    hotline = Hotline("a", "b")
    a, b = hotline.places["a"], hotline.places["b"]
    a.arrive("x")
    a.press("x", "0")
    b.cable.acd.receive(encode("acd", ev.RequestWithdrawn(0.0, "x", 1)))
    b.cable.acd.receive(encode("acd", ev.CallClosed(0.0, "x")))
    assert "x" in hotline.acd.live
    with pytest.raises(WireError, match="a call that is here already"):
        b.cable.acd.receive(encode("acd", ev.CallArrived(0.0, "x")))


# --- joining -------------------------------------------------------------------------------------


def test_both_ends_prove_that_they_know_the_secret():
    words, expected = joining.introduce(joining.greet("A"), "B", "a", b"secret")
    node, answer = joining.admit(words, "A", b"secret")
    assert node == "a"
    joining.welcomed(answer, expected)
    assert b"secret" not in words + answer


def test_who_does_not_know_it_is_told_so():
    words, _ = joining.introduce(joining.greet("A"), "B", "a", b"guess")
    with pytest.raises(RefusedError, match="the secrets differ"):
        joining.admit(words, "A", b"secret")
    with pytest.raises(RefusedError, match="the secrets differ"):
        joining.welcomed(joining.refuse(RefusedError("the secrets differ")), "")


def test_an_acd_that_does_not_know_it_is_not_trusted():
    _, expected = joining.introduce(joining.greet("A"), "B", "a", b"secret")
    forged = json.dumps({"proof": joining.proof(b"guess", "acd", "A", "B", "a")}).encode()
    with pytest.raises(RefusedError):
        joining.welcomed(forged, expected)


def test_a_proof_of_another_connection_is_of_no_use():
    words, _ = joining.introduce(joining.greet("A"), "B", "a", b"secret")
    with pytest.raises(RefusedError):
        joining.admit(words, "another", b"secret")


def test_another_version_is_named():
    with pytest.raises(RefusedError, match="version 2 of the protocol, this one 1"):
        joining.introduce(b'{"acd":2,"nonce":"A"}', "B", "a", b"")
