"""Recordings: nobody who has not been told, both sides in step, nothing legible on the disk."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from hotline.store.errors import StoreError
from hotline.store.recordings import (
    Recordings,
    path_of,
    purge_recordings,
    read_recording,
    wave,
)
from hotline.store.vault import Vault
from hotline.switch import actions as do
from hotline.telephony.engine import Engine
from hotline.telephony.leg import FRAME, TICK
from hotline.telephony.media import EngineMedia
from hotline.telephony.recording import NOTICE
from tests.telephony.doubles import FakeExchange, FakeVoice, HandClock, Tape, octets

CALL = "c1"


class Shelf:
    """Keeps recordings in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, list[bytes]] = {}

    def begin(self, call, codec):
        return self.kept.setdefault(call, []).append

    def sides(self, call: str) -> tuple[bytes, bytes]:
        both = b"".join(self.kept[call])
        return both[::2], both[1::2]


class Desk:
    def __init__(self, shelf: Shelf | None) -> None:
        self.clock = HandClock()
        engine = Engine(self.clock)
        self.media = EngineMedia(engine, FakeVoice(), FakeExchange(), shelf=shelf)
        self.tape = Tape(self.clock)
        self.media.add_line(CALL, self.tape)
        self.media.answer(CALL)

    def play(self, name: str, text: str) -> None:
        self.media.play(CALL, 1, do.Prompt(name, text))

    def say(self, octet: int, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.media.heard(CALL, bytes([octet]) * FRAME)
            self.clock.run(TICK)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_nothing_is_recorded_before_the_notice_has_been_heard_to_its_end(shelf):
    desk = Desk(shelf)
    desk.play("greeting", "a")
    desk.say(1, 0.5)
    desk.play(NOTICE, "n" * 10)
    desk.say(2, 0.2)
    assert shelf.kept == {}
    desk.play("menu", "m")  # the notice was cut off
    desk.say(3, 0.5)
    assert shelf.kept == {}
    desk.play(NOTICE, "n")
    desk.say(4, 0.5)
    desk.media.remove_line(CALL)
    said, heard = shelf.sides(CALL)
    assert 4 in said
    assert not {1, 2, 3} & set(said)
    assert octets("n") not in heard


def test_both_sides_are_there_and_in_step(shelf):
    desk = Desk(shelf)
    desk.play(NOTICE, "n")
    desk.clock.run(0.2)
    desk.say(0xFF, 1.0)
    desk.play("menu", "m")
    desk.say(9, len(octets("m")) / 8000 + TICK)
    desk.media.hang_up(CALL, "goodbye")
    said, heard = shelf.sides(CALL)
    assert octets("m") in heard
    assert abs(said.index(9) - heard.index(octets("m"))) <= 2 * FRAME
    assert shelf.kept[CALL][-1] == b""


def test_a_long_call_is_handed_on_bit_by_bit(shelf):
    desk = Desk(shelf)
    desk.play(NOTICE, "n")
    desk.clock.run(35.0)
    assert len(shelf.kept[CALL]) == 3
    assert max(map(len, shelf.kept[CALL])) <= 10 * 8000 * 2


def test_without_a_shelf_nothing_is_recorded():
    desk = Desk(None)
    desk.play(NOTICE, "n")
    desk.say(1, 0.5)
    desk.media.remove_line(CALL)
    assert desk.tape.heard is None


# --- on the disk ---------------------------------------------------------------------------------


@pytest.fixture
def vault() -> Vault:
    return Vault(Fernet.generate_key())


def kept(folder: Path, vault: Vault, *pieces: bytes) -> None:
    recordings = Recordings(folder, vault)
    write = recordings.begin("sip/1", "PCMA")
    for piece in pieces:
        write(piece)
    recordings.close()


def test_a_recording_is_read_again_only_with_the_key(tmp_path, vault):
    kept(tmp_path, vault, b"\x01\x02" * 1000, b"\x03\x04" * 1000, b"")
    assert read_recording(tmp_path, "sip/1", vault) == (
        "PCMA",
        b"\x01\x02" * 1000 + b"\x03\x04" * 1000,
    )
    path = path_of(tmp_path, "sip/1")
    assert path.parent == tmp_path
    assert path.stat().st_mode & 0o077 == 0
    assert b"\x01\x02\x01\x02" not in path.read_bytes()
    with pytest.raises(StoreError, match="the key does not fit this recording"):
        read_recording(tmp_path, "sip/1", Vault(Fernet.generate_key()))
    with pytest.raises(StoreError, match="there is no recording of c9"):
        read_recording(tmp_path, "c9", vault)


def test_what_a_crash_cut_off_is_left_out(tmp_path, vault):
    kept(tmp_path, vault, b"\x01\x02" * 1000, b"\x03\x04" * 1000)
    path = path_of(tmp_path, "sip/1")
    path.write_bytes(path.read_bytes()[:-7])
    assert read_recording(tmp_path, "sip/1", vault)[1] == b"\x01\x02" * 1000


def test_the_wav_has_the_caller_left_and_the_hotline_right():
    octets = b"\x01\x02" * 4000
    content = wave("PCMU", octets)
    size, tag, channels, rate = struct.unpack_from("<4xI12xHHI", content)
    assert (content[:4], size + 8, content[8:12]) == (b"RIFF", len(content), b"WAVE")
    assert (tag, channels, rate) == (7, 2, 8000)
    assert content.endswith(struct.pack("<4sI", b"data", len(octets)) + octets)


def test_old_recordings_go_with_a_purge(tmp_path, vault):
    kept(tmp_path, vault, b"\x01\x02")
    assert purge_recordings(tmp_path, 1.0) == 0
    assert purge_recordings(tmp_path, -1.0) == 1
    assert not path_of(tmp_path, "sip/1").exists()


def test_a_folder_that_cannot_be_is_told(tmp_path, vault):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="recordings cannot be kept in"):
        Recordings(tmp_path / "file" / "x", vault)
