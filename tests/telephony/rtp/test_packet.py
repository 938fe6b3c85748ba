"""RFC 3550 section 5.1: the RTP header, its options and its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.telephony.rtp.errors import FieldError, RtpError, TooShortError
from hotline.telephony.rtp.packet import Packet, build, is_rtcp, parse

WORDS = st.binary(max_size=40).map(lambda octets: octets[: len(octets) // 4 * 4])
PACKETS = st.builds(
    Packet,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=300),
    marker=st.booleans(),
    csrc=st.lists(st.integers(0, 0xFFFFFFFF), max_size=15).map(tuple),
    extension=st.none() | st.tuples(st.integers(0, 0xFFFF), WORDS),
)


@given(packet=PACKETS, padding=st.integers(0, 255))
def test_what_is_built_is_parsed_again(packet, padding):
    assert parse(build(packet, padding)) == packet


def test_the_header_is_laid_out_as_drawn():
    packet = Packet(8, 0x1234, 0x01020304, 0xA1B2C3D4, b"\xd5", marker=True, csrc=(7,))
    assert build(packet).hex() == "81881234" + "01020304" + "a1b2c3d4" + "00000007" + "d5"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "header size insufficient: 0 < 12"),
        ("80000000", "header size insufficient: 4 < 12"),
        ("82" + "00" * 11, "CSRC list size insufficient: 12 < 20"),
        ("90" + "00" * 11, "extension header size insufficient: 12 < 16"),
        ("90" + "00" * 11 + "00010002", "extension size insufficient: 16 < 24"),
        ("a0" + "00" * 11 + "05", "padding size insufficient: 13 < 17"),
    ],
)
def test_a_short_packet_is_told_with_both_numbers(data, message):
    with pytest.raises(TooShortError, match=f"^{message}$"):
        parse(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("40" + "00" * 11, "version: 1 is not 2"),
        ("a0" + "00" * 12, "padding: 0 is not at least 1"),
    ],
)
def test_a_forbidden_value_is_told_with_what_was_wanted(data, message):
    with pytest.raises(FieldError, match=f"^{message}$"):
        parse(bytes.fromhex(data))


def test_what_cannot_be_sent_is_refused():
    with pytest.raises(FieldError, match="CSRC count: 16 is not at most 15"):
        build(Packet(0, 0, 0, 0, b"", csrc=(1,) * 16))
    with pytest.raises(FieldError, match="extension size: 3 is not a multiple of 4"):
        build(Packet(0, 0, 0, 0, b"", extension=(1, b"abc")))


@given(st.binary(max_size=80))
def test_no_datagram_raises_anything_but_our_errors(data):
    try:
        packet = parse(data)
    except RtpError:
        return
    assert len(packet.payload) <= len(data) - 12


def test_reports_on_the_media_port_are_told_apart():
    """RFC 5761 section 4."""
    assert is_rtcp(bytes([0x80, 200]))
    assert is_rtcp(bytes([0x81, 201]))
    assert not is_rtcp(bytes([0x80, 0x80 | 8]))
    assert not is_rtcp(bytes([0x80, 101]))
    assert not is_rtcp(b"")
