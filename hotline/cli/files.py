"""Files of commands: written as a whole or not at all and never over somebody's work; and read for
options whose values should not stand on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click


def write_new(path: Path, octets: bytes, force: bool) -> None:
    """Write a file under a temporary name first; what is there is kept unless `force`."""
    if path.exists() and not force:
        raise click.ClickException(f"{path} exists: choose another name, or say --force")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(octets)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def given_lines(option: str, given: Sequence[str]) -> list[tuple[str, str]]:
    """An option's values with their places; @FILE has one a line, which may be empty or begin with
    #. Raises UsageError for a file that is no text; what was given may hold a password, so no
    message may repeat it."""
    lines = []
    for text in given:
        if not text.startswith("@"):
            lines.append((option, text))
            continue
        try:
            content = Path(text[1:]).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise click.UsageError(f"{option} {text}: not a text file in UTF-8") from None
        for number, line in enumerate(content.splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                lines.append((f"{text[1:]}:{number}", line.strip()))
    return lines
