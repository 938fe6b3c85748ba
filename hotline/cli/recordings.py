"""`hotline book script` and `hotline book recordings`: to the recording studio and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotline.cli.files import write_new
from hotline.cli.problems import EXIT_FINDINGS

if TYPE_CHECKING:
    from audio.recordings import Finding
    from audio.studio import Line

_BOOK = click.option("--book", type=click.Path(path_type=Path), help="Book (default: built in).")
_FORCE = click.option("--force", is_flag=True, help="Overwrite what is there already.")
_ENDS = {
    "falls": "句末，语调下降 falls: end of a sentence",
    "held": "后接数值，语调持平 held: a value follows",
    "asks": "问句 asks: a question",
}
_KINDS = {"literal": "提示音 prompt", "word": "词语 phrase", "piece": "数字 number"}
_RULES = {
    "format": ("格式不对", "format"),
    "twice": ("同一条有两个文件", "two files for one clip"),
    "silent": ("没有声音", "silent"),
    "level": ("音量不合适", "level"),
    "clipping": ("削波", "clipping"),
    "lead": ("开头静音太长", "silence before"),
    "tail": ("结尾静音太长", "silence after"),
    "length": ("时长与文字不符", "length does not fit the text"),
    "missing": ("缺少录音", "missing"),
    "unknown": ("多余的文件", "no such clip"),
}


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@_BOOK
@click.option("--numbers", is_flag=True, help="Also the pieces that numbers are made of.")
@_FORCE
@click.pass_obj
def script(lang: str, out: Path, book: Path | None, numbers: bool, force: bool) -> int:
    """Write OUT.xlsx, the prompt script for a recording studio. 录音稿

    One row a recording: file to deliver, words, the sentence around them, seconds.
    """
    from audio import studio
    from menus.loader import load

    loaded = load(book)
    lines = studio.script(loaded, numbers=numbers)
    write_new(out, _workbook(lines, list(studio.values(loaded))), force)
    minutes = studio.total(lines) / 60
    click.echo(
        f"已写好 {out}：{len(lines)} 条，约 {minutes:.0f} 分钟"
        if lang == "zh"
        else f"wrote {out}: {len(lines)} recordings, about {minutes:.0f} minutes"
    )
    return 0


def _workbook(lines: Sequence[Line], values: Sequence[tuple[str, str, str, str]]) -> bytes:
    from openpyxl import Workbook

    from menus.exchange.sheets import Column, add_sheet

    workbook = Workbook()
    del workbook[workbook.sheetnames[0]]
    columns = [
        Column("no", "序号", 7),
        Column("file", "文件名", 30),
        Column("language", "语种", 9),
        Column("text", "录音文字", 60),
        Column("sentence", "所在整句（方括号为数值）", 60),
        Column("ends", "语调", 30),
        Column("seconds", "约（秒）", 9),
        Column("kind", "类别", 14),
        Column("prompts", "提示音编号", 26),
        Column("notes", "备注", 24),
    ]
    add_sheet(workbook, "录音稿", columns, _rows(lines))
    columns = [
        Column("language", "语种", 9),
        Column("kind", "数值类型", 14),
        Column("example", "例", 22),
        Column("said", "读法", 60),
    ]
    shown = (
        ({"language": one, "kind": kind, "example": example, "said": said}, "")
        for one, kind, example, said in values
    )
    add_sheet(workbook, "数值读法", columns, shown)
    octets = BytesIO()
    workbook.save(octets)
    return octets.getvalue()


def _rows(lines: Sequence[Line]) -> Iterator[tuple[dict[str, Any], str]]:
    for number, line in enumerate(lines, 1):
        row = {
            "no": number,
            "file": line.file,
            "language": line.language,
            "text": line.text,
            "sentence": line.sentence if line.sentence != line.text else "",
            "ends": _ENDS[line.ends],
            "seconds": round(line.seconds, 1),
            "kind": _KINDS[line.kind],
            "prompts": "\n".join(line.prompts),
        }
        yield row, "FFF2CC" if line.ends == "held" else ""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@_BOOK
@click.option("--partial", is_flag=True, help="Clips without a recording are no findings.")
@click.option("--accept", is_flag=True, help="Take over in spite of findings on sound.")
@_FORCE
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
@click.pass_obj
def recordings(
    lang: str,
    folder: Path,
    out: Path,
    book: Path | None,
    partial: bool,
    accept: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Check the WAV files of FOLDER and take them over into OUT, for `--recordings OUT`. 导入录音

    Exit code 1 with findings; then nothing is written, unless --accept is given.
    """
    from audio.recordings import check, take_over
    from menus.loader import load

    if out.exists() and not force:
        raise click.ClickException(f"{out} exists: choose another folder, or say --force")
    checked = check(folder, load(book), partial=partial)
    taken = bool(checked.clips) and not checked.blocked and (accept or not checked.findings)
    if taken:
        take_over(checked, out, force=force)
    if as_json:
        rows = [finding._asdict() for finding in checked.findings]
        answer = {"clips": len(checked.clips), "taken_over": taken, "findings": rows}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        for line in _table(checked.findings, lang):
            click.echo(line)
        click.echo(_verdict(lang, len(checked.clips), taken, out))
    return EXIT_FINDINGS if checked.findings or not checked.clips else 0


def _table(findings: Sequence[Finding], lang: str) -> Iterator[str]:
    at = 0 if lang == "zh" else 1
    for finding in findings:
        wanted = f"（应为 {finding.wanted}）" if lang == "zh" else f" (wanted: {finding.wanted})"
        said = f" “{finding.text}”" if finding.text else ""
        yield f"{finding.file}: {_RULES[finding.rule][at]}: {finding.value}{wanted}{said}"


def _verdict(lang: str, clips: int, taken: bool, out: Path) -> str:
    if lang == "zh":
        return f"{clips} 条录音已写入 {out}" if taken else f"{clips} 条可用；没有写入任何文件"
    return (
        f"{clips} recordings taken over into {out}"
        if taken
        else f"{clips} usable; nothing was written"
    )
