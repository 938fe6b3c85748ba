"""Where the call meets people: waiting with music, the announcement, the talk, survey, goodbye.

asked          queue message   wait menu (once)        agent answers
|- transfer -|~~music~~|- message -|~~music~~|- menu -|~~music~~|- announcement -| bridged
                                                       ^ at any moment, even mid-word:
                                                         nothing said in the queue ever
                                                         delays a connection
"""

from __future__ import annotations

import math

from hotline.switch import actions as do
from hotline.switch import events as ev
from hotline.switch.events import Event, Party
from ivr import navigation, phases
from ivr.call import AFTER_SPEECH, ANY_PHASE, REACTIONS, Call, Reaction
from menus.model import Target

MESSAGE = "queue_message"
MENU = "queue_menu"
SURVEY = "survey"
HANG_UP = "hang_up"
DIAL = "dial"


# --- asking and waiting ------------------------------------------------------------------------


def ask_agent(call: Call, skill: str, language: str = "") -> None:
    """Ask the ACD for an agent (转人工). Each request of a call is counted anew."""
    call.move("queue")
    call.request += 1
    call.step = call.collector = None
    call.typed.clear()
    call.waiting_menu = False
    call.queue_wait = None
    call.then = None
    menus = [call.book.menus[menu] for menu, _ in call.path]
    if not skill:
        skill = next((menu.skill for menu in reversed(menus) if menu.skill), "")
    priority = next((m.priority for m in reversed(menus) if m.priority is not None), 0)
    call.tell(
        ev.AgentRequested(
            call.now, call.id, call.request, skill, language or call.language, priority
        )
    )
    waiting = call.book.waiting
    call.say([call.text(waiting.transfer), (do.Music(), True)])
    call.timer(MESSAGE, waiting.first_message)
    if waiting.menu is not None:
        call.timer(MENU, waiting.menu_after)


def queued(call: Call, event: Event) -> None:
    """The ACD says where the request stands; the next queue message will tell the caller."""
    assert isinstance(event, ev.Queued)
    call.queue_wait = event


def waiting_timer(call: Call, event: Event) -> None:
    """Time for a message of place or expected wait, or for the offer of a call-back."""
    assert isinstance(event, ev.TimerFired)
    waiting = call.book.waiting
    if event.timer == MENU and waiting.menu is not None:
        call.waiting_menu = True
        menu = call.book.menus[waiting.menu]
        call.note(ev.MenuEntered(call.now, call.id, menu.id, 1, call.language))
        call.say([call.text(menu.prompt), (do.Music(), True)])
        call.timer(MESSAGE, waiting.message_every)
    elif event.timer == MESSAGE:
        call.say([queue_message(call), (do.Music(), True)])
        call.timer(MESSAGE, waiting.message_every)


def queue_message(call: Call) -> tuple[do.Playable, bool]:
    """Place in the queue, with the expected wait in whole minutes where it is known."""
    waiting, known = call.book.waiting, call.queue_wait
    if known is None:
        return call.text(waiting.message_unknown)
    call.values["position"] = str(known.position)
    if known.expected_wait is None:
        return call.text(waiting.message_unknown)
    call.values["minutes"] = str(max(1, math.ceil(known.expected_wait / 60)))
    return call.text(waiting.message)


def key_in_queue(call: Call, event: Event) -> None:
    """Keys count in the queue only once the wait menu has been offered."""
    assert isinstance(event, ev.KeyPressed)
    if not call.waiting_menu or call.book.waiting.menu is None:
        return
    menu = call.book.menus[call.book.waiting.menu]
    bound = menu.keys.get(event.key)
    if bound is None:
        call.failures += 1
        call.note(ev.WrongKey(call.now, call.id, menu.id, call.failures))
        call.say([call.text(menu.wrong_key.prompt), (do.Music(), True)])
        return
    barged_in = call.playing is not None and isinstance(call.playing[0], do.Prompt)
    if barged_in:
        call.interrupt()
    navigation.choose(call, menu.id, bound, barged_in=barged_in)


def keep_waiting(call: Call) -> None:
    """The caller prefers to wait: back to the music, the place is kept."""
    call.waiting_menu = False
    call.music()


def book_callback(call: Call) -> None:
    """The caller prefers a call-back; the ACD keeps the place."""
    call.waiting_menu = False
    call.tell(ev.CallbackRequested(call.now, call.id, call.request, call.number))


def callback_booked(call: Call, event: Event) -> None:
    """The place is kept for a call-back: say so and part."""
    stop_queue_timers(call)
    words = call.book.waiting.callback_booked
    if words is None:
        closing(call)
        return
    call.then = closing
    call.say([call.text(words)])


def refused(call: Call, event: Event) -> None:
    """No agent can be had: say why, then where the book leads."""
    assert isinstance(event, ev.RequestRefused)
    stop_queue_timers(call)
    waiting = call.book.waiting
    words = waiting.refused.get(event.reason)
    if event.reason == "fault":
        # The apology of every fault of ours. What 5.1.8.8 asks for at a counter (say sorry when a
        # system fails) is our choice here: the excerpt has no such clause for the hotline.
        words = call.book.system["error.failed"]
    target = waiting.refused_then
    # A refusal that leads to an agent again would go round for ever.
    onward = Target("end") if target.kind == "agent" else target

    def go_on(call: Call) -> None:
        navigation.follow(call, onward)

    if words is None:
        go_on(call)
        return
    call.then = go_on
    call.say([call.text(words)])


def leave_queue(call: Call, reason: str) -> None:
    """Give the place up."""
    stop_queue_timers(call)
    call.tell(ev.RequestWithdrawn(call.now, call.id, call.request, reason))


def stop_queue_timers(call: Call) -> None:
    """Nothing more is said in the queue."""
    call.no_timer(MESSAGE)
    call.no_timer(MENU)


# --- the agent ---------------------------------------------------------------------------------


def connected(call: Call, event: Event) -> None:
    """An agent answered: announce the real number (5.2.6.5), cutting whatever is playing."""
    assert isinstance(event, ev.AgentConnected)
    outbound = call.state == phases.DIALLING
    call.move("connect")
    stop_queue_timers(call)
    call.agent = event.agent
    call.then = None
    call.values["agent"] = event.number
    words = [call.text(call.book.announcement)]
    if outbound:  # who calls says so first (5.2.7.4)
        words.insert(0, call.text(call.book.system["callback.greeting"]))
    call.say(words)


def announced(call: Call) -> None:
    """Join caller and agent."""
    call.move("talk")
    call.out.append(do.Bridge(call.agent))


def held(call: Call, event: Event) -> None:
    """On hold the caller waits, and who waits hears soft music (5.2.6.4); then the agent again."""
    assert isinstance(event, ev.AgentHeld)
    if event.on:
        call.music()
    else:
        call.interrupt()


def agent_left(call: Call, event: Event) -> None:
    """The agent ends the talk: survey, another agent, or (rarely lawful, 5.2.7.3) a hang-up."""
    assert isinstance(event, ev.AgentLeft)
    if call.state == phases.TALKING:
        call.out.append(do.Unbridge(event.agent))
    call.agent = ""
    if event.to.startswith("transfer:"):
        ask_agent(call, event.to.removeprefix("transfer:"))
    elif event.to == "hang_up":
        call.out.append(do.HangUp("agent"))
        call.close(Party.AGENT, event.reason or "agent hung up")
    elif call.book.survey is None:
        closing(call)
    else:
        call.move("ask_satisfaction")
        call.score = None
        call.say([call.text(call.book.survey.prompt)])


# --- survey and goodbye ------------------------------------------------------------------------


def survey_said(call: Call) -> None:
    """Wait a little for an answer; none is also an answer."""
    assert call.book.survey is not None
    call.timer(SURVEY, call.book.survey.timeout)


def key_in_survey(call: Call, event: Event) -> None:
    """A score, or the reason for a bad one. Other keys are let pass."""
    assert isinstance(event, ev.KeyPressed)
    survey = call.book.survey
    assert survey is not None
    if call.score is None:
        score = survey.scores.get(event.key)
        if score is None:
            return
        if score in survey.ask_reason and survey.reason_prompt is not None:
            call.interrupt()
            call.score = score
            call.no_timer(SURVEY)
            call.say([call.text(survey.reason_prompt)])
            return
        surveyed(call, score, "")
    elif event.key in survey.reasons:
        surveyed(call, call.score, survey.reasons[event.key])


def surveyed(call: Call, score: int, reason: str) -> None:
    """Thank the caller and close."""
    assert call.book.survey is not None
    call.interrupt()
    call.no_timer(SURVEY)
    call.note(ev.SurveyAnswered(call.now, call.id, score, reason))
    closing(call, first=[call.text(call.book.survey.thanks)])


def survey_silent(call: Call, event: Event) -> None:
    """No answer, or a score without its reason."""
    if event.timer != SURVEY or call.playing is not None:  # type: ignore[attr-defined]
        return
    if call.score is not None:
        call.note(ev.SurveyAnswered(call.now, call.id, call.score, ""))
    closing(call)


def closing(call: Call, first: list[tuple[do.Playable, bool]] | None = None) -> None:
    """Nothing more to do: "please hang up" (5.2.6.6), then wait for the caller to do so."""
    call.move("close")
    call.step = call.collector = None
    call.say([*(first or []), call.text(call.book.closing)])


def closing_said(call: Call) -> None:
    """The caller is given time to hang up first."""
    call.timer(HANG_UP, call.book.hang_up_after)


def hang_up_timer(call: Call, event: Event) -> None:
    """The caller did not hang up: the system does."""
    if event.timer == HANG_UP:  # type: ignore[attr-defined]
        call.out.append(do.HangUp("finished"))
        call.close(Party.SYSTEM, "finished")


def hung_up(call: Call, event: Event) -> None:
    """The line is gone. Wins in every phase; whoever waits for this call is told."""
    assert isinstance(event, ev.HungUp)
    if call.state == phases.ENDED:
        return
    if call.state == phases.WAITING:
        call.tell(ev.RequestWithdrawn(call.now, call.id, call.request, "hung_up"))
    elif call.state in (phases.ANNOUNCING, phases.TALKING):
        call.tell(ev.TalkEnded(call.now, call.id, call.agent, event.by))
    call.playing = None
    call.close(event.by, event.reason)


# --- call-back: the hotline calls ---------------------------------------------------------------


def callback_due(call: Call, event: Event) -> None:
    """An agent is reserved for a customer who preferred a call-back: dial. The call-back goes on
    in the language of the request."""
    assert isinstance(event, ev.CallbackDue)
    call.id, call.number, call.agent = event.call, event.number, event.agent
    call.request = event.request
    call.speak_language(event.language)
    call.move("dial")
    call.out.append(do.DialOut(event.number))
    call.timer(DIAL, call.settings.dial_timeout)


def answered_out(call: Call, event: Event) -> None:
    """The customer picked up: the ACD may connect the agent."""
    call.no_timer(DIAL)
    call.tell(event)


def dial_timer(call: Call, event: Event) -> None:
    """Nobody picked up."""
    if event.timer == DIAL:  # type: ignore[attr-defined]
        call.out.append(do.HangUp("no answer"))
        call.close(Party.SYSTEM, "no answer")


def of_this_request(reaction: Reaction) -> Reaction:
    """An answer to an earlier request of the call comes late and means nothing: the ACD may have
    sent it before it heard that the caller had left its queue."""

    def react(call: Call, event: Event) -> None:
        if event.request == call.request:  # type: ignore[attr-defined]
            reaction(call, event)

    return react


REACTIONS.update(
    {
        (phases.ARRIVED, ev.CallbackDue): callback_due,
        (phases.DIALLING, ev.AnsweredOut): answered_out,
        (phases.DIALLING, ev.TimerFired): dial_timer,
        (phases.DIALLING, ev.AgentConnected): connected,
        (phases.WAITING, ev.KeyPressed): key_in_queue,
        (phases.WAITING, ev.Queued): of_this_request(queued),
        (phases.WAITING, ev.TimerFired): waiting_timer,
        (phases.WAITING, ev.RequestRefused): of_this_request(refused),
        (phases.WAITING, ev.CallbackBooked): of_this_request(callback_booked),
        (phases.WAITING, ev.AgentConnected): of_this_request(connected),
        (phases.ANNOUNCING, ev.AgentLeft): agent_left,
        (phases.TALKING, ev.AgentLeft): agent_left,
        (phases.TALKING, ev.AgentHeld): held,
        (phases.SURVEY, ev.KeyPressed): key_in_survey,
        (phases.SURVEY, ev.TimerFired): survey_silent,
        (phases.CLOSING, ev.TimerFired): hang_up_timer,
    }
)
ANY_PHASE[ev.HungUp] = hung_up
AFTER_SPEECH.update(
    {
        phases.ANNOUNCING: announced,
        phases.SURVEY: survey_said,
        phases.CLOSING: closing_said,
    }
)
