"""`hotline test --media ws` against a bot that is written from the message format alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import Future

import pytest

from audio import g711, prompt_pack
from audio.recognise import Recogniser, sequence
from hotline.cli import sound
from tests.cli.conftest import ROOT

BOT = ROOT / "examples" / "voicebot"
PACK = BOT / "prompts"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    """The example's address; it runs outside the project, so it can import nothing of ours."""
    folder = shutil.copytree(BOT, tmp_path_factory.mktemp("elsewhere") / "bot")
    bot = subprocess.Popen(
        [sys.executable, "server.py", "0"],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    try:
        yield bot.stdout.readline().removeprefix("listening ").strip()
    finally:
        bot.terminate()
        bot.communicate(timeout=10)


def test_the_bot_knows_nothing_of_ours():
    imports = [
        line.split()[1].split(".")[0]
        for line in (BOT / "server.py").read_text("utf-8").splitlines()
        if line.startswith(("import ", "from "))
    ]
    standard = sys.stdlib_module_names
    assert [name for name in imports if name not in standard and name != "__future__"] == [
        "websockets",
        "websockets",
    ]


@pytest.mark.live
def test_its_scenarios_pass_with_its_prompt_pack(hotline, bot, tmp_path):
    kept = tmp_path / "run.json"
    ran = hotline(
        "test", BOT / "scenarios.yaml", "--media", "ws", "--target", bot, "--pack", PACK,
        "--transcript", "--json", kept,
    )  # fmt: skip
    assert ran.code == 0, ran
    assert "heard   subscribed  last=四五六七" in ran.out
    assert "2 passed" in ran.out
    assert kept.exists()


def of_the_pack():
    """A recogniser that knows the bot's sentences, in place of Whisper."""
    pack = prompt_pack.load(PACK).pack
    texts = pack.texts("zh-CN")

    def recognise(alaw: bytes, language: str) -> Future[str]:
        ear = Recogniser(pack)
        found = sequence([*ear.feed(g711.alaw_decode(alaw)), *ear.finish()])
        job: Future[str] = Future()
        job.set_result(" ".join(texts[clip] for clip in found))
        return job

    return recognise


SPOKEN = """
scenario: 听懂就行
agent_is: {contains: 有什么可以帮您}
story:
  - hear: {matches: "索取电子发票请按[0-9]"}
  - press: "0"
  - agent: answered
  - hang_up:
"""


@pytest.mark.live
def test_a_scenario_of_texts_passes_by_speech_recognition(hotline, bot, tmp_path, monkeypatch):
    monkeypatch.setattr(sound, "whisper", of_the_pack)
    (tmp_path / "spoken.yaml").write_text(SPOKEN, "utf-8")
    ran = hotline("call", tmp_path / "spoken.yaml", "--target", bot, "--hear", "speech")
    assert ran.code == 0, ran
    assert "heard   “您好。订阅电子账单请按1" in ran.out
    assert "  agent\n" in ran.out


NEEDS = {
    "- hear: {prompt: welcome}": "{prompt: welcome} cannot be heard by speech",
    "- hear: music": "music cannot be heard by speech",
    "- agent: answered": "agent_is",
}


@pytest.mark.parametrize("step", NEEDS)
def test_what_speech_cannot_tell_is_refused_before_the_call(hotline, tmp_path, monkeypatch, step):
    monkeypatch.setattr(sound, "whisper", of_the_pack)
    file = tmp_path / "s.yaml"
    file.write_text(f"scenario: s\nstory:\n  {step}\n", "utf-8")
    told = hotline("call", file, "--target", "ws://127.0.0.1:9/", "--hear", "speech").complaint
    assert f"{file}:3" in told
    assert NEEDS[step] in told


def test_names_that_the_pack_does_not_have_are_refused_before_the_call(hotline, tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(
        "scenario: s\nagent_is: {prompt: agent}\nstory:\n  - hear: {prompt: welcom}\n", "utf-8"
    )
    told = hotline("call", file, "--target", "ws://127.0.0.1:9/", "--pack", PACK).complaint
    assert f"{file}:4" in told
    assert "did you mean welcome?" in told


def test_without_the_extra_the_remedy_is_told(hotline, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nstory:\n  - hear: {contains: 您好}\n", "utf-8")
    told = hotline("call", file, "--target", "ws://127.0.0.1:9/", "--hear", "speech").complaint
    assert "[hearing]" in told


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--pack", PACK, "--hear", "speech"), "exclude each other"),
        (("--pack", PACK, "--book", "b.yaml"), "--book is for a hotline of ours"),
        (("--pack", PACK / "none"), "prompts.csv"),
    ],
)
def test_options_that_contradict_each_other(hotline, options, says):
    told = hotline("call", BOT / "scenarios.yaml:6", "--target", "ws://127.0.0.1:9/", *options)
    assert says in told.complaint


def test_a_pack_is_for_a_network(hotline):
    told = hotline("test", BOT / "scenarios.yaml", "--pack", PACK).complaint
    assert "--media ws" in told


def test_what_had_finished_is_told_when_the_target_goes_away(hotline, tmp_path, monkeypatch):
    from hotline.callers.transcript import Transcript
    from hotline.callers.verdict import Verdict
    from hotline.cli import network
    from hotline.telephony.caller import UnreachableError

    def half(scenarios, target, *rest, **options):
        first = scenarios[0]
        yield (
            Verdict(first.name, first.place.file, first.place.line, True, (), Transcript(), 1.0),
            {},
        )
        raise UnreachableError(target, "gone")

    monkeypatch.setattr(network, "run_over_network", half)
    junit = tmp_path / "junit.xml"
    told = hotline(
        "test", BOT / "scenarios.yaml", "--media", "ws", "--target", "ws://127.0.0.1:9/",
        "--pack", PACK, "--junit", junit,
    )  # fmt: skip
    assert "gone" in told.complaint
    assert "1 passed" in told.out
    assert junit.exists()


def test_a_target_that_takes_the_connection_and_says_nothing(hotline):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        target = f"ws://127.0.0.1:{deaf.getsockname()[1]}/"
        told = hotline(
            "call", BOT / "scenarios.yaml:6", "--target", target, "--pack", PACK,
            "--connect-timeout", 0.3,
        )  # fmt: skip
    assert "no connection within 0.3 s" in told.complaint


@pytest.mark.live
def test_a_load_on_it_hears_its_agent_by_its_prompt_pack(hotline, bot):
    plan = ROOT / "examples" / "plans" / "load-foreign.yaml"
    ran = hotline(
        "load",
        plan,
        "--target",
        bot,
        "--pack",
        BOT / "prompts",
        "--length",
        4,
        "--seed",
        1,
        "--json",
    )
    found = json.loads(ran.out)
    assert ran.code == 0, ran.out
    assert found["all"]["answered"] == found["all"]["calls"] > 0
