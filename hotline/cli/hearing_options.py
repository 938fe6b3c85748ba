"""Options of `hotline test` and `hotline call`: how a hotline over a network is heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

LANGUAGES = {"speech": "zh-CN", "speech:zh": "zh-CN", "speech:en": "en-US"}
"""value of `--hear` -> the language that is listened for"""

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--pack",
        type=click.Path(),
        help="Folder with prompts.csv and WAVs of the hotline called: it is another than ours.",
    ),
    click.option(
        "--hear",
        type=click.Choice(["pack", *LANGUAGES]),
        default="pack",
        show_default=True,
        help="By the prompt pack, or by speech recognition (texts only; extra: hearing).",
    ),
    click.option(
        "--connect-timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="Until a target that gives no sign of life counts as unreachable.",
    ),
)


def hearing_options(command: Command) -> Command:
    """Add the options that say how a network's hotline is heard."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
