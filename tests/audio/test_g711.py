"""G.711 against the standard's definition, computed here another way than the module does."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audio import g711


def alaw_by_definition(sample: int) -> int:
    """ITU-T G.711 table 1a: 13 bits, chords of 16 steps, even bits inverted."""
    positive = sample >= 0
    magnitude = min(abs(sample) >> 3 if positive else (abs(sample) - 1) >> 3, 4095)
    if magnitude < 32:
        code = magnitude >> 1
    else:
        segment = magnitude.bit_length() - 5
        code = segment << 4 | magnitude >> segment & 15
    return (code | (0x80 if positive else 0)) ^ 0x55


def ulaw_by_definition(sample: int) -> int:
    """ITU-T G.711 table 2a: 14 bits, bias 33, all bits inverted."""
    positive = sample >= 0
    magnitude = min(abs(sample) >> 2, 8158) + 33
    segment = magnitude.bit_length() - 6
    code = segment << 4 | magnitude >> (segment + 1) & 15
    return ~(code | (0 if positive else 0x80)) & 0xFF


def test_known_values_of_the_standard() -> None:
    assert g711.alaw_sample(0xD5) == 8
    assert g711.alaw_sample(0x55) == -8
    assert g711.alaw_sample(0xAA) == 32256
    assert g711.alaw_sample(0x2A) == -32256
    assert g711.ulaw_sample(0xFF) == 0
    assert g711.ulaw_sample(0x7F) == 0
    assert g711.ulaw_sample(0x80) == 32124
    assert g711.ulaw_sample(0x00) == -32124


def test_every_octet_survives_decoding_and_encoding() -> None:
    octets = bytes(range(256))
    assert g711.alaw_encode(g711.alaw_decode(octets)) == octets
    # mu-law has a second zero, which no encoder produces
    assert g711.ulaw_encode(g711.ulaw_decode(octets)) == octets.replace(b"\x7f", b"\xff")


@given(st.integers(-32768, 32767))
def test_encoders_agree_with_the_definition_to_half_a_step(sample: int) -> None:
    pcm = np.array([sample], dtype=np.int16)
    for encode, value, reference in (
        (g711.alaw_encode, g711.alaw_sample, alaw_by_definition),
        (g711.ulaw_encode, g711.ulaw_sample, ulaw_by_definition),
    ):
        ours, theirs = value(encode(pcm)[0]), value(reference(sample))
        assert abs(ours - sample) <= abs(theirs - sample)


def test_encoders_equal_the_definition_almost_everywhere() -> None:
    pcm = np.arange(-32768, 32768).astype(np.int16)
    for encode, reference in (
        (g711.alaw_encode, alaw_by_definition),
        (g711.ulaw_encode, ulaw_by_definition),
    ):
        theirs = bytes(reference(int(sample)) for sample in pcm)
        differing = sum(a != b for a, b in zip(encode(pcm), theirs, strict=True))
        assert differing < 0.04 * 65536  # the definition truncates to 13 or 14 bits first


def test_translation_keeps_sign_silence_and_loudness() -> None:
    assert g711.ALAW_TO_ULAW[g711.ALAW_SILENCE] == g711.ULAW_SILENCE
    assert g711.ULAW_TO_ALAW[g711.ULAW_SILENCE] == g711.ALAW_SILENCE
    octets = bytes(range(256))
    before = g711.alaw_decode(octets).astype(int)
    after = g711.ulaw_decode(octets.translate(g711.ALAW_TO_ULAW)).astype(int)
    assert np.all(np.sign(after) * np.sign(before) >= 0)
    assert np.all(np.abs(after - before) <= np.maximum(16, np.abs(before) // 16))


def test_arrays_of_any_layout_are_accepted() -> None:
    strided = np.arange(-1000, 1000, dtype=np.int16)[::2]
    assert len(g711.ulaw_encode(strided)) == 1000
    assert g711.alaw_encode(np.zeros(3, dtype=np.int16)) == bytes([g711.ALAW_SILENCE]) * 3
