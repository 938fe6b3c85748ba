"""docs/tutorial-testing.md is followed word by word, and each recipe of docs/cookbook.md made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.pages import Reader, blocks, sections

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial-testing.md").read_text("utf-8")


@pytest.fixture
def reader(tmp_path: Path, capsys, monkeypatch) -> Iterator[Reader]:
    """Somebody in a folder that has what a clone has beside it."""
    monkeypatch.setenv("HOTLINE_LANG", "en")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with ExitStack() as stack:
        yield Reader(tmp_path, capsys, stack)


@pytest.mark.live
def test_the_tutorial_works_word_by_word(reader: Reader):
    reader.follow(TUTORIAL)


def test_only_installing_is_left_to_the_reader():
    assert [block.text.split()[0] for block in blocks(TUTORIAL) if block.kind == "shell"] == [
        "scripts/setup"
    ]


COOKBOOK = dict(sections((ROOT / "docs" / "cookbook.md").read_text("utf-8")))


@pytest.mark.parametrize("recipe", COOKBOOK)
def test_a_recipe(reader: Reader, recipe: str):
    reader.follow(COOKBOOK[recipe])


def test_a_recipe_is_a_file_and_a_command():
    assert len(COOKBOOK) >= 20
    for recipe in COOKBOOK.values():
        kinds = [block.kind for block in blocks(recipe)]
        assert "sh" in kinds
        assert "yaml" in kinds or "python" in kinds
