"""Figures of a day, gathered call by call in little memory: a million calls cost some kilobytes.

Everything here is a count or a sum of `hotline.switch.figures` and of fields of `CallRecord`, so
that it equals what any other report computes from the same rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from hotline.standard.clauses import Edition
from hotline.switch.events import OfferOutcome
from hotline.switch.figures import (
    Share,
    agent_hung_up_first,
    contained,
    lawful_hang_up,
    offer_within,
    request_within,
)
from hotline.switch.record import CallRecord, Outcome, RequestOutcome, RequestRecord

RING_BINS = 31
"""Ring times in bins of 1 s; the last holds all above 30 s."""
BLOCK_INTERVAL = 300.0
"""Seconds of an interval in which blocked calls are counted."""


@dataclass(slots=True)
class Hour:
    """One clock hour of the day (0 to 23), over all days."""

    calls: int = 0
    admitted: int = 0
    requests: int = 0
    answered: int = 0
    abandoned: int = 0
    waited: float = 0.0
    longest: float = 0.0
    level: Share = field(default_factory=Share)


@dataclass(slots=True)
class Tally:
    """The day so far. `utc_offset`: hours from UTC to the hotline's local time."""

    edition: Edition
    utc_offset: float = 8.0
    outcomes: Counter[str] = field(default_factory=Counter)
    hours: list[Hour] = field(default_factory=lambda: [Hour() for _ in range(24)])
    ring: Share = field(default_factory=Share)
    queue_ring: Share = field(default_factory=Share)
    rings: list[int] = field(default_factory=lambda: [0] * RING_BINS)
    unanswered: Counter[str] = field(default_factory=Counter)
    ended_by: Counter[str] = field(default_factory=Counter)
    lawful: Counter[str] = field(default_factory=Counter)
    agent_first: int = 0
    containment: Share = field(default_factory=Share)
    tasks: Share = field(default_factory=Share)
    services: Share = field(default_factory=Share)
    after_self_service: Share = field(default_factory=Share)
    task_steps: int = 0
    task_seconds: float = 0.0
    wrong_keys: int = 0
    no_inputs: int = 0
    last_resorts: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    blocked_by_interval: Counter[int] = field(default_factory=Counter)
    survey: Counter[int] = field(default_factory=Counter)

    def add(self, record: CallRecord) -> None:
        """Count one closed call."""
        self.outcomes[str(record.outcome)] += 1
        blocked = record.outcome is Outcome.BLOCKED
        hour = self.hours[self._hour(record)]
        hour.calls += 1
        hour.admitted += not blocked
        if blocked:
            self.blocked_by_interval[int(record.arrived // BLOCK_INTERVAL)] += 1
            return
        for request in record.requests:
            self._request(request, hour)
        self._self_service(record)
        if record.survey is not None:
            self.survey[record.survey] += 1

    def _hour(self, record: CallRecord) -> int:
        """The local clock hour in which the call came; in virtual time the clock starts at 0:00."""
        offset = self.utc_offset * 3600 if record.clock_start else 0.0
        return int((record.clock_start + record.arrived + offset) // 3600) % 24

    def _request(self, request: RequestRecord, hour: Hour) -> None:
        edition = self.edition
        hour.requests += 1
        hour.waited += request.wait
        hour.longest = max(hour.longest, request.wait)
        hour.answered += request.outcome is RequestOutcome.ANSWERED
        hour.abandoned += request.outcome is RequestOutcome.ABANDONED
        level = request_within(
            request, edition.number("queue_ring_seconds"), edition.number("short_abandon_seconds")
        )
        hour.level = hour.level.counting(level)
        self.queue_ring = self.queue_ring.counting(level)
        self.languages[request.language or "-"] += 1
        for offer in request.offers:
            ok = offer_within(offer, edition.number("ring_answer_seconds"))
            self.ring = self.ring.counting(ok)
            if offer.outcome is OfferOutcome.ANSWERED:
                self.rings[_bin(offer.ring)] += 1
            else:
                self.unanswered[str(offer.outcome)] += 1
        self._end(request)

    def _end(self, request: RequestRecord) -> None:
        lawful = self.edition.names("lawful_hang_up")
        first = agent_hung_up_first(request, lawful)
        if first is None:
            return
        self.agent_first += first
        self.ended_by[str(request.ended_by)] += 1
        if lawful_hang_up(request, lawful):
            self.lawful[request.end_reason] += 1

    def _self_service(self, record: CallRecord) -> None:
        self.containment = self.containment.counting(contained(record))
        asked = [step for step in record.steps if step.service]
        for step in asked:
            self.services = self.services.counting(step.outcome != "failed")
        solved = next((step for step in record.steps if step.solved), None)
        if asked or solved:
            self.tasks = self.tasks.counting(solved is not None)
            self.after_self_service = self.after_self_service.counting(bool(record.requests))
        if solved is not None and record.answered is not None:
            self.task_steps += sum(menu.at <= solved.at for menu in record.menus)
            self.task_seconds += solved.at - record.answered
        self.wrong_keys += record.wrong_keys
        self.no_inputs += record.no_inputs
        self.last_resorts += record.last_resorts

    # --- as plain data -----------------------------------------------------------------------

    def figures(self) -> dict[str, object]:
        """The figures by name; shares are None where nothing was measured. Times in seconds."""
        requests = sum(hour.requests for hour in self.hours)
        answered = sum(hour.answered for hour in self.hours)
        blocked = self.outcomes["blocked"]
        calls = self.outcomes.total()
        return {
            "outcomes": dict(self.outcomes),
            "blocked": blocked,
            "blocked_worst_interval": max(self.blocked_by_interval.values(), default=0),
            "availability": Share(calls - blocked, calls).value,
            "clock_hours_with_calls": sum(hour.calls > 0 for hour in self.hours),
            "requests": requests,
            "answered": answered,
            "abandoned": sum(hour.abandoned for hour in self.hours),
            "ring_within": self.ring.value,
            "ring_limit": self.edition.number("ring_answer_seconds"),
            "ring_offers": self.ring.total,
            "unanswered_offers": dict(self.unanswered),
            "queue_ring_within": self.queue_ring.value,
            "queue_ring_limit": self.edition.number("queue_ring_seconds"),
            "service_level_formula": "answered within T / (offered - given up before "
            f"{self.edition.number('short_abandon_seconds'):g} s)",
            "mean_wait": sum(hour.waited for hour in self.hours) / requests if requests else None,
            "agent_hung_up_first": self.agent_first,
            "ended_by": dict(self.ended_by),
            "lawful_hang_ups": dict(self.lawful),
            "containment": self.containment.value,
            "self_service_success": self.tasks.value,
            "service_success": self.services.value,
            "agent_after_self_service": self.after_self_service.value,
            "menus_to_task": self._per_task(self.task_steps),
            "seconds_to_task": self._per_task(self.task_seconds),
            "wrong_keys": self.wrong_keys,
            "no_inputs": self.no_inputs,
            "last_resorts": self.last_resorts,
            "languages_asked": dict(self.languages),
            "survey": {str(score): count for score, count in sorted(self.survey.items())},
            "ring_seconds": self.rings,
            "by_hour": [_hour_row(number, hour) for number, hour in enumerate(self.hours)],
        }

    def _per_task(self, amount: float) -> float | None:
        return amount / self.tasks.good if self.tasks.good else None


def _bin(ring: float) -> int:
    """The bin (n, n + 1] that `ring` falls into: exactly 12 s is still within 12 s."""
    return max(0, min(RING_BINS - 1, ceil(ring - 1e-6) - 1))


def _hour_row(number: int, hour: Hour) -> dict[str, object]:
    return {
        "hour": number,
        "calls": hour.calls,
        "requests": hour.requests,
        "answered": hour.answered,
        "abandoned": hour.abandoned,
        "service_level": hour.level.value,
        "mean_wait": hour.waited / hour.requests if hour.requests else None,
        "longest_wait": hour.longest,
    }
