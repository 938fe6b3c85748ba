"""`hotline call` and `test --media ws` against a served hotline, and against none."""

import socket
from contextlib import closing

import pytest

from tests.cli.conftest import start

STORY = """
scenario: 听到问候就挂机
story:
  - hear: {prompt: greeting}
  - hang_up:
---
scenario: 等一句永远不来的话
story:
  - hear: {prompt: survey, within: 2}
  - hang_up:
"""


@pytest.fixture
def story(tmp_path):
    file = tmp_path / "story.yaml"
    file.write_text(STORY, "utf-8")
    return file


@pytest.fixture
def nobody():
    """A target on which nobody listens."""
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{sock.getsockname()[1]}/media"


class TestNobody:
    def test_call(self, hotline, story, nobody):
        assert nobody in hotline("call", f"{story}:2", "--target", nobody).complaint

    def test_test(self, hotline, story, nobody):
        ran = hotline("test", story, "--media", "ws", "--target", nobody)
        assert nobody in ran.complaint

    def test_several_scenarios_are_told_it_once(self, story, nobody):
        process = start("test", story, "--media", "ws", "--target", nobody)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 2
        assert len(err.splitlines()) == 1, err

    @pytest.mark.parametrize("target", ["nonsense", "http://127.0.0.1:1/media"])
    def test_no_websocket_address(self, hotline, story, target):
        assert target in hotline("call", f"{story}:2", "--target", target).complaint

    @pytest.mark.parametrize(
        ("target", "transport"),
        [
            ("sips:95598@127.0.0.1", "TLS"),
            ("sip:95598@127.0.0.1;transport=tls", "TLS"),
            ("sip:95598@127.0.0.1;transport=ws", "WS"),
        ],
    )
    def test_a_transport_that_is_not_spoken(self, hotline, story, target, transport):
        complaint = hotline("call", f"{story}:2", "--target", target).complaint
        assert f"SIP over {transport} is not spoken" in complaint
        assert "transport=tcp" in complaint

    @pytest.mark.parametrize("how", [":1;transport=tcp", "name.invalid"])
    def test_nobody_takes_a_sip_call(self, hotline, story, how):
        target = f"sip:95598@{'127.0.0.1' if how[0] == ':' else ''}{how}"
        complaint = hotline("call", f"{story}:2", "--target", target).complaint
        assert f"{target} does not answer" in complaint


class TestScenario:
    def test_there_must_be_one(self, hotline, story, nobody):
        assert f"{story}:7" in hotline("call", story, "--target", nobody).complaint

    def test_missing(self, hotline, tmp_path, nobody):
        file = tmp_path / "none.yaml"
        assert "no such file" in hotline("call", file, "--target", nobody).complaint


def test_a_prompt_that_the_book_does_not_have_is_told_before_the_call(hotline, tmp_path, nobody):
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\nstory:\n  - hear: {prompt: greting}\n", "utf-8")
    for command in (("call", file), ("test", file, "--media", "ws")):
        assert "did you mean greeting?" in hotline(*command, "--target", nobody).complaint


def test_what_is_given_is_told_to_do_nothing_over_a_network(hotline, tmp_path, nobody):
    file = tmp_path / "s.yaml"
    file.write_text("scenario: s\ngiven: {trunks: 0, time: saturday}\nstory:\n  - stay:\n", "utf-8")
    told = hotline("call", file, "--target", nobody).err.splitlines()
    assert "given does nothing over a network" in told[0]
    assert "time, trunks" in told[0]
    assert "connection refused" in told[1]


@pytest.mark.live
def test_a_call_to_a_served_hotline(hotline, story, tmp_path):
    database = tmp_path / "served.db"
    process = start("serve", "--port", 0, "--database", database, "--no-pages", "--drain", 5)
    try:
        ready = process.stdout.readline()
        assert ready.startswith("ready http://")
        target = ready.split()[1].rstrip("/").replace("http", "ws", 1) + "/media"
        heard = hotline("call", f"{story}:2", "--target", target)
        assert (heard.code, heard.err) == (0, "")
        assert "greeting" in heard.out
        assert "✓ 听到问候就挂机" in heard.out
        missed = hotline("call", f"{story}:7", "--target", target)
        assert missed.code == 1
        assert "✗ 等一句永远不来的话" in missed.out
    finally:
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    assert process.returncode == 0
