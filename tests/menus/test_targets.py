"""Books that name what they do not have: lint tells it, and no call is led through them."""

from __future__ import annotations

from pathlib import Path

import pytest

from menus.targets import playable
from menus.wording import BookError

BOOK = """\
version: 1
language: zh-CN
start: main
menus:
  main:
    title: 主菜单
    prompt: 报修请按1。
    keys: {"1": "menu:falut"}
  fault:
    title: 报修
    prompt: 人工请按0。
    keys: {"0": agent}
"""


def test_a_book_with_a_target_that_is_missing_cannot_be_played(tmp_path: Path) -> None:
    file = tmp_path / "book.yaml"
    file.write_text(BOOK, "utf-8")
    with pytest.raises(BookError) as caught:
        playable(file)
    assert str(caught.value).removeprefix(str(file)) == (
        ":8: 1 of menu:main leads to menu:falut, which does not exist (did you mean menu:fault?)"
    )


def test_a_book_whose_targets_exist_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "book.yaml"
    file.write_text(BOOK.replace("falut", "fault"), "utf-8")
    assert playable(file).start == "main"
    assert playable().start in playable().menus
