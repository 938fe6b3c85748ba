"""Our uvicorn protocol: ready-made frames that any client reads, and no write too late."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest
from websockets.frames import Opcode
from websockets.protocol import CLIENT, OPEN, Protocol

from hotline.telephony.server import MediaProtocol, settings
from hotline.telephony.twilio import TwilioProtocol
from tests.telephony.test_twilio import START

FRAME = bytes(range(160))


class Socket:
    """A transport that, as uvloop's does, raises when it is used after its end."""

    def __init__(self) -> None:
        self.written = b""
        self.closing = False

    def write(self, data: bytes) -> None:
        if self.closing:
            raise RuntimeError("unable to perform operation; the handler is closed")
        self.written += data

    def get_write_buffer_size(self) -> int:
        if self.closing:
            raise RuntimeError("unable to perform operation; the handler is closed")
        return len(self.written)

    def is_closing(self) -> bool:
        return self.closing


@pytest.fixture
def wire() -> MediaProtocol:
    wire = MediaProtocol.__new__(MediaProtocol)  # without a server around it
    wire.transport, wire.close_sent = Socket(), False
    protocol = TwilioProtocol()
    protocol.receive(json.dumps(START))
    wire.start(protocol)
    return wire


def test_ready_made_frames_are_websocket_messages_of_the_format(wire):
    wire.write_frame(FRAME)
    wire.write_text(json.dumps({"event": "clear", "电": "x" * 70_000}))
    wire.write_frame(FRAME[::-1])
    client = Protocol(CLIENT, state=OPEN, max_size=None)
    client.receive_data(wire.transport.written)
    frames = client.events_received()
    assert [frame.opcode for frame in frames] == [Opcode.TEXT] * 3
    messages = [json.loads(frame.data) for frame in frames]
    assert [message["event"] for message in messages] == ["media", "clear", "media"]
    assert b64decode(messages[0]["media"]["payload"]) == FRAME
    assert b64decode(messages[2]["media"]["payload"]) == FRAME[::-1]
    assert messages[0]["streamSid"] == "MZ12"


@pytest.mark.parametrize("end", ["closed by us", "lost"])
def test_nothing_is_written_after_the_end(wire, end):
    wire.write_frame(FRAME)
    sent = wire.transport.written
    wire.close_sent = end == "closed by us"
    wire.transport.closing = end == "lost"
    wire.write_frame(FRAME)
    wire.write_text("{}")
    assert wire.transport.written == sent
    wire.close(1000, "bye")  # a second close does nothing
    assert wire.transport.written == sent
    if end == "lost":
        assert wire.pending() == 0


def test_calls_are_not_compressed_and_messages_are_bounded():
    assert settings()["ws_per_message_deflate"] is False
    assert settings()["ws_max_size"] <= 2**20
