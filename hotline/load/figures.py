"""Figures of a load, each with its formula, from its calls.

What concerns agents is counted by `agents.figures` from requests in the hotline's own words, so
that a load, a report and a simulation agree; what only the outside sees is defined here. Shares
have the exact 95 % interval of Clopper and Pearson (1934); percentiles are those of the sample,
without interpolation, with intervals from order statistics.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.figures import Figure, Limits, count, count_requests, figures_of, named, ratio
from hotline.load.calls import LoadCall, Outcome
from hotline.simulation.estimates import LEVEL, Estimate
from hotline.simulation.load_rules import FLOORS, LoadTarget
from hotline.switch.record import RequestRecord

FROM_REQUESTS = (
    "offered",
    "answered",
    "abandoned",
    "short_abandon",
    *(name for name in FLOORS if name in figures_of(count_requests(()))),
    "abandoned_fraction",
    "mean_wait",
    "mean_wait_answered",
)
"""Figures of `agents.figures` that can be seen from outside."""
SLACK = 1e-6
"""Seconds."""


@dataclass(frozen=True, slots=True)
class LoadFigures:
    """All figures of some calls; `figures` by name, `codes` of refusals and failures with their
    numbers."""

    figures: dict[str, Figure]
    codes: dict[str, int]
    samples: dict[str, tuple[float, ...]]
    """seconds that rose, of what has percentiles: setup, sound, wait"""

    def value(self, name: str) -> float | None:
        """A figure's value; None where nothing was seen."""
        return self.figures[name].value

    def estimate(self, name: str) -> Estimate:
        """A figure with its interval, which shares and percentiles have."""
        figure = self.figures[name]
        of, _, percent = name.rpartition("_p")
        if of in self.samples:
            return percentile_estimate(self.samples[of], int(percent) / 100)
        if figure.denominator is None or name.startswith("mean_"):
            return Estimate(figure.value)
        return share_estimate(figure.numerator, figure.denominator)


def load_figures(calls: Sequence[LoadCall], limits: Limits) -> LoadFigures:
    """The figures of `calls`."""
    requests = requests_of(calls, limits)
    queue = figures_of(count_requests(requests, limits), limits)
    samples = _samples(calls, requests)
    figures = {
        **_counts(calls),
        **{name: queue[name] for name in FROM_REQUESTS},
        **_heard(calls, limits),
        **_percentiles(samples),
        **_audio(calls),
    }
    return LoadFigures(figures, _codes(calls), samples)


def requests_of(calls: Iterable[LoadCall], limits: Limits) -> list[RequestRecord]:
    """The requests for an agent of those who made one and were let to wait."""
    found = (call.request(limits.answer_within) for call in calls)
    return [request for request in found if request is not None]


def missed(found: LoadFigures, thresholds: Sequence[LoadTarget]) -> list[tuple[LoadTarget, bool]]:
    """Each threshold, and whether it was missed. Where nothing was seen nothing is missed."""
    return [(target, not target.met(found.value(target.figure))) for target in thresholds]


# --- pieces ------------------------------------------------------------------------------------


def _counts(calls: Sequence[LoadCall]) -> dict[str, Figure]:
    by = Counter(call.outcome for call in calls)
    total = len(calls)
    begun = total - by[Outcome.NOT_STARTED]
    taken = sum(call.answered is not None for call in calls)
    late = sum(call.late for call in calls)
    played = [call.passed for call in calls if call.passed is not None]
    return dict(named([
        count("calls", "calls that were due", total),
        count("started", "calls that were made", begun),
        ratio("connected", "answered by the hotline / made", taken, begun),
        ratio("refused", "busy, no line / made", by[Outcome.REFUSED], begun),
        ratio("failed", "no connection, no audio, or the line broke / made",
              by[Outcome.FAILED], begun),
        ratio("late", "started more than 0.1 s after their instant, or never / due", late, total),
        count("in_menus", "ended before asking for an agent", by[Outcome.IN_MENUS]),
        count("no_agent", "the hotline ended the call without an agent", by[Outcome.NO_AGENT]),
        count("cut", "still waiting when the run was over", by[Outcome.CUT]),
        ratio("passed", "scenarios that passed / played", sum(played), len(played)),
    ]))  # fmt: skip


def _heard(calls: Sequence[LoadCall], limits: Limits) -> dict[str, Figure]:
    """As the watch `heard_agent_within` of a scenario judges: who leaves before is not judged."""
    within, judged = 0, 0
    for call in calls:
        wait = call.wait
        if wait is None:
            continue
        in_time = wait <= limits.answer_within + SLACK
        if call.agent is not None:
            within, judged = within + in_time, judged + 1
        elif call.outcome is Outcome.NO_AGENT or not in_time:
            judged += 1
    formula = (
        f"heard an agent within {limits.answer_within:g} s of asking / asked, less those who left "
        "before"
    )
    return dict(named([ratio("heard_agent_within", formula, within, judged)]))


def _samples(
    calls: Sequence[LoadCall], requests: Sequence[RequestRecord]
) -> dict[str, tuple[float, ...]]:
    found = {
        "setup": (call.setup for call in calls),
        "sound": (call.first_sound for call in calls),
        "wait": (r.wait if r.heard_agent is not None else None for r in requests),
    }
    return {
        name: tuple(sorted(value for value in values if value is not None))
        for name, values in found.items()
    }


_WHAT = {
    "setup": "intended start to answer",
    "sound": "intended start to the first sound",
    "wait": "asking for an agent to hearing one, of who heard one",
}


def _percentiles(samples: dict[str, tuple[float, ...]]) -> dict[str, Figure]:
    found = []
    for name, what in _WHAT.items():
        for share in (50, 95, 99):
            value = percentile(samples[name], share / 100)
            formula = f"{what}: {share} % do not exceed, s"
            found.append(Figure(f"{name}_p{share}", formula, value, value or 0.0))
    return dict(named(found))


def _audio(calls: Sequence[LoadCall]) -> dict[str, Figure]:
    heard = [call for call in calls if call.answered is not None]
    opinions = [call.mos for call in heard if call.mos is not None]
    poor, middle = percentile(opinions, 0.05), percentile(opinions, 0.5)
    return dict(named([
        ratio("gaps", "calls with a gap of 0.1 s or more in their audio / answered",
              sum(call.gaps > 0 for call in heard), len(heard)),
        count("longest_gap", "longest gap, s", max((c.longest_gap for c in heard), default=0.0)),
        Figure("mos_p50", "estimated opinion (G.107), median call", middle, middle or 0.0),
        Figure("mos_p5", "estimated opinion (G.107), 95 % of the calls are better", poor,
               poor or 0.0),
        count("lost_packets", "packets of RTP that never came, or too late",
              sum(call.lost for call in calls)),
    ]))  # fmt: skip


def _codes(calls: Sequence[LoadCall]) -> dict[str, int]:
    bad = (c for c in calls if c.outcome in (Outcome.REFUSED, Outcome.FAILED))
    return dict(
        Counter(c.why or (str(c.code) if c.code else "no audio") for c in bad).most_common()
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of the values do not exceed; None without any."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def percentile_estimate(rising: Sequence[float], share: float, level: float = LEVEL) -> Estimate:
    """A percentile with its interval from order statistics, whatever the distribution (David and
    Nagaraja, Order Statistics, section 7.1); a side that the sample is too small for is None."""
    from scipy.special import bdtr

    number, value = len(rising), percentile(rising, share)
    if value is None:
        return Estimate(None)
    below = bdtr(np.arange(number + 1.0), number, share)  # P(so many are below the percentile)
    low = int(np.searchsorted(below, (1 - level) / 2))
    high = int(np.searchsorted(below, (1 + level) / 2)) + 1
    return Estimate(
        value,
        rising[low - 1] if low >= 1 else None,
        rising[high - 1] if high <= number else None,
    )


def share_estimate(good: float, total: float, level: float = LEVEL) -> Estimate:
    """A share with its exact binomial interval."""
    if not total:
        return Estimate(None)
    from scipy.special import betaincinv

    tail, bad = (1 - level) / 2, total - good
    low = float(betaincinv(good, bad + 1, tail)) if good else 0.0
    high = float(betaincinv(good + 1, bad, 1 - tail)) if bad else 1.0
    return Estimate(good / total, low, high)
