"""Checks on what one caller heard: 5.2.6.1, 5.2.6.4 to 5.2.6.6, 6.2.5.2 and 7.1.3."""

from __future__ import annotations

from collections.abc import Iterator

from hotline.standard.clauses import Text
from hotline.standard.results import Result
from hotline.standard.settings import Settings
from hotline.standard.trace import Sound, Trace
from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.record import CallRecord

Results = Iterator[Result]


def greeting_first(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.1: the greeting is heard before every other prompt or music."""
    if trace.outbound:
        return
    first = next((s for s in trace.sounds if type(s.what) is not do.Tone), None)
    if first is None:
        return
    prompt = first.prompt
    is_greeting = prompt is not None and first.id == "greeting"
    worded = is_greeting and _says(prompt, settings.greeting.search)
    if not is_greeting:
        what = Text(f"最先听到 {first.id}", f"first heard: {first.id}")
    elif not worded:
        what = Text("引导语措辞不符", "the greeting is worded otherwise")
    else:
        what = Text("引导语最先播报", "greeting first")
    yield Result("5.2.6.1", "first", record.call, worded, what, first.id)


def _says(prompt: do.Prompt | None, search: object) -> bool:
    """Whether a Chinese prompt has the wording asked for; other languages have no given wording."""
    if prompt is None:
        return False
    return not prompt.language.startswith("zh") or bool(search(prompt.text))  # type: ignore[operator]


# --- 5.2.6.4 to 5.2.6.6 ------------------------------------------------------------------------


def music_while_waiting(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.4: between request and connection no silence above the limit (our number)."""
    limit = settings.edition.number("silence_gap_seconds")
    for begin, end in trace.waits:
        asked, left = trace.events[begin].at, trace.events[end].at
        sounds = [s for s in trace.sounds if s.end_index > begin and s.index < end]
        heard_music = any(type(sound.what) is do.Music for sound in sounds)
        if left - asked <= limit and not heard_music:
            continue
        gap = _longest_gap(sounds, asked, left)
        ok = gap <= limit + 1e-6
        what = Text(
            f"最长无声 {gap:.1f} 秒，上限 {limit:g}", f"silent {gap:.1f} s, limit {limit:g}"
        )
        yield Result("5.2.6.4", "music", record.call, ok, what, f"{asked - record.arrived:.1f} s")


def _longest_gap(sounds: list[Sound], begin: float, end: float) -> float:
    """Longest stretch of [begin, end] without music or message; tones are neither."""
    heard_until, gap = begin, 0.0
    for sound in sounds:
        if type(sound.what) is not do.Tone:
            gap = max(gap, sound.began - heard_until)
            heard_until = max(heard_until, sound.ended)
    return max(gap, end - heard_until)


def announcement(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.5: the agent's real number is announced at once, before the agent can be heard."""
    for index in trace.each(ev.AgentConnected):
        connected = trace.events[index]
        assert isinstance(connected, ev.AgentConnected)
        fault = _announcement_fault(trace, index, connected, settings)
        if fault is None:
            continue
        what = fault if fault.en else Text("已报工号", "announced")
        yield Result("5.2.6.5", "announced", record.call, not fault.en, what, connected.agent)


def _announcement_fault(
    trace: Trace, index: int, connected: ev.AgentConnected, settings: Settings
) -> Text | None:
    """What is wrong with the announcement of this connection; empty: nothing, None: unseen."""
    limit = settings.edition.number("announce_within_seconds")
    end = trace.conversation_end(index)
    sound = next(
        (s for s in trace.sounds if index < s.index <= end and s.id == "agent.announcement"), None
    )
    voice = _first_voice(trace, index, end)
    if sound is None or sound.prompt is None:
        left = trace.events[end].at - connected.at
        if voice is None and left <= limit:
            return None  # gone before it could begin
        return Text("未报工号", "no announcement")
    if voice is not None and voice < sound.end_index:
        return Text("报号未完专员已接入", "the agent was on the line before the announcement ended")
    if sound.began - connected.at > limit + 1e-6 and not _greeted_between(trace, index, sound):
        late = sound.began - connected.at
        return Text(f"接通后 {late:.1f} 秒才报工号", f"announced {late:.1f} s after connection")
    announced = str(dict(sound.prompt.values).get("agent", ""))
    roster = (settings.agents or {}).get(connected.agent)
    real = roster.number if roster is not None else connected.number
    if announced != real or connected.number != real:
        return Text(f"报 {announced}，实为 {real}", f"announced {announced}, really {real}")
    if not _says(sound.prompt, settings.announcement.search):
        return Text("报号措辞不符", "the announcement is worded otherwise")
    return Text("", "")


def _greeted_between(trace: Trace, index: int, sound: Sound) -> bool:
    """On a call-back the hotline introduces itself first; that is no delay."""
    return trace.outbound and any(
        index < s.index < sound.index and s.id == "callback.greeting" for s in trace.sounds
    )


def _first_voice(trace: Trace, begin: int, end: int) -> int | None:
    """Where the agent could first be heard: bridged, or already speaking."""
    places = [*trace.each_did(do.Bridge), *trace.each_did(do.Speak)]
    return min((place for place in places if begin < place <= end), default=None)


def closing_phrase(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """5.2.6.6: before the system ends a call normally the closing phrase has been heard."""
    abnormal = settings.edition.names("abnormal_ends")
    answered = trace.each_did(do.Answer) or trace.each(ev.AnsweredOut)
    for index in trace.each_did(do.HangUp):
        action = trace.events[index].action  # type: ignore[attr-defined]
        if not answered or action.reason in abnormal or record.reason in abnormal:
            continue
        last = next((s for s in reversed(trace.sounds) if s.index < index and s.prompt), None)
        ok = last is not None and last.id == "closing" and last.ending == "finished"
        worded = last is not None and _says(last.prompt, settings.closing.search)
        what = Text("已播结束语", "closing phrase heard")
        if not ok:
            what = Text("未播完结束语即挂机", "the system hung up without the closing phrase")
        elif not worded:
            what = Text("结束语措辞不符", "the closing phrase is worded otherwise")
        yield Result(
            "5.2.6.6", "closing", record.call, ok and worded, what, last.id if last else ""
        )


# --- 6.2.5.2 and 7.1.3 -------------------------------------------------------------------------


def outage_progress_told(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """6.2.5.2: a caller whose look-up found an outage hears when power is expected back."""
    services = settings.edition.names("outage_services")
    asked = {
        action.request: action.service
        for index in trace.each_did(do.CallService)
        if isinstance(action := trace.events[index].action, do.CallService)  # type: ignore[attr-defined]
    }
    for index in trace.each(ev.ServiceReplied):
        reply = trace.events[index]
        assert isinstance(reply, ev.ServiceReplied)
        service = asked.get(reply.request, "")
        if service not in services or not reply.values.get("etr"):
            continue
        told = _told(trace, index)
        if told is not None:
            what = Text("已告知预计恢复时间", "expected restoration told")
            if not told:
                what = Text("未告知预计恢复时间", "expected restoration not told")
            yield Result("6.2.5.2", "told", record.call, told, what, service)


_MOVES_ON = (ev.Chosen, ev.AgentRequested, ev.StepEntered, ev.WrongKey, ev.NoInput)


def _told(trace: Trace, index: int) -> bool | None:
    """Whether the next prompts spoke the expected time; None if the caller did not let them."""
    finished = False
    for sound in trace.sounds:
        if sound.index < index or sound.prompt is None:
            continue
        if any(isinstance(e, _MOVES_ON) for e in trace.events[index + 1 : sound.index]):
            break
        if dict(sound.prompt.values).get("etr"):
            return True
        finished = finished or sound.ending == "finished"
    return False if finished else None


def account_kept_secret(trace: Trace, record: CallRecord, settings: Settings) -> Results:
    """7.1.3: no full account number is spoken in a call in which none was typed."""
    typed = [
        index
        for index in trace.each(ev.Collected)
        if (c := trace.events[index]).kind == "account" and c.ok  # type: ignore[attr-defined]
    ]
    for sound in trace.sounds:
        values = dict(sound.prompt.values) if sound.prompt else {}
        spoken = str(values.get("account", "") or values.get("tail", ""))
        if not spoken:
            continue
        full = sum(character.isdigit() for character in spoken) >= 10
        ok = not full or any(index < sound.index for index in typed)
        what = Text("只报户号尾号", "only the tail of the account is spoken")
        if full:
            what = Text("播报完整户号", "a full account number is spoken")
        yield Result("7.1.3", "account", record.call, ok, what, sound.id)
