"""From records and the hub to the API's models: pure conversions, numbers masked on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from hotline.switch.figures import Share
from hotline.switch.record import CallRecord, RequestRecord, fold
from hotline.web.live import Hub
from hotline.web.messages import audio, mask_number
from hotline.web.models import (
    AgentModel,
    BookTree,
    CallDetail,
    CallSummary,
    CommonKey,
    Metrics,
    OfferModel,
    RequestModel,
    ShareModel,
    Visit,
)
from hotline.web.tree import menu_tree
from menus.model import Book

COMMON = {
    "agent": ("转人工", "Agent"),
    "back": ("返回上级", "Back"),
    "repeat": ("重听", "Repeat"),
    "top": ("主菜单", "Main menu"),
    "end": ("结束", "Goodbye"),
}


def began(record: CallRecord, epoch: float) -> datetime:
    """When a call arrived, local time. `epoch`: of instant 0, for records that know none."""
    seconds = (record.clock_start or epoch) + record.arrived
    return datetime.fromtimestamp(seconds, UTC).astimezone()


def _summary(record: CallRecord, epoch: float, *, now: float | None) -> dict[str, Any]:
    last = record.requests[-1] if record.requests else None
    return {
        "call": record.call,
        "number": mask_number(record.number),
        "area": record.area,
        "medium": record.medium,
        "began": began(record, epoch),
        "seconds": round((record.ended if now is None else now) - record.arrived, 3),
        "in_progress": now is not None,
        "outcome": str(record.outcome) if now is None else "in_progress",
        "ended_by": str(record.ended_by) if now is None else "",
        "languages": list(record.languages),
        "menus": len(record.menus),
        "keys": record.keys,
        "solved": any(step.solved for step in record.steps),
        "agent": last.agent_number if last else "",
        "wait": round(last.wait, 3) if last else None,
        "survey": record.survey,
    }


def summary(record: CallRecord, epoch: float, *, now: float | None = None) -> CallSummary:
    """A call's line in the list; with `now` (an instant) it is still in progress."""
    return CallSummary(**_summary(record, epoch, now=now))


def detail(record: CallRecord, epoch: float, *, now: float | None = None) -> CallDetail:
    """A call with where it went."""
    start = record.arrived
    return CallDetail(
        **_summary(record, epoch, now=now),
        visited=[Visit(id=m.menu, at=round(m.at - start, 3), depth=m.depth) for m in record.menus],
        steps=[
            Visit(id=s.step, at=round(s.at - start, 3), outcome=s.outcome) for s in record.steps
        ],
        requests=[_request(request) for request in record.requests],
        wrong_keys=record.wrong_keys,
        no_inputs=record.no_inputs,
        reason=record.reason if now is None else "",
        audio={} if record.media is None else audio(record.media),
    )


def _request(request: RequestRecord) -> RequestModel:
    return RequestModel(
        request=request.request,
        skill=request.skill,
        language=request.language,
        wait=round(request.wait, 3),
        outcome=str(request.outcome),
        agent_number=request.agent_number,
        ended_by=str(request.ended_by) if request.ended_by else None,
        audio={} if request.media is None else audio(request.media),
        offers=[
            OfferModel(agent=o.agent, ring=round(o.ring, 3), outcome=str(o.outcome))
            for o in request.offers
        ],
    )


async def find(hub: Hub, call: str) -> CallDetail | None:
    """One call, open or closed; None when nobody knows it."""
    if call in hub.open:
        return detail(fold(tuple(hub.open[call])), hub.epoch, now=hub.now())
    record = await hub.row(call)
    return None if record is None else detail(record, hub.epoch)


async def calls(hub: Hub, limit: int) -> list[CallSummary]:
    """Calls in progress, then the last closed ones, newest first."""
    closed = [summary(record, hub.epoch) for record in await hub.recent(limit)]
    now = hub.now()
    current = [summary(fold(tuple(e)), hub.epoch, now=now) for e in hub.open.values()]
    return [*reversed(current), *closed][:limit]


def agents(hub: Hub) -> list[AgentModel]:
    """All agents of the roster and all seen at work, by number."""
    now = hub.now()
    roster = getattr(hub.hotline, "roster", None)
    profiles = {profile.id: profile for profile in (roster or ())}
    rows = []
    for name in profiles.keys() | hub.agents.keys():
        profile, state = profiles.get(name), hub.agents.get(name)
        rows.append(
            AgentModel(
                agent=name,
                number=getattr(profile, "number", "") or "",
                name=getattr(profile, "name", "") or "",
                skills=[skill for skill in getattr(profile, "skills", ()) if skill],
                state=str(state.state) if state else "offline",
                seconds=round(now - state.since, 3) if state else 0.0,
                call=state.call if state else "",
            )
        )
    return sorted(rows, key=lambda row: (row.number, row.agent))


def _share(share: Share) -> ShareModel:
    return ShareModel(good=share.good, total=share.total, share=share.value)


async def metrics(hub: Hub) -> Metrics:
    """Figures of the closed calls, each defined in `hotline.switch.figures`, and of now."""
    totals = await hub.totals()
    return Metrics(
        calls=totals.calls,
        in_progress=len(hub.open),
        waiting=sum(hub.waiting(call) for call in hub.open),
        agents=dict(Counter(str(agent.state) for agent in hub.agents.values())),
        outcomes=dict(totals.outcomes),
        ring_within_12=_share(totals.ring),
        queue_and_ring_within_12=_share(totals.queue_and_ring),
        contained=_share(totals.contained),
    )


def book_tree(book: Book) -> BookTree:
    """The tree and the keys that all menus inherit, for the phone page."""
    common = [
        CommonKey(key=key, target=str(target), zh=words[0], en=words[1])
        for key, target in book.common_keys.items()
        if (words := COMMON.get(target.kind))
    ]
    return BookTree(tree=asdict(menu_tree(book)), common=common)
