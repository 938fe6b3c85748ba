"""The groups of a plan: skills, centres, and agents by number, by interval or by shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.roster import Shift
from agents.settings import DAY
from hotline.simulation.engine.model import Group
from hotline.simulation.parts import Parts, clock
from hotline.simulation.plan import GroupShift, Levels, PlannedGroup
from hotline.simulation.weekdays import WEEKDAYS
from menus.reader import Document, NodePath


class GroupParts(Parts):
    """Reads the groups of a plan whose form is right."""

    def __init__(self, document: Document, folder: Path) -> None:
        super().__init__(document, folder)
        self.names = [queue["name"] for queue in self.data["queues"]]
        groups = self.data["groups"]
        self.centres = tuple(dict.fromkeys(g["centre"] for g in groups if "centre" in g))

    def group(self, item: Mapping[str, Any], path: NodePath) -> PlannedGroup:
        """One group of agents."""
        centres = self.centres
        skills = self.skills(item["skills"], (*path, "skills"))
        if centres and "centre" not in item:
            self.wrong(path, f"坐席组 {item['name']} 没有 centre",
                       f"group {item['name']!r} has no centre, but others have",
                       "每个组都写 centre", "give every group a centre")  # fmt: skip
        ring = item.get("ring", self.data.get("ring", 0))
        where = (*path, "ring") if "ring" in item else ("ring",)
        group = Group(
            name=item["name"],
            agents=0,
            skills=skills,
            ring=self.law(ring, where),
            answers=float(item.get("answers", self.data.get("answers", 1.0))),
            hangs_up=float(item.get("hangs_up", 0.0)),
            centre=centres.index(item["centre"]) if centres else -1,
        )
        return self.staffed(PlannedGroup(group, place=self.document.place(*path)), item, path)

    def skills(self, words: Sequence[str], path: NodePath) -> tuple[int, ...]:
        """The numbers of the queues named, each once."""
        for at, word in enumerate(words):
            if word not in self.names:
                self.unknown(word, self.names, (*path, at), "queue")
        return tuple(dict.fromkeys(self.names.index(word) for word in words))

    def staffed(self, one: PlannedGroup, item: Mapping[str, Any], path: NodePath) -> PlannedGroup:
        """The group with its agents: a number, levels by interval, or shifts."""
        if ("agents" in item) == ("shifts" in item):
            self.wrong(path, f"坐席组 {item['name']} 须写 agents 或 shifts（只写一种）",
                       f"group {item['name']!r} takes either agents or shifts",
                       "写出 agents: 20", "write for example agents: 20")  # fmt: skip
        if "shifts" in item:
            shifts = tuple(
                self.shift(s, (*path, "shifts", at)) for at, s in enumerate(item["shifts"])
            )
            total = sum(shift.agents for shift in shifts)
            return replace(one, group=replace(one.group, agents=total), shifts=shifts)
        agents = item["agents"]
        if isinstance(agents, int):
            return replace(one, group=replace(one.group, agents=agents))
        every = agents["every"] * 60.0
        self.whole_days(len(agents["numbers"]), every, (*path, "agents", "numbers"))
        most = max(agents["numbers"])
        levels = Levels(every, tuple(agents["numbers"]))
        return replace(one, group=replace(one.group, agents=most), levels=levels)

    def shift(self, item: Mapping[str, Any], path: NodePath) -> GroupShift:
        """A shift; one whose end is not after its start ends on the next day."""
        start, end = clock(item["start"]), clock(item["end"])
        end = end if end > start else end + DAY
        breaks = []
        for at, text in enumerate(item.get("breaks", ())):
            first, _, last = text.partition("-")
            begin, over = clock(first), clock(last)
            begin = begin if begin >= start else begin + DAY
            over = over if over > begin else over + DAY
            if over > end:
                self.wrong((*path, "breaks", at), f"小休 {text} 不在班次内",
                           f"the break {text} is outside its shift",
                           "移到班次内", "move it into the shift")  # fmt: skip
            breaks.append((begin, over))
        return GroupShift(Shift(start, end, tuple(breaks)), item["agents"], self.weekdays(item))

    def weekdays(self, item: Mapping[str, Any]) -> tuple[int, ...]:
        """The days on which a shift begins, counted from the plan's first day; () all."""
        first = WEEKDAYS.index(self.data.get("weekday", "monday"))
        days = sorted({(WEEKDAYS.index(day) - first) % 7 for day in item.get("days", ())})
        return () if len(days) == 7 else tuple(days)
