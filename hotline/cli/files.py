"""Files that a command writes: as a whole or not at all, and never over somebody's work."""

from __future__ import annotations

import os
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
