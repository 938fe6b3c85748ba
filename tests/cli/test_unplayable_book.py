"""No command leads a call through a book that names what it does not have: one message for all."""

from __future__ import annotations

import pytest

from tests.menus.test_targets import BOOK

SCENARIO = "scenario: s\nstory:\n  - hang_up:\n"
PLAN = """\
ivr: {calls_per_hour: 60, calls: 50, book: book.yaml, mix: {"1": 1}, queues: {"": agents}}
queues: [{name: agents, handle: {distribution: exponential, mean: 60}}]
groups: [{name: g, agents: 2, skills: [agents]}]
"""
NOBODY = ("--target", "ws://127.0.0.1:9/media")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A book with a mistyped target, a scenario and a plan in front of which the book is."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"book.yaml": BOOK, "s.yaml": SCENARIO, "plan.yaml": PLAN}.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("test", "s.yaml", "--book", "book.yaml"),
        ("test", "s.yaml", "--book", "book.yaml", "--media", "ws", *NOBODY),
        ("call", "s.yaml", "--book", "book.yaml", *NOBODY),
        ("replay", "last", "--book", "book.yaml"),
        ("scenario-from-call", "last", "--book", "book.yaml"),
        ("simulate", "plan.yaml"),
        ("serve", "--book", "book.yaml"),
    ],
    ids=lambda command: " ".join(command[:1] + command[-2:]),
)
def test_every_command_says_the_same(hotline, folder, command):
    told = hotline(*command).complaint
    assert "book.yaml:8: " in told
    assert "did you mean menu:fault?" in told
