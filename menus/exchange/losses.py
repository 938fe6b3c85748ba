"""What a format cannot say: where in the book, why, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from menus.model import Place
from menus.wording import Both

LossKind = Literal["lost", "changed", "kept"]
"""`lost`: not in the result. `changed`: something near it is. `kept`: in the file for the way back,
but the other program takes no notice of it."""

Path = tuple[str | int, ...]
NO_PLACE = Place()


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that does not survive as it was. `path`: in the book's document; `place`: in the
    file that was read, where there is one."""

    kind: LossKind
    path: Path
    reason: Both
    place: Place = NO_PLACE

    @property
    def where(self) -> str:
        """The path as it is shown, or the place."""
        return ".".join(str(part) for part in self.path)

    def as_json(self, lang: str) -> dict[str, Any]:
        """One row of `--json`."""
        return {
            "kind": self.kind,
            "path": self.where,
            "file": self.place.file,
            "line": self.place.line,
            "reason": self.reason.of(lang),
        }


_HEAD = {
    "lost": Both("未能带过去", "not carried over"),
    "changed": Both("改成了相近的", "carried over as something near it"),
    "kept": Both(
        "写在文件里，供导回时使用，对方程序不理会", "kept in the file for the way back only"
    ),
}
_SHOWN = 4


def lines(losses: Sequence[Loss], lang: str) -> Iterator[str]:
    """One line a reason, with the places it concerns; lost things first."""
    for kind in _HEAD:
        of_kind = [loss for loss in losses if loss.kind == kind]
        if of_kind:
            yield f"{_HEAD[kind].of(lang)}:"
        for reason, places in _by_reason(of_kind).items():
            shown = ", ".join(places[:_SHOWN])
            more = len(places) - _SHOWN
            tail = Both(f" 等 {len(places)} 处", f" and {more} more").of(lang) if more > 0 else ""
            yield f"  {shown}{tail}: {reason.of(lang)}"


def _by_reason(losses: Iterable[Loss]) -> dict[Both, list[str]]:
    found: dict[Both, list[str]] = {}
    for loss in losses:
        place = f"{loss.place} " if loss.place.line else ""
        found.setdefault(loss.reason, []).append((place + loss.where).strip() or "-")
    return {reason: list(dict.fromkeys(places)) for reason, places in found.items()}


def printable(text: str) -> str:
    """`text` without the control characters that neither XML 1.0 nor a worksheet can hold."""
    return "".join(char for char in text if char in "\t\n" or _allowed(char))


def _allowed(char: str) -> bool:
    return (
        " " <= char <= "\ud7ff" or "\ue000" <= char <= "\ufffd" or char >= "\U00010000"
    ) and not "\x7f" <= char <= "\x9f"


CONTROL = Both("控制字符写不进这种文件", "control characters cannot be written in this format")


def clean(data: Any, losses: list[Loss], path: Path = ()) -> Any:
    """`data` with printable texts only; each text that changes is named."""
    if isinstance(data, dict):
        return {name: clean(value, losses, (*path, name)) for name, value in data.items()}
    if isinstance(data, list):
        return [clean(value, losses, (*path, at)) for at, value in enumerate(data)]
    if isinstance(data, str) and printable(data) != data:
        losses.append(Loss("changed", path, CONTROL))
        return printable(data)
    return data


__all__ = ["Loss", "LossKind", "Path", "clean", "lines", "printable"]
