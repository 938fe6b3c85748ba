"""`hotline acd` and `hotline serve --acd`: what does not go together, the secret, the end."""

from __future__ import annotations

import pytest

from tests.cli.conftest import start

JOIN = ("serve", "--acd", "127.0.0.1:8100")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (JOIN, "--acd needs --node NAME"),
        ((*JOIN, "--node", "a", "--trunks", 3), "give --trunks to `hotline acd`"),
        ((*JOIN, "--node", "a", "--wrap-up", 5), "give --wrap-up to `hotline acd`"),
        ((*JOIN, "--node", "a", "--plan", "x.yaml"), "give --plan to `hotline acd`"),
        ((*JOIN, "--node", "a", "--agents", "desk"), "all agents are simulated by `hotline acd`"),
        (("serve", "--acd", "there:x", "--node", "a"), "--acd there:x: give HOST:PORT"),
        (("serve", "--acd", "192.0.2.1", "--node", "a"), "give --acd-secret FILE or set HOTLINE"),
        (("serve", "--acd-secret", "x"), "--acd-secret needs --acd"),
        (("acd", "--listen", "0.0.0.0:0"), "give --acd-secret FILE or set HOTLINE_ACD_SECRET"),
        (("acd", "--acd-secret", "nowhere.txt"), "--acd-secret nowhere.txt: no such file"),
        (("acd", "--scale", 0.5), "--scale needs --plan"),
        (("acd", "--roster", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(hotline, monkeypatch, given, says):
    monkeypatch.delenv("HOTLINE_ACD_SECRET", raising=False)
    assert says in hotline(*given).complaint


def test_an_empty_secret_is_none(hotline, tmp_path):
    (tmp_path / "secret.txt").write_text("\n")
    said = hotline("acd", "--acd-secret", tmp_path / "secret.txt").complaint
    assert "secret.txt: the file is empty" in said


@pytest.mark.live
def test_a_node_with_another_secret_is_not_let_in_and_sigterm_shows_the_count(tmp_path):
    (tmp_path / "secret.txt").write_text("one\n")
    acd = start("acd", "--listen", "127.0.0.1:0", "--acd-secret", tmp_path / "secret.txt",
                "--database", tmp_path / "all.db")  # fmt: skip
    try:
        ready, name, address = acd.stdout.readline().split()
        assert (ready, name) == ("ready", "acd")
        node = start("serve", "--acd", address, "--node", "a", "--port", 0, "--no-pages",
                     "--database", tmp_path / "all.db")  # fmt: skip
        _, told = node.communicate(timeout=60)
        assert node.returncode == 2
        assert "the ACD does not let us in: the secrets differ: the ACD and all nodes need" in told
    finally:
        acd.terminate()
        out, err = acd.communicate(timeout=30)
    assert acd.returncode == 0
    assert out.startswith("counted: calls 0, blocked 0, requests 0")
    assert "was not let in: the secrets differ" in err
