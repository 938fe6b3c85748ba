"""`--sip` and its companions: what is wrong with them is said in one line, no password is repeated."""

import pytest
from click import UsageError

from hotline.cli.sip import read_address, read_options

GIVEN = {
    "users": (),
    "digest": "both",
    "need_user": False,
    "trusted": (),
    "allowed": (),
    "calls": 10,
    "rate": 10.0,
    "public": "",
    "trunk": "",
    "register": False,
    "rtp": "",
}


def options(**given):
    import inspect

    more = {
        name: False
        for name in inspect.signature(read_options).parameters
        if name not in GIVEN and name != "sip"
    }
    return read_options("127.0.0.1:5060", **{**more, **GIVEN, **given})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"users": ("alice",)}, "--sip-user: give NAME:PASSWORD"),
        ({"users": ("alice:",)}, "--sip-user: give NAME:PASSWORD"),
        ({"need_user": True}, "nobody could call"),
        ({"allowed": ("somewhere",)}, "--sip-allow somewhere: give an address or network"),
        ({"trusted": ("10.0.0.0/99",)}, "--sip-trust 10.0.0.0/99"),
        ({"rtp": "1-2"}, "--rtp-ports 1-2: give FIRST-LAST"),
        ({"rtp": "many"}, "--rtp-ports many"),
        ({"trunk": "tel:123"}, "--sip-trunk: give sip:HOST:PORT"),
        ({"trunk": "sip:host", "register": True}, "--sip-register needs"),
    ],
)
def test_what_is_wrong(given, says):
    with pytest.raises(UsageError) as problem:
        options(**given)
    assert says in problem.value.format_message()


def test_users_from_a_file(tmp_path):
    file = tmp_path / "users"
    file.write_text("# our telephones\n\n1001:secret\n1002:pass:word\n")
    assert options(users=(f"@{file}",)).settings.users == {"1001": "secret", "1002": "pass:word"}
    file.write_text("1001:secret\nsecretly\n")
    with pytest.raises(UsageError) as problem:
        options(users=(f"@{file}",))
    assert f"{file}:2: give NAME:PASSWORD" in problem.value.format_message()
    assert "secretly" not in problem.value.format_message()


def test_a_trunk_with_its_user():
    trunk = options(trunk="sip:95598:secret@192.0.2.9:5070", register=True).trunk
    assert (trunk.uri.host, trunk.uri.port, trunk.register) == ("192.0.2.9", 5070, True)
    assert "secret" not in repr(trunk.credentials)


def test_who_must_authenticate_is_not_trusted_for_being_near():
    assert options().guard.trusts("127.0.0.1")
    assert not options(users=("a:b",), need_user=True).guard.trusts("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:5070", ("127.0.0.1", 5070)),
        ("0.0.0.0", ("0.0.0.0", 5060)),
        ("[::1]:5070", ("::1", 5070)),
        ("[::1]", ("::1", 5060)),
    ],
)
def test_addresses(text, address):
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["", ":5060", "host:port", "host:99999"])
def test_no_address(text):
    with pytest.raises(UsageError):
        read_address(text)
