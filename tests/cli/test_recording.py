"""`hotline recording` and `hotline purge --record`: one call's audio as WAV, then gone."""

from __future__ import annotations

import pytest

from hotline.store.database import open_database
from hotline.store.recordings import Recordings


@pytest.fixture
def kept(tmp_path):
    """(database file, folder) with the recording of call `c1`: 2 s."""
    file, folder = tmp_path / "calls.db", tmp_path / "recordings"
    database = open_database(str(file))
    recordings = Recordings(folder, database.vault)
    recordings.begin("c1", "PCMA")(b"\x01\x02" * 16_000)
    recordings.close()
    database.close()
    return file, folder


def test_a_recording_is_written_as_wav(hotline, kept, tmp_path):
    database, folder = kept
    wav = tmp_path / "c1.wav"
    ran = hotline("recording", "c1", wav, "--folder", folder, "--database", database)
    assert (ran.code, ran.err) == (0, "")
    assert "c1.wav: 2.0 s, the caller left, the hotline right." in ran.out
    assert wav.read_bytes().endswith(b"\x01\x02" * 16_000)


def test_a_call_without_recording_is_a_complaint_in_one_line(hotline, kept, tmp_path):
    database, folder = kept
    ran = hotline("recording", "c9", tmp_path / "x", "--folder", folder, "--database", database)
    assert "there is no recording of c9" in ran.complaint
    assert not (tmp_path / "x").exists()


def test_a_purge_takes_old_recordings_too_when_it_is_told_where_they_are(hotline, kept):
    database, folder = kept
    purge = ("purge", "--database", database, "--record", folder, "--older-than")
    assert "deleted 0 recordings" in hotline(*purge, 1).out
    assert "deleted 1 recordings" in hotline(*purge, 0).out
