"""What a caller's own calls leave behind, to be asserted in `left` like any business record.

    left:
      survey: {score: 3, reason: time}            # the rating, and why (5.2.6.6)
      agent_request: {skill: fault, priority: 10, language: en-US}   # as the queue was asked

Read from the journal, which only the hotline's own side has: not judged against a foreign one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hotline.switch import events as ev
from hotline.switch.record import Entry

TRACES = ("survey", "agent_request")
"""Kinds of `left` that are no business records."""

Row = Mapping[str, object]


def traces(kind: str, journal: Mapping[str, Sequence[Entry]]) -> list[Row]:
    """The rows of one of `TRACES`, in the order of the calls."""
    read = _surveys if kind == "survey" else _requests
    return [row for entries in journal.values() for row in read(entries)]


def _surveys(entries: Iterable[Entry]) -> Iterator[Row]:
    for entry in entries:
        match entry.event:
            case ev.SurveyAnswered(score=score, reason=reason):
                yield {"score": score, "reason": reason}


def _requests(entries: Iterable[Entry]) -> Iterator[Row]:
    for entry in entries:
        match entry.event:
            case ev.AgentRequested(skill=skill, language=language, priority=priority):
                yield {"skill": skill, "language": language, "priority": priority}
