"""`hotline serve --agents desk|both`: who of the roster has a telephone."""

import pytest
from click import UsageError

from agents.roster_file import parse_roster
from hotline.cli.desks import on_telephones
from tests.cli.test_sip_options import options

ROSTER = """
agents:
  - {id: a1, number: "1001", sip: wang}
  - {id: a2, number: "1002"}
"""


def test_both_keeps_the_others_and_desk_leaves_them_out():
    roster, sip = parse_roster(ROSTER, "roster.yaml"), options(users=("wang:secret",))
    assert on_telephones(roster, "simulated", None) == (roster, frozenset())
    assert on_telephones(roster, "both", sip) == (roster, {"a1"})
    kept, desks = on_telephones(roster, "desk", sip)
    assert ([profile.id for profile in kept], desks) == (["a1"], {"a1"})


@pytest.mark.parametrize(
    ("text", "sip", "says"),
    [
        (ROSTER, None, "--agents desk needs --sip HOST:PORT"),
        (ROSTER, options(), "roster.yaml:3: nobody has the password of SIP user wang; give --sip"),
        ('agents: [{id: a2, number: "1002"}]', options(), "give `sip: USER` to an agent"),
    ],
)
def test_what_is_missing(text, sip, says):
    with pytest.raises(UsageError) as problem:
        on_telephones(parse_roster(text, "roster.yaml"), "desk", sip)
    assert says in problem.value.format_message()


def test_who_may_not_sign_in_is_named(capsys):
    roster = parse_roster(
        'agents: [{id: a1, number: "1001", sip: wang, putonghua: null}]', "r.yaml"
    )
    on_telephones(roster, "desk", options(users=("wang:secret",)))
    assert "r.yaml:1: a1 may not sign in: 5.2.5.2" in capsys.readouterr().err
