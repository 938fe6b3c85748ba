"""`hotline purge`: delete old journals, and with them every digit that callers typed."""

from __future__ import annotations

from pathlib import Path

import click

_DONE = {
    "zh": "已清除 {calls} 通电话的流水（{entries} 条）；保留 {rows} 条通话记录（不含按键）。",
    "en": "removed the journals of {calls} calls ({entries} entries); "
    "kept {rows} call rows, which hold no digits.",
}

_RECORDINGS = {"zh": "已删除录音 {} 个。", "en": "deleted {} recordings."}


@click.command()
@click.option("--database", default="sqlite:///hotline.db", show_default=True, help="URL.")
@click.option(
    "--older-than",
    "days",
    type=click.FloatRange(min=0),
    required=True,
    metavar="DAYS",
    help="Only journals written more than so many days ago.",
)
@click.option(
    "--record", type=click.Path(path_type=Path), help="Folder of recordings: old ones go too."
)
@click.pass_obj
def purge(lang: str, database: str, days: float, record: Path | None) -> None:
    """Delete the journals of old calls: typed digits and all. 清除过期的按键记录

    The rows of the calls stay for reports. Calls in progress are left alone.
    """
    from hotline.store import archive
    from hotline.store.database import open_database

    opened = open_database(database, create=False)
    try:
        gone = archive.purge(opened, days)
    finally:
        opened.close()
    if record is not None:
        from hotline.store.recordings import purge_recordings

        click.echo(_RECORDINGS[lang].format(purge_recordings(record, days)))
    click.echo(_DONE[lang].format(calls=gone.calls, entries=gone.entries, rows=gone.rows_kept))
