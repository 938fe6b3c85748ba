"""Books that several tests use."""

from pathlib import Path

HEAD = """\
version: 1
start: main
common_keys: {"0": agent, "*": back, "9": repeat}
common_prompt: 转人工请按0，返回上级请按星号键，重听请按9。
"""

CONTRACT = (Path(__file__).parent / "contract.yaml").read_text("utf-8")
"""The minimal form of the contract, with the menus that it only names filled in."""


def book(body: str) -> str:
    """A book of `body` below the usual head."""
    return HEAD + body
