"""`hotline recording`: write a call's recording as a WAV file to listen to."""

from __future__ import annotations

from pathlib import Path

import click

_DONE = {
    "zh": "{file}：{seconds:.1f} 秒，左声道客户，右声道热线。",
    "en": "{file}: {seconds:.1f} s, the caller left, the hotline right.",
}


@click.command()
@click.argument("call_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder given to `hotline serve --record`.",
)
@click.option("--database", default="sqlite:///hotline.db", show_default=True, help="URL.")
@click.pass_obj
def recording(lang: str, call_id: str, file: Path, folder: Path, database: str) -> None:
    """Write the recording of call CALL_ID to FILE, a WAV with both sides. 导出通话录音"""
    from hotline.store.database import open_database
    from hotline.store.recordings import RATE, read_recording, wave

    opened = open_database(database, create=False)
    try:
        codec, octets = read_recording(folder, call_id, opened.vault)
    finally:
        opened.close()
    file.write_bytes(wave(codec, octets))
    click.echo(_DONE[lang].format(file=file, seconds=len(octets) / 2 / RATE))
