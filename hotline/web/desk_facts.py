"""What an agent sees of a caller, and of his own work: pure functions of journal entries and rows.

Nothing here shows a digit the caller pressed, nor more of a number than pages show anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.agent_figures import agent_figures
from agents.figures import Limits
from agents.roster import AgentProfile
from hotline.switch import events as ev
from hotline.switch.record import CallRecord, Entry
from hotline.web.messages import MASK, SHOWN, mask_number
from hotline.web.tree import menu_tree, of
from menus.model import Book

GENERAL = ("综合", "General")
"""Words for requests that name no business."""
SHOWN_FIGURES = ("offers", "answered", "answered_within", "ring_within", "unanswered")
"""Of `agents.agent_figures`, what an agent sees of himself."""


@dataclass(frozen=True, slots=True)
class Words:
    """A name in Chinese and English."""

    zh: str
    en: str


class Titles:
    """Names of the places and queues of one book."""

    def __init__(self, book: Book, skills: Iterable[str] = ()) -> None:
        nodes = menu_tree(book).walk()
        kinds = ("menu", "step")
        self.besides = book.waiting.menu
        """the queue's own menu"""
        self._places = {n.id: Words(n.zh, n.en) for n in nodes if n.kind in kinds}
        self.skills: Mapping[str, Words] = {
            skill: self._skill(book, skill) for skill in self._known(book, skills)
        }

    def _known(self, book: Book, skills: Iterable[str]) -> list[str]:
        named = [menu.skill for menu in book.menus.values() if menu.skill]
        return [skill for skill in dict.fromkeys(("", *named, *skills)) if skill != "*"]

    def _skill(self, book: Book, skill: str) -> Words:
        """The name of the menu that leads to it."""
        if not skill:
            return Words(*GENERAL)
        titles = [menu.title for menu in book.menus.values() if menu.skill == skill]
        first = {code: [t for title in titles if (t := of(title, code))] for code in ("zh", "en")}
        zh, en = (first[code][0] if first[code] else "" for code in ("zh", "en"))
        return Words(zh or en or skill, en or zh or skill)

    def skill(self, skill: str) -> Words:
        """A queue's name."""
        return self.skills.get(skill, Words(skill, skill))

    def place(self, name: str) -> Words:
        """A menu's or step's name."""
        return self._places.get(name, Words(name, name))


def caller_of(entries: Sequence[Entry], titles: Titles, now: float) -> dict[str, Any]:
    """Who is offered: the call's entries so far, as the page shows them. `waited` in seconds."""
    events = [entry.event for entry in entries]
    arrival = _last(events, ev.CallArrived) or ev.CallArrived(now, "")
    due = _last(events, ev.CallbackDue)
    asked = due or _last(events, ev.AgentRequested) or ev.AgentRequested(now, "")
    queue = titles.skill(asked.skill)
    return {
        "call": arrival.call or (due.call if due is not None else ""),
        "call_back": due is not None,
        "skill": asked.skill,
        "queue": {"zh": queue.zh, "en": queue.en},
        "language": asked.language,
        "number": mask_number(due.number if due is not None else arrival.number),
        "area": arrival.area,
        "medium": arrival.medium,
        "waited": round(now - asked.at, 1),
        "account": _account(events),
        "path": [{"zh": w.zh, "en": w.en} for w in map(titles.place, way(events, titles.besides))],
    }


def way(events: Iterable[ev.Event], besides: str | None = None) -> list[str]:
    """The menus on the caller's way and the step he reached last. `besides`: the queue's own menu,
    which lies on nobody's way."""
    menus: list[str] = []
    step: list[str] = []
    for event in events:
        match event:
            case ev.MenuEntered(menu=menu, depth=depth) if menu != besides:
                menus, step = [*menus[: depth - 1], menu], []
            case ev.StepEntered(step=reached):
                step = [reached]
    return menus + step


def _last(events: Sequence[ev.Event], kind: type[Any]) -> Any:
    return next((event for event in reversed(events) if type(event) is kind), None)


def _account(events: Sequence[ev.Event]) -> str:
    """The end of the account that a service found for him (7.1.3: no more than that), or `""`."""
    for event in reversed(events):
        if isinstance(event, ev.ServiceReplied) and (account := event.values.get("account")):
            return MASK * max(0, len(account) - SHOWN) + account[-SHOWN:]
    return ""


def figures_of(
    profile: AgentProfile, records: Sequence[CallRecord], answer_within: float
) -> dict[str, float | None]:
    """An agent's own figures, by the very functions of the report; None where nothing was seen."""
    limits = Limits(answer_within=answer_within)
    found = agent_figures(records, roster=(profile,), limits=limits)[profile.id]
    return {name: found[name].value for name in SHOWN_FIGURES}
