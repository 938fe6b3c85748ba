"""`hotline lint [BOOK]`: check a menu book against clauses 5.2.3 to 5.2.6.6 and good practice."""

from __future__ import annotations

import click

from hotline.cli.problems import EXIT_FINDINGS


@click.command()
@click.argument("book", required=False, type=click.Path())
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are written.",
)
@click.pass_obj
def lint(lang: str, book: str | None, form: str) -> int:
    """Check BOOK (a file or a folder; the built-in book if left out). 检查菜单文件

    Exit code 0 without findings above advice, 1 with findings, 2 for a book that cannot be read.
    """
    from menus import lint as linter
    from menus import report
    from menus.loader import load

    findings = linter.lint(load(book), lang=lang)
    if form == "json":
        click.echo(report.as_json(findings, lang), nl=False)
    elif form == "sarif":
        click.echo(report.as_sarif(findings, lang))
    else:
        click.echo(report.as_text(findings, lang), nl=False)
    return EXIT_FINDINGS if linter.failed(findings) else 0
