"""Pieces that plan reading is made of: laws, days, names, and problems noted with their places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from agents.settings import DAY
from hotline.simulation.durations import law_from
from hotline.simulation.engine.laws import Law, deterministic
from hotline.switch.distributions import DistributionError
from menus.model import Place
from menus.reader import Document, NodePath
from menus.wording import NOWHERE, BookError, Both, Problem, nearest

Part = TypeVar("Part")


class PlanError(BookError):
    """A plan that cannot be used; every problem with file, line and remedy."""


class WrongPartError(Exception):
    """A part that cannot be; the problem has been noted."""


class Parts:
    """Reads parts of a document whose form is right; `problems` are those met so far."""

    def __init__(self, document: Document, folder: Path) -> None:
        self.document, self.folder = document, folder
        self.data: Mapping[str, Any] = document.data
        self.problems: list[Problem] = []

    # --- sections ------------------------------------------------------------------------------

    def each(self, section: str, read_one: Callable[..., Any]) -> list[Any]:
        """What `read_one` makes of the items of a section, without those that are wrong."""
        found = []
        for at, item in enumerate(self.data.get(section, ())):
            try:
                found.append(read_one(item, (section, at)))
            except WrongPartError:
                continue
        return found

    def unique(self, section: str) -> None:
        """Names of a section must differ."""
        seen: Counter[str] = Counter()
        for at, item in enumerate(self.data[section]):
            seen[item["name"]] += 1
            if seen[item["name"]] == 2:
                self.note(
                    (section, at, "name"),
                    f"名称 {item['name']} 重复",
                    f"the name {item['name']!r} is used twice",
                    "改名",
                    "rename one of them",
                )

    def attempt(self, make: Callable[[], Part]) -> Part | None:
        """What `make` gives, or None when a part is wrong (which has been noted)."""
        try:
            return make()
        except WrongPartError:
            return None

    def whole_days(self, numbers: int, every: float, where: NodePath) -> None:
        """A profile covers whole days, so that it can begin again."""
        a_day = int(DAY / every)
        if numbers % a_day:
            self.wrong(
                where,
                f"有 {numbers} 个数，应为 {a_day}（一天）或其整数倍",
                f"has {numbers} numbers; a day has {a_day}",
                "写满一天或若干整天",
                "fill one day or several whole days",
            )

    # --- laws ----------------------------------------------------------------------------------

    def law(self, data: Any, path: NodePath, plain: Callable[[float], Law] = deterministic) -> Law:
        """A law; a plain number is `plain` of it."""
        if not isinstance(data, dict):
            return plain(float(data))
        values: list[float] = []
        if data.get("distribution") == "empirical" and "file" in data:
            values = self.values(data["file"], (*path, "file"))
        try:
            return law_from(data, values)
        except DistributionError as error:
            self.wrong(path, f"分布不成立：{error}", str(error))

    def values(self, name: str, path: NodePath) -> list[float]:
        """The durations in a file, one a line; empty lines and those after # are passed over."""
        file = self.folder / name
        try:
            lines = file.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            self.wrong(path, f"无法读取 {file}", f"{file}: cannot be read: {why}",
                       "检查路径", "check the path; it counts from the plan's folder")  # fmt: skip
        return [float(number) for number in self.numbers(file, lines)]

    def numbers(self, file: Path, lines: Sequence[str]) -> Iterator[float]:
        """The numbers of a file's lines; a wrong line is a problem of its own."""
        for at, line in enumerate(lines, 1):
            text = line.partition("#")[0].strip()
            if not text:
                continue
            try:
                number = float(text)
            except ValueError:
                number = -1.0
            if not 0 <= number < float("inf"):
                message = Both(f"{text!r} 不是秒数", f"{text!r} is not a number of seconds")
                hint = Both("每行一个不小于 0 的秒数", "one number of 0 or more a line")
                self.problems.append(Problem(Place(str(file), at), message, hint))
                raise WrongPartError
            yield number

    # --- problems ------------------------------------------------------------------------------

    def unknown(self, word: str, known: Any, path: NodePath, what: str) -> NoReturn:
        """A name that is not among the `known`; the nearest is suggested."""
        near, listed = nearest(word, known), ", ".join(known) or "none"
        self.wrong(
            path,
            f"没有名为 {word} 的 {what}",
            f"there is no {what} {word!r}",
            f"是否要写 {near}？" if near else f"已有：{listed}",
            f"did you mean {near!r}?" if near else f"there are: {listed}",
        )

    def note(self, path: NodePath, zh: str, en: str, hint_zh: str = "", hint_en: str = "") -> None:
        """Note a problem."""
        hint = Both(hint_zh, hint_en) if hint_en else NOWHERE
        field = ".".join(map(str, path))
        where = Both(f"{field}：{zh}", f"{field}: {en}")
        self.problems.append(Problem(self.document.place(*path), where, hint))

    def wrong(
        self, path: NodePath, zh: str, en: str, hint_zh: str = "", hint_en: str = ""
    ) -> NoReturn:
        """Note a problem and give up this part."""
        self.note(path, zh, en, hint_zh, hint_en)
        raise WrongPartError


def clock(text: str) -> float:
    """Seconds after midnight of a time like "08:30"."""
    hours, _, minutes = text.partition(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0
