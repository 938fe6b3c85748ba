"""Checks on many calls and what they left behind: sign-ins, work orders, outages, dispositions.

Work orders and outages come as plain mappings, one per row; `hotline.services.model.WorkOrder`
and `Outage` as dictionaries fit. Instants are datetimes. What is read, where present:

    order        order kind detail|content call account|address phone|number name anonymous
                 area_type accepted_at dispatched_at contacted_at arrived_at restored_at
                 answered_at closed_at called_back_at callback_refused done_at cash
    outage       outage known_at published_at
    disposition  call code note

A step that has not happened is judged only when `now` is given and its limit has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from hotline.standard.clauses import Edition, Text
from hotline.standard.results import Result
from hotline.switch import events as ev
from hotline.switch.events import AgentState
from hotline.switch.record import Entry

Row = Mapping[str, object]
Results = Iterator[Result]
Workdays = Callable[[datetime, int], datetime]
"""(start, n) -> end of the n-th working day after the day of `start`"""

ON_DUTY = frozenset(
    {AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.HOLD, AgentState.WRAP_UP}
)


def weekends_only(start: datetime, days: int) -> datetime:
    """Working days counted by weekends alone, for want of a calendar of public holidays."""
    day = start.date()
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return datetime.combine(day, time(23, 59, 59))


def check_sign_ins(entries: Iterable[Entry]) -> Results:
    """5.2.5.2: an agent whose sign-in was refused was not on duty before the next sign-in."""
    refused: dict[str, str] = {}
    broken: set[str] = set()
    for entry in entries:
        event = entry.event
        if isinstance(event, ev.SignInRefused):
            yield from _gate(refused, broken, event.agent)
            refused[event.agent] = event.reason
            broken.discard(event.agent)
        elif (
            isinstance(event, ev.AgentStateChanged)
            and event.agent in refused
            and event.state in ON_DUTY
        ):
            broken.add(event.agent)
    for agent in list(refused):
        yield from _gate(refused, broken, agent)


def _gate(refused: dict[str, str], broken: set[str], agent: str) -> Results:
    reason = refused.pop(agent, None)
    if reason is not None:
        ok = agent not in broken
        what = Text("被拒签入，未上岗", "refused, stayed off duty")
        if not ok:
            what = Text("被拒签入仍上岗", "refused, yet on duty")
        yield Result("5.2.5.2", "gate", None, ok, what, agent)


# --- work orders -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clockwork:
    """How limits are counted: the edition, working days, and the present instant if it matters."""

    edition: Edition
    workdays: Workdays = weekends_only
    now: datetime | None = None

    def judge(
        self, clause: str, rule: str, order: Row, to: str, limit: datetime | None
    ) -> Result | None:
        """Did step `to` of `order` happen by `limit`? None: there is nothing to judge yet."""
        done = _at(order, to)
        if limit is None or (done is None and (self.now is None or self.now <= limit)):
            return None
        ok = done is not None and done <= limit
        when = f"{done:%m-%d %H:%M:%S}" if done else "-"
        what = Text(
            f"{when}，时限 {limit:%m-%d %H:%M:%S}", f"{to} {when}, limit {limit:%m-%d %H:%M:%S}"
        )
        return Result(clause, rule, _call(order), ok, what, str(order.get("order", "")))


def check_orders(
    orders: Iterable[Row],
    edition: Edition,
    *,
    workdays: Workdays = weekends_only,
    now: datetime | None = None,
) -> Results:
    """5.2.7.5 and 6.x: fields, dispatch, contact, answer, arrival, restoration, call-back."""
    clockwork = Clockwork(edition, workdays, now)
    restored: dict[str, list[float]] = {}
    for order in orders:
        yield _complete(order, edition)
        yield from _timed(order, clockwork)
        yield from _closed_loop(order)
        _note_restoration(order, restored)
    yield from _restoration(restored, edition)


def _complete(order: Row, edition: Edition) -> Result:
    """5.2.7.5: required fields (6.4.5.5: an anonymous order has neither number nor account)."""
    kind = str(order.get("kind", ""))
    spared = set()
    if order.get("anonymous"):
        spared = {"phone|number", "account|address"}
    if kind in edition.names("order_kinds_without_account"):
        spared.add("account|address")
    if kind in edition.names("order_kinds_without_detail"):
        spared.add("detail|content")
    missing = [
        names
        for names in edition.names("order_fields")
        if names not in spared and not any(order.get(name) for name in names.split("|"))
    ]
    what = Text("必填项齐全", "complete")
    if missing:
        what = Text(f"缺 {'、'.join(missing)}", f"missing {', '.join(missing)}")
    place = str(order.get("order", ""))
    return Result("5.2.7.5", "complete", _call(order), not missing, what, place)


def _timed(order: Row, clockwork: Clockwork) -> Results:
    accepted = _at(order, "accepted_at")
    if accepted is None:
        return
    for clause, rule, to, limit in _limits(order, accepted, clockwork):
        result = clockwork.judge(clause, rule, order, to, limit)
        if result is not None:
            yield result


_Limited = tuple[str, str, str, datetime]
_ANSWERED = {
    "consult": "6.3.5",
    "complaint": "6.4.5.1",
    "report": "6.4.5.2",
    "opinion": "6.4.5.2",
    "suggestion": "6.4.5.2",
    "meter": "6.5",
    "reading": "6.5",
}
_DONE = {
    "suspend": ("6.1.5.10", "suspend_working_days"),
    "resume": ("6.1.5.10", "suspend_working_days"),
    "rename": ("6.1.5.11", "rename_working_days"),
    "transfer": ("6.1.5.11", "rename_working_days"),
    "tariff": ("6.1.5.12", "tariff_working_days"),
}


def _limits(order: Row, accepted: datetime, clockwork: Clockwork) -> Iterator[_Limited]:
    """(clause, rule, step, limit) for everything that is limited for this kind of order."""
    edition, workdays = clockwork.edition, clockwork.workdays
    kind, detail = str(order.get("kind", "")), str(order.get("detail", ""))
    dispatch = edition.table("dispatch_minutes")
    if kind not in edition.names("order_kinds_not_dispatched"):
        minutes = dispatch.get(kind, dispatch.get("*", 0.0))
        yield "5.2.7.5", "dispatched", "dispatched_at", accepted + timedelta(minutes=minutes)
    contact = edition.table("contact_hours").get(kind)
    if contact is not None:
        yield "6.4.5.1", "contacted", "contacted_at", accepted + timedelta(hours=contact)
    days = edition.table("answer_working_days").get(kind)
    if days is not None and kind in _ANSWERED:
        clause = _ANSWERED[kind]
        rule = "done" if clause == "6.5" else "answered"
        yield clause, rule, "answered_at", workdays(accepted, int(days))
    if kind == "business":
        yield from _applications(detail, accepted, clockwork)
    if kind == "reconnect":
        hours = edition.number("reconnect_hours")
        yield "6.5", "done", "restored_at", accepted + timedelta(hours=hours)
    if kind == "refund":
        table = edition.table("refund_working_days")
        days = table["refund_cash" if order.get("cash") else "refund"]
        yield "6.7.5.3", "refunded", "done_at", workdays(accepted, int(days))
    if kind == "fault":
        yield from _fault(order, detail, accepted, edition)


def _applications(detail: str, accepted: datetime, clockwork: Clockwork) -> Iterator[_Limited]:
    """6.1.5: acceptance of an application, and simple changes done."""
    edition, workdays = clockwork.edition, clockwork.workdays
    days = edition.table("accept_working_days").get(detail)
    if days is not None:
        yield "6.1.5.3", "accepted", "answered_at", workdays(accepted, int(days))
    if detail in _DONE:
        clause, limit = _DONE[detail]
        yield clause, "done", "done_at", workdays(accepted, int(edition.number(limit)))
    if detail == "meter_check":
        days = edition.table("answer_working_days")["meter"]
        yield "6.5", "done", "answered_at", workdays(accepted, int(days))


def _fault(order: Row, detail: str, accepted: datetime, edition: Edition) -> Iterator[_Limited]:
    """6.2.5.1 arrival; damaged appliances have a limit of their own (6.5)."""
    if detail == "appliance":
        hours = edition.number("appliance_hours")
        yield "6.5", "done", "arrived_at", accepted + timedelta(hours=hours)
        return
    minutes = edition.table("arrival_minutes").get(str(order.get("area_type", "")))
    if minutes is not None:
        yield "6.2.5.1", "arrived", "arrived_at", accepted + timedelta(minutes=minutes)


_CALLED_BACK = frozenset({"complaint", "report", "opinion"})


def _closed_loop(order: Row) -> Results:
    """6.4.5.4 call-back of what is closed; 6.4.5.5 nothing leads back to an anonymous caller."""
    place, call = str(order.get("order", "")), _call(order)
    if order.get("anonymous"):
        known = [name for name in ("phone", "number", "name", "account") if order.get(name)]
        what = Text("不含身份", "holds no identity")
        if known:
            what = Text(f"含 {'、'.join(known)}", f"holds {', '.join(known)}")
        yield Result("6.4.5.5", "anonymous", call, not known, what, place)
    elif order.get("kind") in _CALLED_BACK and order.get("closed_at"):
        if "called_back_at" not in order and "callback_refused" not in order:
            return  # these rows do not say
        ok = bool(order.get("called_back_at") or order.get("callback_refused"))
        what = (
            Text("已回访或免访", "called back or exempt") if ok else Text("未回访", "no call-back")
        )
        yield Result("6.4.5.4", "called_back", call, ok, what, place)


def _note_restoration(order: Row, restored: dict[str, list[float]]) -> None:
    arrived, back = _at(order, "arrived_at"), _at(order, "restored_at")
    if order.get("kind") == "fault" and arrived and back:
        hours = (back - arrived).total_seconds() / 3600
        restored.setdefault(str(order.get("area_type", "")), []).append(hours)


def _restoration(restored: Mapping[str, list[float]], edition: Edition) -> Results:
    """6.2.5.3: the mean from arrival to power back, for each kind of area."""
    for area, limit in edition.table("restore_hours").items():
        hours = restored.get(area)
        if hours:
            mean = sum(hours) / len(hours)
            what = Text(
                f"平均 {mean:.2f} 小时，上限 {limit:g}", f"mean {mean:.2f} h, limit {limit:g}"
            )
            yield Result("6.2.5.3", "restored", None, mean <= limit, what, area)


# --- outages and dispositions ------------------------------------------------------------------


def check_outages(
    outages: Iterable[Row], edition: Edition, *, now: datetime | None = None
) -> Results:
    """6.2.5.2: published in time once the fault point was known."""
    minutes = edition.number("publish_minutes")
    clockwork = Clockwork(edition, now=now)
    for outage in outages:
        known = _at(outage, "known_at")
        if known is None:
            continue
        row = {**outage, "order": outage.get("outage", ""), "call": ""}
        limit = known + timedelta(minutes=minutes)
        result = clockwork.judge("6.2.5.2", "published", row, "published_at", limit)
        if result is not None:
            yield result


def check_dispositions(rows: Iterable[Row], edition: Edition) -> Results:
    """5.2.7.6: a matter that is not the company's, or harassment, has a note."""
    codes = edition.names("foreign_dispositions")
    for row in rows:
        code = str(row.get("code", ""))
        if code in codes:
            ok = bool(str(row.get("note") or "").strip())
            what = Text(f"{code}：{'有' if ok else '无'}记录", f"{code}: {'' if ok else 'no '}note")
            yield Result("5.2.7.6", "noted", _call(row), ok, what, code)


def _at(row: Row, name: str) -> datetime | None:
    value = row.get(name)
    return value if isinstance(value, datetime) else None


def _call(row: Row) -> str | None:
    return str(row.get("call") or "") or None
