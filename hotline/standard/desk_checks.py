"""Checks on lines, agents and self-service in one call: 5.2.4.2, 5.2.5, 5.2.7 and 7."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.standard.clauses import Text
from hotline.standard.results import Profile, Result
from hotline.standard.settings import Settings
from hotline.standard.trace import Trace
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.figures import (
    agent_hung_up_first,
    lawful_hang_up,
    offer_within,
    request_within,
)
from hotline.switch.record import CallRecord, Offer, Outcome, RequestOutcome, RequestRecord

Results = Iterator[Result]
_SORRY = ("抱歉", "对不起", "久等", "sorry", "apolog")


def admitted(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.7.1: the call got in, and was not lost by the hotline."""
    if record.outcome is Outcome.BLOCKED:
        what = Text("遇忙，未接入", "blocked, the caller heard busy")
        yield Result("5.2.7.1", "admitted", record.call, False, what, record.reason)
    elif record.answered is not None and not trace.outbound:
        yield Result("5.2.7.1", "admitted", record.call, True, Text("已接入", "got in"))
        kept = record.outcome is not Outcome.LOST
        what = Text("通话完整", "complete") if kept else Text("因系统中断", "lost by the hotline")
        yield Result("5.2.7.1", "kept", record.call, kept, what, record.reason)


def agent_to_be_had(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.4.2 open, 5.2.7.1 not full, 5.2.5.1 somebody for the language: was a request refused?"""
    main = settings.edition.text("main_language")
    refusals = {
        event.request: event.reason
        for index in trace.each(ev.RequestRefused)
        if isinstance(event := trace.events[index], ev.RequestRefused)
    }
    accepted = {
        trace.events[index].request  # type: ignore[attr-defined]
        for kind in (ev.Queued, ev.OfferMade, ev.AgentConnected)
        for index in trace.each(kind)
    }
    for request in record.requests:
        reason = refusals.get(request.request)
        if reason is None and request.request not in accepted:
            continue
        foreign = request.language not in ("", main)
        yield from _availability(record.call, request, reason, foreign)


def _availability(call: str, request: RequestRecord, reason: str | None, foreign: bool) -> Results:
    accepted = Text("请求被受理", "the request was taken")
    refused = Text(f"请求被拒：{reason}", f"the request was refused: {reason}")
    if reason == "closed":
        yield Result("5.2.4.2", "open", call, False, refused, request.skill)
        return
    yield Result("5.2.4.2", "open", call, True, accepted, request.skill)
    if foreign:
        what = accepted if reason is None else refused
        yield Result("5.2.5.1", "served", call, reason is None, what, request.language)
    if reason is None or not foreign:
        what = accepted if reason is None else refused
        yield Result("5.2.7.1", "queued", call, reason is None, what, request.skill)


def language_of_agent(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.5.1: the agent who answered speaks the language that was asked for."""
    for request, agent in _answered(record, settings):
        if not request.language:
            continue
        ok = any(_same(request.language, spoken) for spoken in agent.languages)
        spoken = "/".join(agent.languages)
        what = Text(
            f"要 {request.language}，专员会 {spoken}", f"asked {request.language}, has {spoken}"
        )
        yield Result("5.2.5.1", "language", record.call, ok, what, request.agent)


def _same(asked: str, spoken: str) -> bool:
    """`en` and `en-US` are one language; so are `zh` and `zh-CN`."""
    return asked == spoken or asked.startswith(spoken + "-") or spoken.startswith(asked + "-")


def _answered(record: CallRecord, settings: Settings) -> Iterator[tuple[RequestRecord, Profile]]:
    """Answered requests whose agent the roster knows."""
    for request in record.requests:
        agent = (settings.agents or {}).get(request.agent)
        if request.outcome is RequestOutcome.ANSWERED and agent is not None:
            yield request, agent


def certificate(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.5.2: the agent who answered has the Putonghua level and passed the training."""
    for request, agent in _answered(record, settings):
        fault = uncertified(agent, settings)
        what = fault or Text("持证上岗", "certified and trained")
        yield Result("5.2.5.2", "certified", record.call, fault is None, what, request.agent)


def uncertified(agent: Profile, settings: Settings) -> Text | None:
    """Why 5.2.5.2 keeps `agent` off duty; None if it does not."""
    if not agent.training_passed:
        return Text("岗前培训未合格", "training before duty not passed")
    if agent.minority_seat:
        return None
    levels = settings.edition.names("putonghua_levels")
    lowest = settings.edition.text("putonghua_lowest")
    if agent.putonghua not in levels:
        return Text("无普通话等级证书", "no Putonghua certificate")
    if levels.index(agent.putonghua) > levels.index(lowest):
        return Text(f"普通话 {agent.putonghua}", f"Putonghua {agent.putonghua}")
    return None


def self_service_works(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.7.2: what self-service is asked for does not fail. Counted per service asked."""
    for step in record.steps:
        if step.service:
            ok = step.outcome != "failed"
            what = Text(f"{step.service}：{step.outcome}", f"{step.service}: {step.outcome}")
            yield Result("5.2.7.2", "works", record.call, ok, what, step.step)


# --- 5.2.7.3 -----------------------------------------------------------------------------------


def rings(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.7.3: each offer answered in time; queue + ring too where the edition judges by it."""
    edition = settings.edition
    limit, rule = edition.number("ring_answer_seconds"), edition.text("answer_rule")
    whole, short = edition.number("queue_ring_seconds"), edition.number("short_abandon_seconds")
    for request in record.requests:
        if rule != "queue_ring":
            for offer in request.offers:
                yield from _ring(trace, record.call, request, offer, limit, settings)
        if rule != "ring":
            ok = request_within(request, whole, short)
            if ok is not None:
                what = Text(
                    f"排队加振铃 {request.wait:.1f} 秒", f"queue + ring {request.wait:.1f} s"
                )
                yield Result("5.2.7.3", "queue_ring", record.call, ok, what, request.agent)


def _ring(
    trace: Trace,
    call: str,
    request: RequestRecord,
    offer: Offer,
    limit: float,
    settings: Settings,
) -> Results:
    ok = offer_within(offer, limit)
    if ok is None:
        return
    answered = offer.outcome == "answered"
    if not ok and answered and settings.edition.number("late_apology"):
        ok = _apologised(trace, offer.ended)
    outcome = "应答" if answered else f"未应答（{offer.outcome}）"
    said = "answered" if answered else f"not answered ({offer.outcome})"
    what = Text(
        f"振铃 {offer.ring:.1f} 秒{outcome}，上限 {limit:g}",
        f"{said} after ringing {offer.ring:.1f} s, limit {limit:g}",
    )
    yield Result("5.2.7.3", "ring", call, ok, what, offer.agent)


def _apologised(trace: Trace, answered: float) -> bool:
    """Whether an apology was spoken after a late answer (older texts allow one)."""
    texts = [s.prompt.text for s in trace.sounds if s.prompt and s.began >= answered]
    texts += [speech.text for _, speech in _speech(trace)]
    return any(sorry in text.lower() for text in texts for sorry in _SORRY)


def hang_up_order(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.7.3: the agent does not hang up first; lawful reasons, transfer and survey excepted."""
    lawful = frozenset(settings.edition.names("lawful_hang_up"))
    for request in record.requests:
        first = agent_hung_up_first(request, lawful)
        if first is None or lawful_hang_up(request, lawful):
            continue  # unseen, or excused: neither kept nor broken; 5.2.7.6 looks at the warnings
        what = Text(f"{request.ended_by} 先离开", f"the {request.ended_by} left first")
        yield Result("5.2.7.3", "not_first", record.call, not first, what, request.agent)


# --- what agents say ---------------------------------------------------------------------------


def _speech(trace: Trace) -> Iterator[tuple[int, do.Prompt]]:
    """What agents said, where it is in the journal: simulated agents always, live ones never."""
    for index in trace.each_did(do.Speak):
        what = trace.events[index].action.what  # type: ignore[attr-defined]
        if what.id.startswith("agent."):
            yield index, what


def agent_words(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.7.4 a greeting first; 7.1.2 no shirking; 7.3.2 civil words. Lists of words are ours."""
    shirking = settings.edition.names("shirking_words")
    uncivil = settings.edition.names("uncivil_words")
    speech = list(_speech(trace))
    for _, words in speech:
        for clause, listed in (("7.1.2", shirking), ("7.3.2", uncivil)):
            found = next((phrase for phrase in listed if phrase in words.text), None)
            what = Text(f"“{found}”", f'"{found}"') if found else Text("未见", "none found")
            yield Result(clause, "words", record.call, found is None, what, words.id)
    for index in trace.each(ev.AgentConnected):
        connected = trace.events[index]
        end = trace.conversation_end(index)
        first = next((words for place, words in speech if index < place <= end), None)
        if first is not None:
            ok = first.id.startswith("agent.greeting") or "您好" in first.text
            what = Text("先问候", "greeted") if ok else Text("未问候", "no greeting")
            agent = connected.agent  # type: ignore[attr-defined]
            yield Result("5.2.7.4", "greeted", record.call, ok, what, agent)


def harassment_warned(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.7.6: before an agent releases a harassing caller a warning was spoken."""
    needed = int(settings.edition.number("harassment_warnings"))
    speech = list(_speech(trace))
    for begin in trace.each(ev.AgentConnected):
        end = trace.conversation_end(begin)
        left = trace.events[end]
        if not isinstance(left, ev.AgentLeft) or left.to != "hang_up":
            continue
        spoken = [words.id for place, words in speech if begin < place < end]
        if left.reason != "harassment" or not spoken:
            continue
        said = sum(words.startswith("agent.warning") for words in spoken)
        what = Text(f"提醒 {said} 次，至少 {needed}", f"{said} warnings, at least {needed}")
        yield Result("5.2.7.6", "warned", record.call, said >= needed, what, left.agent)
