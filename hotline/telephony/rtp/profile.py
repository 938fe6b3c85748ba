"""The audio profile (RFC 3551): payload types of G.711, its clock, and what silence is.

    PT   name   RFC 3551 table 4              20 ms      silence
     0   PCMU   G.711 mu-law, 8,000 Hz, mono  160 bytes  0xFF
     8   PCMA   G.711 A-law,  8,000 Hz, mono  160 bytes  0xD5

A packet may hold any time: one byte is one sample. 20 ms is only the default (section 4.2).
"""

from __future__ import annotations

from audio import g711
from hotline.telephony.rtp.stream import Codec

RATE = 8000
"""Timestamp units, samples and bytes a second."""
PTIME = 0.020
"""Seconds in a packet where nothing else was agreed on."""
PAYLOADS: dict[Codec, int] = {"PCMU": 0, "PCMA": 8}
"""Static payload types."""
SILENCE: dict[Codec, bytes] = {
    "PCMU": bytes([g711.ULAW_SILENCE]),
    "PCMA": bytes([g711.ALAW_SILENCE]),
}
"""One sample of silence."""


def transcode(octets: bytes, codec: Codec, into: Codec) -> bytes:
    """The same audio in the other law; untouched if it is the same."""
    if codec == into:
        return octets
    return octets.translate(g711.ALAW_TO_ULAW if codec == "PCMA" else g711.ULAW_TO_ALAW)
