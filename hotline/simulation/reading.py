"""Plan files -> `Plan`: form by `plan.schema.json`, then what a form cannot say.

Every error names file, line, field and remedy, and all errors of a file are told at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from agents.figures import Limits
from agents.settings import DAY
from hotline.simulation import arrivals
from hotline.simulation.arrivals import Profile, Surge
from hotline.simulation.call_log import read_log
from hotline.simulation.engine.laws import exponential, never
from hotline.simulation.engine.model import Callback, Queue, Redial
from hotline.simulation.front import Ivr, ivr_of
from hotline.simulation.group_parts import GroupParts
from hotline.simulation.load_rules import load_rules
from hotline.simulation.parts import PlanError, clock
from hotline.simulation.plan import Plan, PlannedQueue
from hotline.simulation.staff_rules import staff_rules
from hotline.simulation.variants import variants_of
from hotline.simulation.weekdays import WEEKDAYS
from menus.model import Place
from menus.reader import Document, NodePath, read
from menus.schema import check
from menus.wording import BookError, Both, Problem, nearest

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

EMPTY = "the file is empty"
"""What the YAML reader says of a file without content; its hint is for menu books."""


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of plans, for editors and for `plan_of`."""
    text = files("hotline.simulation").joinpath("plan.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _form() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


def read_plan(path: str | Path) -> Plan:
    """The plan in the YAML file `path`. Raises `PlanError` (or `BookError` if it is no YAML)."""
    if Path(path).is_dir():
        _refuse(
            path, Both("是文件夹", "is a folder"), Both("给出一个计划文件", "name one plan file")
        )
    try:
        return plan_of(read(path), str(path))
    except BookError as error:
        if error.message != EMPTY:
            raise
        wants = Both("至少写出 queues 和 groups", "write at least queues and groups")
        _refuse(path, error.problems[0].message, wants)


def _refuse(path: str | Path, what: Both, hint: Both) -> NoReturn:
    raise PlanError(Problem(Place(str(path), 0), what, hint)) from None


def plan_of(document: Document, file: str = "<plan>") -> Plan:
    """The plan that `document` says. Raises `PlanError` with every problem found."""
    plan = _plan_of(document, file)
    if "variants" not in document.data:
        return plan
    return replace(plan, variants=tuple(
        (name, _variant(name, changed, file)) for name, changed in variants_of(document)
    ))  # fmt: skip


def _plan_of(document: Document, file: str) -> Plan:
    problems = check(document, _form())
    if problems:
        raise PlanError(problems)
    reader = _Reader(document, Path(file).parent)
    plan = reader.plan(file)
    if reader.problems or plan is None:
        raise PlanError(reader.problems)
    return plan


def _variant(name: str, document: Document, file: str) -> Plan:
    try:
        return _plan_of(document, file)
    except PlanError as error:
        raise PlanError([
            replace(p, message=Both(f"variants.{name}：{p.message.zh}",
                                    f"variants.{name}: {p.message.en}"))
            for p in error.problems
        ]) from None  # fmt: skip


class _Reader(GroupParts):
    """Reads a plan whose form is right."""

    # --- the whole -----------------------------------------------------------------------------

    def plan(self, file: str) -> Plan | None:
        """The plan, or None when a part is wrong (see `problems`)."""
        data = self.data
        self.unique("queues")
        self.unique("groups")
        redial, callback = self.redial(), self.callback(self.data, ())
        queues = self.each("queues", self.queue)
        groups = self.each("groups", self.group)
        surges = [piece for pieces in self.each("surges", self.surge) for piece in pieces]
        rules, ivr = staff_rules(self, data.get("staff", {})), self.ivr()
        load = load_rules(self, data.get("load", {}), self.names)
        if self.problems:
            return None
        self.mixed(queues)
        numbers: Any = {
            name: float(data[name])
            for name in ("redirect_after", "back_after", "ageing", "overflow_after")
            if name in data
        }
        return Plan(
            queues=tuple(with_rules(item, redial, callback) for item in queues),
            groups=tuple(groups),
            title=data.get("plan", ""),
            limits=Limits(
                answer_within=float(data.get("answer_within", 12.0)),
                short_abandon=float(data.get("short_abandon", 5.0)),
            ),
            routing=data.get("routing", "groups"),
            trunks=data.get("trunks"),
            waiting_room=data.get("waiting_room"),
            centres=self.centres,
            week=tuple(map(float, data.get("week", ()))),
            weekday=WEEKDAYS.index(data.get("weekday", "monday")),
            busyness=float(data.get("busyness", {"cv": 0.0})["cv"]),
            surges=tuple(surges),
            days=data.get("days", 1),
            staff=rules,
            load=load,
            ivr=ivr,
            file=file,
            **numbers,
        )

    def mixed(self, queues: Sequence[PlannedQueue]) -> None:
        """Given arrivals and rates do not mix: the engine takes one or the other."""
        given = [bool(item.arrivals) for item in queues]
        if any(given) and not all(given):
            self.note(
                ("queues", given.index(False)),
                "有的队列给出 arrivals，有的给出速率",
                "some queues list arrivals, others give rates",
                "全部写成 arrivals，或全部写成速率",
                "give arrivals for all queues, or rates for all",
            )

    # --- queues --------------------------------------------------------------------------------

    def queue(self, item: Mapping[str, Any], path: NodePath) -> PlannedQueue:
        """One queue with its calls."""
        after_call = item.get("after_call", self.data.get("after_call", 0))
        where = (*path, "after_call") if "after_call" in item else ("after_call",)
        patience = item.get("patience")
        queue = Queue(
            name=item["name"],
            handle=self.law(item["handle"], (*path, "handle")),
            patience=never() if patience is None else self.law(patience, (*path, "patience")),
            after_call=self.law(after_call, where),
            priority=float(item.get("priority", 0.0)),
            home=self.homes(item, path),
            callback=self.callback(item, path),
        )
        if queue.handle.mean == 0 and queue.after_call.mean == 0:
            self.wrong((*path, "handle"), "处理时间为 0", "the handle time is 0",
                       "写出大于 0 的秒数", "give seconds above 0")  # fmt: skip
        given = self.given(item, path)
        if given or "ivr" in self.data:
            self.no_calls(item, path)
            profile = arrivals.steady(0.0)
        else:
            profile = self.calls(item, path)
        return PlannedQueue(queue, profile, given, self.document.place(*path))

    def given(self, item: Mapping[str, Any], path: NodePath) -> tuple[float, ...]:
        """Instants of arrival that are listed, or those of a call log."""
        data = item.get("arrivals", ())
        if isinstance(data, list | tuple):
            return tuple(sorted(map(float, data)))
        name, file = data.get("queue", item["name"]), self.folder / data["log"]
        if not file.is_file():
            self.wrong((*path, "arrivals", "log"), f"没有文件 {file}", f"there is no file {file}",
                       "检查路径", "check the path; it counts from the plan's folder")  # fmt: skip
        log = read_log(file, bad_rows=data.get("bad_rows", "stop"))
        if name not in log.queues:
            self.unknown(name, log.queues, (*path, "arrivals", "queue"), "queue of the log")
        return tuple(sorted(r.queued for r in log.rows if r.queue == name and r.queued is not None))

    def no_calls(self, item: Mapping[str, Any], path: NodePath) -> None:
        """With menus in front, calls are the hotline's and not a queue's."""
        for way in ("calls_per_hour", "profile", "arrivals"):
            if way in item and "ivr" in self.data:
                self.wrong((*path, way), "有 ivr 时来电写在 ivr 里",
                           "with `ivr` the calls come through the menus",
                           "移到 ivr", "give them in `ivr`")  # fmt: skip

    def ivr(self) -> Ivr | None:
        """The menus in front."""
        data = self.data.get("ivr")
        if data is None:
            return None
        return self.attempt(
            lambda: ivr_of(self, data, self.calls({"name": "ivr", **data}, ("ivr",)), self.names)
        )

    def calls(self, item: Mapping[str, Any], path: NodePath) -> Profile:
        """The rates of a queue: exactly one of the ways to say them."""
        ways = [way for way in ("calls_per_hour", "profile", "arrivals") if way in item]
        if len(ways) != 1:
            found = " and ".join(ways) or "none of them"
            self.wrong(
                path,
                f"队列 {item['name']} 的来电须写且只写一种",
                f"queue {item['name']!r} must say its calls in one way; it has {found}",
                "写 calls_per_hour、profile 或 arrivals",
                "give calls_per_hour, profile or arrivals",
            )
        if "calls_per_hour" in item:
            return arrivals.steady(float(item["calls_per_hour"]))
        return self.profile(item, path)

    def profile(self, item: Mapping[str, Any], path: NodePath) -> Profile:
        """A profile written here, or one of `profiles` by name; scaled to calls_per_day."""
        data, where = item["profile"], (*path, "profile")
        if isinstance(data, str):
            known = self.data.get("profiles", {})
            if data not in known:
                self.unknown(data, known, where, "profile")
            data, where = known[data], ("profiles", data)
        per_day = item.get("calls_per_day")
        profile = self.rates(data, where, scaled=per_day is not None)
        if per_day is None:
            return profile
        if profile.per_day == 0:
            self.wrong(where, "全是 0，无法放大", "all zero: it cannot be scaled",
                       "写出至少一个大于 0 的数", "give at least one number above 0")  # fmt: skip
        return profile.scaled(float(per_day))

    def rates(self, data: Mapping[str, Any], where: NodePath, *, scaled: bool) -> Profile:
        """The rates of one profile."""
        ways = [way for way in ("calls_per_hour", "calls", "shares") if way in data]
        if "every" not in data or len(ways) != 1:
            self.wrong(
                where,
                "profile 须写 every 和 calls_per_hour、calls、shares 之一",
                "a profile takes `every` and one of calls_per_hour, calls, shares",
                "例如 {every: 30, calls: [..48个..]}",
                "for example {every: 30, calls: [...48 numbers...]}",
            )
        way = ways[0]
        if way == "shares" and not scaled:
            self.wrong(where, "shares 须同时写 calls_per_day", "shares need calls_per_day",
                       "在队列里加 calls_per_day", "add calls_per_day to the queue")  # fmt: skip
        every = data["every"] * 60.0
        self.whole_days(len(data[way]), every, (*where, way))
        second = 3600.0 if way == "calls_per_hour" else every
        return Profile(every, tuple(float(number) / second for number in data[way]))

    def homes(self, item: Mapping[str, Any], path: NodePath) -> tuple[float, ...]:
        """Shares of the home centres, adding up to 1."""
        shares, centres = item.get("homes", {}), self.centres
        for centre in shares:
            if centre not in centres:
                self.unknown(centre, centres, (*path, "homes", centre), "centre")
        total = sum(shares.values())
        if shares and total <= 0:
            self.wrong((*path, "homes"), "比例全是 0", "all shares are 0",
                       "写出大于 0 的比例", "give a share above 0")  # fmt: skip
        return tuple(float(shares.get(c, 0.0)) / total for c in centres) if shares else ()

    # --- rules ---------------------------------------------------------------------------------

    def redial(self) -> Redial | None:
        """Who gave up or was turned away calls again."""
        data = self.data.get("redial")
        if data is None:
            return None
        again = float(data["probability"])
        return self.attempt(lambda: Redial(
            abandoned=again,
            blocked=float(data.get("blocked", again)),
            delay=self.law(data["delay"], ("redial", "delay"), exponential),
            limit=data.get("tries", 1_000_001) - 1,
        ))  # fmt: skip

    def callback(self, of: Mapping[str, Any], path: NodePath) -> Callback | None:
        """A call-back instead of waiting: of the plan, or of a queue, which says only what is
        different there."""
        if "callback" not in of:
            return None
        where = (*path, "callback")
        data = {**self.data.get("callback", {}), **of["callback"]}
        if "probability" not in data:
            self.note(where, "缺少 probability", "probability is missing",
                      "写出接受回拨的比例", "give the share of those asked who accept")  # fmt: skip
            return None
        return self.attempt(lambda: Callback(
            after=float(data.get("after", 60.0)),
            accept=float(data["probability"]),
            dial=self.law(data.get("dial", 15), (*where, "dial")),
            reached=float(data.get("answers", 0.9)),
            tries=data.get("tries", 3),
            retry_after=float(data.get("retry_after", 600.0)),
        ))  # fmt: skip

    # --- surges --------------------------------------------------------------------------------

    def surge(self, item: Mapping[str, Any], path: NodePath) -> list[Surge]:
        """One surge, known by name or described."""
        name, midnight = item.get("name", "surge"), (item.get("day", 1) - 1) * DAY
        queues = self.skills(item.get("queues", ()), (*path, "queues"))
        centre = item.get("centre", "")
        if centre and centre not in self.centres:
            self.unknown(centre, self.centres, (*path, "centre"), "centre")
        start = midnight + clock(item["start"]) if "start" in item else None
        end = midnight + clock(item["end"]) if "end" in item else None
        if end is not None and start is not None and end <= start:
            end += DAY
        factor = item.get("factor")
        if name in arrivals.KINDS:
            kind = arrivals.KINDS[name]
            if kind.loses_centre and not centre:
                self.wrong(path, f"{name} 须写 centre", f"{name} needs a centre",
                           "写出停用的中心", "say which centre is lost")  # fmt: skip
            begin = midnight + kind.start * 3600 if start is None else start
            return arrivals.surge_pieces(name, start=begin, end=end, factor=factor, queues=queues,
                                         centre=centre)  # fmt: skip
        if start is None or end is None or (factor is None and not centre):
            known = ", ".join(arrivals.KINDS)
            near = nearest(name, arrivals.KINDS)
            self.wrong(
                path,
                f"不认识的高峰 {name}；自定义高峰须写 start、end 和 factor（或 centre）",
                f"unknown surge {name!r}; one of your own needs start, end and factor (or centre)",
                f"是否要写 {near}？" if near else f"已有：{known}",
                f"did you mean {near!r}?" if near else f"known: {known}",
            )
        return [Surge(name, start, end, float(1.0 if factor is None else factor), queues, centre)]


def with_rules(
    item: PlannedQueue, redial: Redial | None, callback: Callback | None
) -> PlannedQueue:
    """The queue with the plan's rules on redials and, without its own, on call-backs."""
    own = item.queue.callback or callback
    return replace(item, queue=replace(item.queue, redial=redial, callback=own))
