"""What changed between two books, in words: menus, keys, texts, settings, and what lint now says.

menus and steps   removed and added ones that are much alike are one that was renamed
keys, outcomes    by where they lead, renamed targets counted as the same
texts             with the words that changed marked: 停电[-报修-]{+抢修+}请按1
consequences      depth of the tree (5.2.6.2), findings of lint that are new or gone
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from menus.exchange.document import Data, document, leaves
from menus.exchange.workbook import tree
from menus.lint import lint
from menus.model import Book, Key, Place, Target
from menus.paths import deepest
from menus.wording import Both

ALIKE = 0.6
"""From this share of equal content on, a removed and an added menu are one that was renamed."""
_NAMES = {
    "prompt": Both("提示音", "the prompt"),
    "say": Both("播报", "what is said"),
    "short": Both("短提示音", "the short prompt"),
    "title": Both("标题", "the title"),
    "first_digit_timeout": Both("首键等待时间", "the wait for the first key"),
    "skill": Both("技能组", "the skill"),
    "priority": Both("优先级", "the priority"),
    "function": Both("服务功能", "the functions"),
    "no_input": Both("无按键处理", "what follows silence"),
    "wrong_key": Both("按错键处理", "what follows wrong keys"),
    "limit": Both("再提示次数", "the number of re-prompts"),
    "then": Both("最后去向", "the last resort"),
    "collect": Both("收号", "the input"),
    "request": Both("服务", "the service"),
    "next": Both("下一步", "what comes next"),
    "set": Both("赋值", "the values set"),
    "hours": Both("时间", "the hours"),
    "closed": Both("非营业时间去向", "where it leads when closed"),
    "language": Both("语种", "the language"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind`: added | removed | renamed | moved | key | outcome | text | setting |
    depth | finding | resolved; `path`: in the newer book's document (the older's if removed)."""

    kind: str
    path: str
    message: Both
    place: Place
    old: Any = None
    new: Any = None

    def as_json(self, lang: str) -> Data:
        """One row of `--json`."""
        return {
            "kind": self.kind,
            "path": self.path,
            "file": self.place.file,
            "line": self.place.line,
            "old": self.old,
            "new": self.new,
            "message": self.message.of(lang),
        }


def diff(old: Book, new: Book) -> list[Change]:
    """Every difference a caller, an agent or lint could notice, in the order of the book."""
    return list(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: Book, new: Book) -> None:
        self.old, self.new = old, new
        self.before, self.after = document(old), document(new)
        self.renamed = {
            section: _renamed(self.before.get(section, {}), self.after.get(section, {}))
            for section in ("menus", "steps")
        }

    def changes(self) -> Iterator[Change]:
        """All of them."""
        yield from self._nodes("menus", old=self.old.menus, new=self.new.menus)
        yield from self._moved()
        for name, menu in self.new.menus.items():
            before = self._was("menus", name)
            if before in self.old.menus:
                yield from self._keys(before, name)
                yield from self._parts("menus", before, name, ("keys",), menu.place)
        yield from self._nodes("steps", old=self.old.steps, new=self.new.steps)
        for name, step in self.new.steps.items():
            before = self._was("steps", name)
            if before in self.old.steps:
                yield from self._outcomes(before, name)
                yield from self._parts("steps", before, name, ("on",), step.place)
        yield from self._settings()
        yield from self._consequences()

    # --- menus and steps -------------------------------------------------------------------------

    def _was(self, section: str, name: str) -> str:
        """The older name of a menu or step."""
        return {new: old for old, new in self.renamed[section].items()}.get(name, name)

    def _nodes(
        self, section: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[Change]:
        what = Both("菜单", "menu") if section == "menus" else Both("步骤", "step")
        for name, node in old.items():
            if name in self.renamed[section]:
                now = self.renamed[section][name]
                said = Both(
                    f"{what.zh}{_quoted(node, name)}由 {name} 改名为 {now}",
                    f"{what.en} {name} is now called {now}",
                )
                yield Change("renamed", f"{section}.{now}", said, new[now].place, name, now)
            elif name not in new:
                said = Both(
                    f"删除了{what.zh}{_quoted(node, name)}（{name}）",
                    f"{what.en} {name} was removed",
                )
                yield Change("removed", f"{section}.{name}", said, node.place, name)
        for name, node in new.items():
            if name not in old and self._was(section, name) == name:
                said = Both(
                    f"新增了{what.zh}{_quoted(node, name)}（{name}）", f"{what.en} {name} was added"
                )
                yield Change("added", f"{section}.{name}", said, node.place, None, name)

    def _moved(self) -> Iterator[Change]:
        before, after = tree(self.old), tree(self.new)
        for name, path in after.items():
            old = self._was("menus", name)
            if not path or not before.get(old):  # lint tells of menus that nothing reaches
                continue
            was = tuple(self.renamed["menus"].get(menu, menu) for menu in before[old])
            if was[:-1] != path[:-1] and was[-2:-1] != path[-2:-1]:
                here, there = _shown(self.new, path[:-1]), _shown(self.old, before[old][:-1])
                said = Both(
                    f"{_menu(self.new, name)}移到了 {here} 之下（原在 {there} 之下）",
                    f"{_menu_en(self.new, name)} moved below {here} (was below {there})",
                )
                place = self.new.menus[name].place
                yield Change("moved", f"menus.{name}", said, place, there, here)

    def _keys(self, before: str, name: str) -> Iterator[Change]:
        old, new = self.old.menus[before].keys, self.new.menus[name].keys
        zh, en = _menu(self.new, name), _menu_en(self.new, name)
        for key in sorted({*old, *new}):
            was, now = old.get(key), new.get(key)
            if (was and self._now(was.target)) == (now and str(now.target)):
                continue
            there, here = _lead(self.old, was), _lead(self.new, now)
            if now is None:
                said = Both(
                    f"{zh}去掉了按键 {key}（原来{there.zh}）",
                    f"{en}: key {key} was removed ({there.en})",
                )
            elif was is None:
                said = Both(
                    f"{zh}新增按键 {key}，{here.zh}", f"{en}: key {key} was added, {here.en}"
                )
            else:
                said = Both(
                    f"{zh}的按键 {key} 现在{here.zh}（原来{there.zh}）",
                    f"{en}: key {key} now {here.en} (before: {there.en})",
                )
            place = now.place if now else self.new.menus[name].place
            yield Change(
                "key", f"menus.{name}.keys.{key}", said, place,
                was and str(was.target), now and str(now.target),
            )  # fmt: skip

    def _now(self, target: Target) -> str:
        """A target of the older book under its newer name."""
        names = self.renamed.get(f"{target.kind}s", {})
        return f"{target.kind}:{names.get(target.arg, target.arg)}" if target.arg else target.kind

    def _outcomes(self, before: str, name: str) -> Iterator[Change]:
        old, new = self.old.steps[before].on, self.new.steps[name].on
        zh, en = f"步骤{_quoted(self.new.steps[name], name)}", f"step {name}"
        for outcome in sorted({*old, *new}):
            was, now = old.get(outcome), new.get(outcome)
            if (was and self._now(was)) == (now and str(now)):
                continue
            there, here = _leads(self.old, was), _leads(self.new, now)
            said = Both(
                f"{zh}的结果 {outcome} 现在{here.zh}（原来{there.zh}）",
                f"{en}: outcome {outcome} now {here.en} (before: {there.en})",
            )
            place = self.new.steps[name].on_places.get(outcome, self.new.steps[name].place)
            yield Change(
                "outcome", f"steps.{name}.on.{outcome}", said, place,
                was and str(was), now and str(now),
            )  # fmt: skip

    def _parts(
        self, section: str, before: str, name: str, left_out: Sequence[str], place: Place
    ) -> Iterator[Change]:
        """Texts and settings of one menu or step."""
        old = _flat(self.before[section][before], left_out)
        new = _flat(self.after[section][name], left_out)
        owner = (
            Both(_menu(self.new, name), _menu_en(self.new, name))
            if section == "menus"
            else Both(f"步骤{_quoted(self.new.steps[name], name)}", f"step {name}")
        )
        for path in dict.fromkeys([*old, *new]):
            was, now = old.get(path), new.get(path)
            if was != now and not (isinstance(was, str) and self._same_target(was, now)):
                yield _part((section, name, *path), owner, was, now, place)

    def _same_target(self, was: str, now: Any) -> bool:
        kind, _, name = was.partition(":")
        return bool(f"{kind}:{self.renamed.get(f'{kind}s', {}).get(name, name)}" == now)

    # --- the book --------------------------------------------------------------------------------

    def _settings(self) -> Iterator[Change]:
        old, new = _flat(self.before, ("menus", "steps")), _flat(self.after, ("menus", "steps"))
        for path in dict.fromkeys([*old, *new]):
            was, now = old.get(path), new.get(path)
            if was != now and not (isinstance(was, str) and self._same_target(was, now)):
                place = self.new.places.get(str(path[0]), self.new.place)
                yield _part(path, Both("全书", "the book"), was, now, place)

    def _consequences(self) -> Iterator[Change]:
        was, now = len(deepest(self.old)), len(deepest(self.new))
        if was != now:
            said = Both(
                f"菜单最多 {now} 层（原来 {was} 层；5.2.6.2）",
                f"the tree is {now} menus deep (before: {was}; 5.2.6.2)",
            )
            yield Change("depth", "menus", said, self.new.place, was, now)
        for kind, book, zh, en in (
            ("finding", self.new, "新的检查结果", "new finding"),
            ("resolved", self.old, "检查结果已消除", "finding gone"),
        ):
            other = self.old if kind == "finding" else self.new
            yield from _findings(kind, book, other, zh, en)


def _findings(kind: str, book: Book, other: Book, zh: str, en: str) -> Iterator[Change]:
    """Findings of lint on `book` that `other` has not."""
    there = Tally((one.rule, one.message) for one in lint(other, lang="en"))
    chinese = {(o.rule, o.file, o.line): o.message for o in lint(book, lang="zh")}
    for one in lint(book, lang="en"):
        there[one.rule, one.message] -= 1
        if there[one.rule, one.message] >= 0:
            continue
        clause = f" [{one.clause}]" if one.clause else ""
        said = Both(
            f"{zh} {one.rule}{clause}：{chinese.get((one.rule, one.file, one.line), one.message)}",
            f"{en} {one.rule}{clause}: {one.message}",
        )
        yield Change(kind, one.rule, said, Place(one.file, one.line))


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Older name -> newer name of what is much alike."""
    added = [name for name in new if name not in old]
    found: dict[str, str] = {}
    for name in old:
        if name in new or not added:
            continue
        likeness = {other: _likeness(old[name], new[other]) for other in added}
        best = max(likeness, key=lambda other: likeness[other])
        if likeness[best] >= ALIKE:
            found[name] = best
            added.remove(best)
    return found


def _likeness(one: Any, other: Any) -> float:
    """Share of equal leaves, texts by how many of their words are equal."""
    a, b = dict(leaves(one)), dict(leaves(other))
    scores = [
        SequenceMatcher(None, str(a[path]), str(b[path])).ratio()
        if path in a and path in b
        else 0.0
        for path in a.keys() | b.keys()
    ]
    return sum(scores) / len(scores) if scores else 0.0


def _flat(data: Any, left_out: Sequence[str]) -> dict[tuple[Any, ...], Any]:
    return dict(leaves({name: value for name, value in data.items() if name not in left_out}))


def _part(path: Sequence[Any], owner: Both, was: Any, now: Any, place: Place) -> Change:
    """A changed text or setting."""
    inside = path[2:] if path[0] in ("menus", "steps") else path
    names = [_NAMES.get(str(part), Both(str(part), str(part))) for part in inside if part != "long"]
    zh, en = "·".join(n.zh for n in names), ", ".join(n.en for n in names)
    text = isinstance(was, str) and isinstance(now, str) and _is_text(path)
    if text:
        marked = mark(was, now)
        said = Both(f"{owner.zh}的{zh}改了：{marked}", f"{owner.en}: {en} changed: {marked}")
    elif now is None:
        said = Both(
            f"{owner.zh}去掉了{zh}（原为 {was}）", f"{owner.en}: {en} was removed (was {was})"
        )
    elif was is None:
        said = Both(f"{owner.zh}新增{zh}：{now}", f"{owner.en}: {en} was added: {now}")
    else:
        said = Both(
            f"{owner.zh}的{zh}由 {was} 改为 {now}", f"{owner.en}: {en} changed from {was} to {now}"
        )
    shown = ".".join(str(part) for part in path)
    return Change("text" if text else "setting", shown, said, place, was, now)


_SPOKEN = {
    "prompt", "say", "title", "text", "greeting", "closing", "announcement", "common_prompt",
    "prompts", "transfer", "message", "message_unknown", "callback_booked", "refused", "thanks",
    "reason_prompt",
}  # fmt: skip


def _is_text(path: Sequence[Any]) -> bool:
    return any(str(part) in _SPOKEN for part in path)


_PIECE = re.compile(r"\{[^{}]*\}|[A-Za-z0-9]+|\s+|.", re.DOTALL)


def mark(old: str, new: str) -> str:
    """The newer text with [-what went-] and {+what came+}: Chinese characters, English words."""
    a, b = _PIECE.findall(old), _PIECE.findall(new)
    out = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            out.append("".join(a[a0:a1]))
            continue
        out.append(f"[-{''.join(a[a0:a1])}-]" if a0 < a1 else "")
        out.append(f"{{+{''.join(b[b0:b1])}+}}" if b0 < b1 else "")
    return "".join(out)


# ------------------------------------------------------------------------------------ words


def _quoted(node: Any, name: str) -> str:
    return f"“{next(iter(node.title.values()), name)}”"


def _menu(book: Book, name: str) -> str:
    return f"菜单{_quoted(book.menus[name], name)}"


def _menu_en(book: Book, name: str) -> str:
    title = book.menus[name].title
    return f"menu {name}" + (f" ({title['en-US']})" if "en-US" in title else "")


def _shown(book: Book, path: Sequence[str]) -> str:
    return " > ".join(next(iter(book.menus[one].title.values()), one) for one in path) or "-"


def _lead(book: Book, key: Key | None) -> Both:
    return _leads(book, key.target if key else None)


_PLAIN = {
    "agent": Both("转人工", "leads to an agent"),
    "back": Both("返回上级", "goes back"),
    "top": Both("回到首层", "goes to the top"),
    "repeat": Both("重听", "repeats"),
    "end": Both("结束服务", "ends the call"),
}


def _leads(book: Book, target: Target | None) -> Both:
    if target is None:
        return Both("没有去向", "leads nowhere")
    if not target.arg and target.kind in _PLAIN:
        return _PLAIN[target.kind]
    nodes: Mapping[str, Any] = {"menu": book.menus, "step": book.steps}.get(target.kind, {})
    node = nodes.get(target.arg)
    if node is not None:
        return Both(f"通往{_quoted(node, target.arg)}（{target}）", f"leads to {target}")
    if target.kind == "agent":
        return Both(f"转人工（{target.arg}）", f"leads to an agent ({target.arg})")
    return Both(f"通往 {target}", f"leads to {target}")
