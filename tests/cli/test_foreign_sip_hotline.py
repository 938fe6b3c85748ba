"""`hotline call` and `test --media sip` against a hotline that is not ours: SIPp plays recordings,
speaks before it answers, and takes keys by INFO."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest

from hotline.cli import sound
from tests.cli.conftest import start
from tests.cli.test_foreign_hotline import BOT, PACK, of_the_pack
from tests.telephony.sip.peers import free_port, needs

pytestmark = needs("sipp")

SIPP = Path(__file__).parents[1] / "telephony" / "sip" / "sipp" / "ivr.xml"
STORY = f"{BOT / 'scenarios.yaml'}:6"
AUDIO = {
    "welcome": ("welcome",),
    "account": ("account",),
    "done": ("tail", "digit4", "digit5", "digit6", "digit7", "done", "goodbye"),
}
"""what SIPp plays -> the recordings it is made of"""


@contextlib.contextmanager
def foreign(folder):
    """Its address; it takes one call, and has then heard the right keys."""
    folder.mkdir()
    shutil.copy(SIPP, folder)
    for name, recordings in AUDIO.items():
        (folder / f"{name}.ulaw").write_bytes(b"".join(map(ulaw, recordings)))
    port, errors = free_port(), folder / "errors"
    process = subprocess.Popen(
        ["sipp", "-nostdin", "-sf", "ivr.xml", "-i", "127.0.0.1", "-p", str(port), "-m", "1",
         "-mp", str(free_port()), "-timeout", "60", "-trace_err", "-error_file", str(errors)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"sip:95598@127.0.0.1:{port}"
        code = process.wait(20)
    finally:
        process.kill()
    assert code == 0, errors.read_text() if errors.exists() else "no reason given"


def ulaw(name: str) -> bytes:
    """The samples of one of the recordings."""
    content = (PACK / f"{name}.wav").read_bytes()
    return content[content.index(b"data") + 8 :]


HEARD = """\
  heard   welcome
  pressed 1
  heard   account
  pressed 24567#
  heard   subscribed  last=四五六七
  heard   goodbye
  hung up hotline
"""


SPOKEN = """
scenario: 听懂就行
story:
  - hear: {matches: "订阅电子账单请按[0-9]"}
  - press: "1"
  - hear: {contains: 请输入要订阅账单的户号}
  - type: "24567#"
  - hear: {contains: 已订阅电子账单}
  - hear: hangup
"""


@pytest.mark.live
def test_by_its_prompt_pack_and_by_speech_recognition(hotline, tmp_path, monkeypatch):
    """Side by side. The welcome is early media: heard, and not taken for an answer."""
    monkeypatch.setattr(sound, "whisper", of_the_pack)
    (tmp_path / "spoken.yaml").write_text(SPOKEN, "utf-8")
    with foreign(tmp_path / "one") as one, foreign(tmp_path / "other") as other:
        by_pack = start("call", STORY, "--target", one, "--pack", PACK, "--lang", "en")
        options = ("--media", "sip", "--target", other, "--hear", "speech")
        by_speech = hotline("test", tmp_path / "spoken.yaml", *options, "--transcript")
        out, err = by_pack.communicate(timeout=60)
    assert by_pack.returncode == 0, (out, err)
    assert HEARD in out
    assert by_speech.code == 0, by_speech
    assert "heard   “您好。订阅电子账单请按1" in by_speech.out


def test_what_its_pack_does_not_have_is_refused_before_the_call(hotline, tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nstory:\n  - hear: {prompt: welcom}\n", "utf-8")
    told = hotline(
        "test", file, "--media", "sip", "--target", "sip:127.0.0.1:9", "--pack", PACK
    ).complaint
    assert "did you mean welcome?" in told
