"""A prompt pack of the user's own: what somebody else's hotline says, as WAV files and a table.

    FOLDER/prompts.csv      id,language,text,file     one row a recording
    FOLDER/....wav          8 kHz mono (other PCM formats where soxr is installed)

    id, file     a prompt in one recording
    file only    a piece: something that prompts are joined from, or that the caller says
    id only      a prompt joined from pieces: its text has slots, as in menu files
    id music     the waiting music; it may go on for ever

`language` may be left out (zh-CN). What comes out is what the caller's ear needs: the texts by id
and language, and the clips. Nothing of our own pack is in it, so nothing of ours can be misheard.
"""

from __future__ import annotations

import csv
import hashlib
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from audio.formatters import LANGUAGES
from audio.pack import Pack
from audio.recordings import read_recording
from audio.template import Literal, TemplateError, clip_key, parse
from audio.wav import RATE, WavError
from menus.model import Place
from menus.wording import BookError, Both, Problem, nearest

__all__ = ["TABLE", "PackError", "PromptPack", "load"]

TABLE = "prompts.csv"
COLUMNS = ("id", "language", "text", "file")
SHORTEST = 0.1
"""Seconds; a shorter recording cannot be recognised."""
QUIETEST = 500
"""Least peak of a recording, of 32768: 36 dB under full scale."""


class PackError(BookError):
    """A prompt pack that cannot be used; every problem with file, line and remedy."""


@dataclass(frozen=True, slots=True)
class PromptPack:
    """What a hotline says: (prompt id, language) -> text, and the sound of it."""

    table: Mapping[tuple[str, str], str]
    pack: Pack
    music: bool = False
    """Whether it has waiting music."""


@dataclass(frozen=True, slots=True)
class _Row:
    place: Place
    id: str
    language: str
    text: str
    file: str

    @property
    def music(self) -> bool:
        return self.id == "music" and bool(self.file)


def load(folder: Path) -> PromptPack:
    """Read the pack in `folder`. Raises `PackError` with all that is wrong in it."""
    reader = _Loader(folder)
    rows = list(reader.rows())
    reader.stop_if_wrong()
    reader.record([row for row in rows if row.file])
    reader.stop_if_wrong()
    for row in rows:
        if row.id and not row.music:
            reader.name(row)
    if not reader.table:
        reader.wrong(
            Place(str(folder / TABLE), 1),
            Both("没有提示音", "there is no prompt in it"),
            Both("至少写一行 id,text,file", "write at least one row with id, text and file"),
        )
    reader.stop_if_wrong()
    return PromptPack(reader.table, reader.pack, any(row.music for row in rows))


class _Loader:
    """Reads one pack, and gathers what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pack = Pack()
        self.table: dict[tuple[str, str], str] = {}
        self._problems: list[Problem] = []
        self._sounds: dict[str, _Row] = {}
        self._said: dict[tuple[str, str], _Row] = {}

    def wrong(self, place: Place, message: Both, hint: Both) -> None:
        """Note a problem."""
        self._problems.append(Problem(place, message, hint))

    def stop_if_wrong(self) -> None:
        """Raise what has been noted."""
        if self._problems:
            raise PackError(self._problems)

    # --- the table -----------------------------------------------------------------------------

    def rows(self) -> Iterator[_Row]:
        """The rows of the table, each with its line."""
        file = self.folder / TABLE
        lines = csv.DictReader(self._lines(file), skipinitialspace=True)
        if not self._columns_known(Place(str(file), 1), lines.fieldnames or ()):
            return
        for cells in lines:
            place = Place(str(file), lines.line_num)
            if None in cells or None in cells.values():
                self.wrong(
                    place,
                    Both("列数与表头不同", "it has not as many columns as the header"),
                    Both("含逗号的文字要加引号", "put a text with a comma in quotes"),
                )
                continue
            row = self._row(place, {name.strip(): cell.strip() for name, cell in cells.items()})
            if row is not None:
                yield row

    def _lines(self, file: Path) -> list[str]:
        try:
            return file.read_bytes().decode("utf-8-sig").splitlines(keepends=True)
        except UnicodeDecodeError:
            self.wrong(
                Place(str(file), 0),
                Both("不是 UTF-8 编码", "it is not UTF-8"),
                Both("在 Excel 中另存为“CSV UTF-8”", "save it in Excel as 'CSV UTF-8'"),
            )
        except OSError:
            self.wrong(
                Place(str(file), 0),
                Both("没有这个文件", "there is no such file"),
                Both(
                    f"提示音包是一个文件夹，内有 {TABLE} 和 WAV 文件",
                    f"a prompt pack is a folder with {TABLE} and WAV files",
                ),
            )
        raise PackError(self._problems)

    def _columns_known(self, place: Place, header: object) -> bool:
        names = [str(name).strip() for name in header] if isinstance(header, (list, tuple)) else []
        for name in names:
            if name not in COLUMNS:
                near = nearest(name, COLUMNS)
                self.wrong(
                    place,
                    Both(f"没有“{name}”这一列", f"there is no column {name!r}"),
                    Both(f"是否想写 {near}？", f"did you mean {near}?")
                    if near
                    else Both(f"可用：{', '.join(COLUMNS)}", f"available: {', '.join(COLUMNS)}"),
                )
        for name in ("id", "text", "file"):
            if name not in names and not self._problems:
                self.wrong(
                    place,
                    Both(f"缺少 {name} 列", f"the column {name} is missing"),
                    Both(f"表头写 {','.join(COLUMNS)}", f"write {','.join(COLUMNS)} as the header"),
                )
        return not self._problems

    def _row(self, place: Place, cells: Mapping[str, str]) -> _Row | None:
        row = _Row(
            place, cells["id"], cells.get("language") or "zh-CN", cells["text"], cells["file"]
        )
        if not (row.id or row.text or row.file):
            return None
        if not row.text or not (row.id or row.file):
            self.wrong(
                place,
                Both("没有文字或文件", "it has no text, or neither id nor file"),
                Both("写上所说的文字和 WAV 文件名", "write what is said, and the name of the WAV"),
            )
            return None
        return row

    # --- the recordings ------------------------------------------------------------------------

    def record(self, rows: list[_Row]) -> None:
        """Put the recordings of all rows into the pack."""
        for row in rows:
            octets = self._octets(row)
            if octets and row.music:
                self.pack.add_music(octets)
            elif octets and self._tells_apart(row, octets):
                self.pack.add(row.text, row.language, octets)

    def _octets(self, row: _Row) -> bytes:
        path = self.folder / row.file
        try:
            octets = read_recording(path)
        except (WavError, wave.Error, EOFError, OSError) as error:
            why = "no such file" if isinstance(error, FileNotFoundError) else str(error)
            self.wrong(
                row.place,
                Both(f"无法读取 {row.file}：{why}", f"{row.file} cannot be read: {why}"),
                Both(
                    "路径从提示音包的文件夹算起；8000 Hz 单声道 WAV",
                    "the path counts from the pack's folder; a WAV of 8000 Hz, mono",
                ),
            )
            return b""
        if len(octets) < SHORTEST * RATE or _peak(octets) < QUIETEST:
            self.wrong(
                row.place,
                Both(f"{row.file} 太短或没有声音", f"{row.file} is too short, or silent"),
                Both("重新录制", "record it anew"),
            )
            return b""
        return octets

    def _tells_apart(self, row: _Row, octets: bytes) -> bool:
        """One sound for one text: an ear knows nothing else."""
        sound = hashlib.sha256(octets).hexdigest()
        same = self._sounds.setdefault(sound, row)
        text = self._said.setdefault((row.language, clip_key(row.text) or row.text), row)
        if clip_key(same.text) == clip_key(row.text) and text.file == row.file:
            return True
        if text is not row and text.file != row.file:
            other, what = text, Both("文字相同，录音不同", "the same text, but another recording")
        else:
            other, what = same, Both("录音相同，文字不同", "the same sound, but another text")
        self.wrong(
            row.place,
            Both(f"与第 {other.place.line} 行{what.zh}", f"as line {other.place.line}: {what.en}"),
            Both(
                "凭声音无法区分；让两行的文字和文件都相同，或都不同",
                "they cannot be told apart by ear; let text and file both be the same, or differ",
            ),
        )
        return False

    # --- the prompts ---------------------------------------------------------------------------

    def name(self, row: _Row) -> None:
        """Put the prompt of a row into the table."""
        try:
            parts = parse(row.text)
        except TemplateError as error:
            self.wrong(row.place, Both(f"文字有误：{error}", str(error)), Both("", ""))
            return
        slots = [part for part in parts if not isinstance(part, Literal)]
        if slots and (row.file or row.language not in LANGUAGES):
            self.wrong(
                row.place,
                Both("带数值的提示音由片段拼成", "a prompt with slots is joined from pieces"),
                Both(
                    f"留空 file，为各片段另写一行；语言限于 {', '.join(LANGUAGES)}",
                    "leave its file empty and give each piece a row of its own; "
                    f"languages: {', '.join(LANGUAGES)}",
                ),
            )
            return
        for _, text, _ in self.pack.missing([(row.language, row.text)]):
            self.wrong(
                row.place,
                Both(f"没有“{text}”的录音", f"{text!r} has no recording"),
                Both("写上 file，或为这一片段加一行", "write a file, or add a row for this piece"),
            )
        if (row.id, row.language) in self.table:
            self.wrong(
                row.place,
                Both(
                    f"{row.id}（{row.language}）写了两次",
                    f"{row.id} ({row.language}) is there twice",
                ),
                Both("改用另一个 id", "use another id"),
            )
        self.table[row.id, row.language] = row.text


def _peak(octets: bytes) -> int:
    from audio import g711

    return int(abs(g711.alaw_decode(octets).astype(int)).max())
