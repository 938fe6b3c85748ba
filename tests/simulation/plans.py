"""Plans for tests: the minimal one of the contract, and changes to it."""

import json

from hotline.simulation.reading import plan_of
from menus.reader import read_text

MINIMAL = {
    "answer_within": 12,
    "short_abandon": 5,
    "queues": [
        {
            "name": "mandarin",
            "calls_per_hour": 2850,
            "priority": 0,
            "handle": {"distribution": "exponential", "mean": 240},
            "patience": {"distribution": "exponential", "mean": 180},
        }
    ],
    "groups": [{"name": "a", "agents": 200, "skills": ["mandarin"]}],
}
GONE = object()


def exponential(mean):
    return {"distribution": "exponential", "mean": mean}


def plan(**changes):
    """The minimal plan with top-level fields changed."""
    return plan_of(document({**MINIMAL, **changes}), "plan.yaml")


def queue(**changes):
    """The minimal plan's queue with fields changed; GONE removes one."""
    found = {**MINIMAL["queues"][0], **changes}
    return {name: value for name, value in found.items() if value is not GONE}


def group(**changes):
    found = {**MINIMAL["groups"][0], **changes}
    return {name: value for name, value in found.items() if value is not GONE}


def document(data):
    return read_text(json.dumps(data, indent=1), "plan.yaml")  # JSON is YAML
