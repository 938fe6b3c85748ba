"""`hotline init DIR`: a book, scenarios, a queue plan and a CI file of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

_DONE = {
    "zh": "已写好 {files}\n接下来：\n  cd {folder}\n{commands}\n"
    "plan.yaml 用于 hotline erlang、simulate、staff，见 README.md",
    "en": "wrote {files}\nnext:\n  cd {folder}\n{commands}\n"
    "plan.yaml is for hotline erlang, simulate and staff: see README.md",
}
_NEXT = (
    "  hotline lint book.yaml",
    "  hotline test scenarios --book book.yaml",
    "  hotline serve --book book.yaml",
)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def init(lang: str, folder: Path) -> None:
    """Write a book, scenarios, a plan and a CI file into DIR. 新建自己的项目

    DIR is made when missing; files that are there already are never overwritten (exit code 2).
    """
    starter = dict(_files(files("hotline.cli") / "starter"))
    for name in starter:
        if (folder / name).exists():
            raise click.ClickException(
                f"{folder / name} exists and is not overwritten: choose another folder"
            )
    for name, source in starter.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    text = _DONE[lang].format(
        files=", ".join(sorted(starter)), folder=folder, commands="\n".join(_NEXT)
    )
    click.echo(text)


def _files(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    """(path below the folder, file) of everything a starter holds."""
    for item in folder.iterdir():
        if item.is_dir():
            if item.name != "__pycache__":
                yield from _files(item, f"{prefix}{item.name}/")
        else:
            yield prefix + item.name, item
