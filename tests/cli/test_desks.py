"""`hotline serve --agents desk|both`: who of the roster sits at a desk, and his password."""

import pytest
from click import UsageError

from agents.roster_file import parse_roster
from hotline.cli.desks import at_desks, local
from tests.cli.test_sip_options import options

ROSTER = """
agents:
  - {id: a1, number: "1001", sip: wang}
  - {id: a2, number: "1002"}
  - {id: a3, number: "1003"}
"""
HERE, ANYWHERE = "127.0.0.1", "0.0.0.0"


@pytest.fixture
def roster():
    return parse_roster(ROSTER, "roster.yaml")


def test_simulated_agents_have_no_desks(roster):
    found = at_desks(roster, "simulated", None, (), HERE)
    assert (found.roster, found.desks) == (roster, frozenset())


def test_both_keeps_the_others_and_desk_leaves_them_out(roster):
    sip = options(users=("wang:secret",))
    both = at_desks(roster, "both", sip, (), ANYWHERE)
    assert (both.roster, both.desks, both.passwords) == (roster, {"a1"}, {"1001": "secret"})
    desk = at_desks(roster, "desk", sip, (), ANYWHERE)
    assert [profile.id for profile in desk.roster] == ["a1"]


def test_telephones_and_pages_at_once(roster):
    sip = options(users=("wang:secret",))
    found = at_desks(roster, "desk", sip, ("1003:other", "1001:mine"), ANYWHERE)
    assert found.passwords == {"1001": "mine", "1003": "other"}
    assert [profile.id for profile in found.roster] == ["a1", "a3"]


def test_on_this_machine_nobody_needs_a_password(roster):
    everybody = at_desks(roster, "desk", None, (), HERE)
    assert everybody.passwords == {"1001": None, "1002": None, "1003": None}
    one = at_desks(roster, "both", None, ("1002",), "localhost")
    assert (one.desks, one.passwords) == ({"a2"}, {"1002": None})


def test_passwords_from_a_file(roster, tmp_path):
    (tmp_path / "desks.txt").write_text("# 座席\n1001:secret\n\n1002:other\n", encoding="utf-8")
    found = at_desks(roster, "desk", None, (f"@{tmp_path}/desks.txt",), ANYWHERE)
    assert found.passwords == {"1001": "secret", "1002": "other"}


@pytest.mark.parametrize(
    ("agents", "sip", "given", "host", "says"),
    [
        ("simulated", None, ("1001",), HERE, "--desk-user needs --agents desk"),
        ("desk", None, (), ANYWHERE, "say who answers: --desk-user NUMBER:PASSWORD"),
        ("both", None, (), HERE, "say who answers"),
        ("desk", options(), (), HERE, "roster.yaml:3: nobody has the password of SIP user wang"),
        ("desk", None, ("1001",), ANYWHERE, "--desk-user: 1001 needs a password, because --host"),
        ("desk", None, ("1001:",), HERE, "--desk-user: give NUMBER:PASSWORD"),
        ("desk", None, ("10O2:secret",), HERE, "no such number on the roster; did you mean 1002?"),
        ("desk", None, ("secret",), HERE, "give the 工号 of an agent"),
    ],
)
def test_what_is_missing(roster, agents, sip, given, host, says):
    with pytest.raises(UsageError) as problem:
        at_desks(roster, agents, sip, given, host)
    assert says in problem.value.format_message()
    assert "secret" not in problem.value.format_message()


def test_who_may_not_sign_in_is_named(capsys):
    roster = parse_roster(
        'agents: [{id: a1, number: "1001", sip: wang, putonghua: null}]', "r.yaml"
    )
    at_desks(roster, "desk", options(users=("wang:secret",)), (), HERE)
    assert "r.yaml:1: a1 may not sign in: 5.2.5.2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("box", False)],
)
def test_what_only_this_machine_can_reach(host, here):
    assert local(host) is here
