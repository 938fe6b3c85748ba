"""`hotline book ...`: a book to and from other tools, its recordings, and what changed in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.cli.files import write_new
from hotline.cli.problems import EXIT_FINDINGS
from hotline.cli.recordings import recordings, script

if TYPE_CHECKING:
    from menus.exchange.losses import Loss

_FORMATS = click.Choice(["vxml", "freeswitch", "excel"])
_BOOK = click.option("--book", type=click.Path(path_type=Path), help="Book (default: built in).")
_JSON = click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
_FORCE = click.option("--force", is_flag=True, help="Overwrite what is there already.")


@click.group()
def book() -> None:
    """A menu book and other tools: VoiceXML, FreeSWITCH, Excel, a recording studio. 菜单文件交换"""


@book.command("export")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@_BOOK
@click.option("--to", "wanted", type=_FORMATS, help="Format (default: by the suffix of OUT).")
@click.option("--strict", is_flag=True, help="Exit code 1 when something is not carried over.")
@_FORCE
@_JSON
@click.pass_obj
def export_book(
    lang: str,
    out: Path,
    book: Path | None,
    wanted: str | None,
    strict: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Write a book as OUT: .vxml (VoiceXML 2.1), .xml (FreeSWITCH ivr) or .xlsx (Excel). 导出

    What the format cannot say is listed, and stands in the file as a comment.
    """
    from menus.exchange.formats import FORMATS, format_to_write
    from menus.loader import load

    chosen = FORMATS[wanted] if wanted else format_to_write(out)
    octets, losses = chosen.write(load(book), lang)
    write_new(out, octets, force)
    return _report(lang, chosen.name, out, losses, strict, as_json)


@book.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "wanted", type=_FORMATS, help="Format (default: by suffix and content).")
@click.option("--strict", is_flag=True, help="Exit code 1 when something is not carried over.")
@_FORCE
@_JSON
@click.pass_obj
def import_book(
    lang: str, file: Path, out: Path, wanted: str | None, strict: bool, force: bool, as_json: bool
) -> int:
    """Read FILE (VoiceXML, FreeSWITCH or Excel) and write the book OUT.yaml. 导入

    What a book cannot say is listed with its line; check the result with `hotline lint OUT`.
    """
    from menus.exchange.document import as_yaml
    from menus.exchange.formats import FORMATS, format_to_read
    from menus.exchange.losses import lines

    chosen = FORMATS[wanted] if wanted else format_to_read(file)
    data, losses = chosen.read(file)
    write_new(out, as_yaml(data, lines(losses, lang)).encode(), force)
    return _report(lang, chosen.name, out, losses, strict, as_json)


def _report(
    lang: str, form: str, out: Path, losses: Sequence[Loss], strict: bool, as_json: bool
) -> int:
    from menus.exchange.losses import lines

    if as_json:
        rows = [loss.as_json(lang) for loss in losses]
        click.echo(
            json.dumps(
                {"format": form, "file": str(out), "losses": rows}, ensure_ascii=False, indent=2
            )
        )
    else:
        click.echo({"zh": f"已写好 {out}", "en": f"wrote {out}"}[lang])
        for line in lines(losses, lang):
            click.echo(line)
    gone = any(loss.kind == "lost" for loss in losses)
    return EXIT_FINDINGS if strict and gone else 0


@book.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@_JSON
@click.pass_obj
def diff_books(lang: str, old: Path, new: Path, as_json: bool) -> int:
    """What changed from the book OLD to the book NEW, in words. 比较两份菜单

    Exit code 0 when nothing did, 1 when something did, 2 for a book that cannot be read.
    """
    from menus.exchange.diff import diff
    from menus.loader import load

    changes = diff(load(old), load(new))
    if as_json:
        rows = [change.as_json(lang) for change in changes]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return EXIT_FINDINGS if changes else 0
    for change in changes:
        place = str(change.place) if change.place.line else change.place.file
        click.echo(f"{place}: {change.message.of(lang)}")
    if not changes:
        click.echo({"zh": "两份菜单相同", "en": "the books are the same"}[lang])
    return EXIT_FINDINGS if changes else 0


book.add_command(script)
book.add_command(recordings)
