"""Exit codes, and the one line a user sees for bad input: place, what is wrong, remedy."""

from __future__ import annotations

import sys

EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

# Roots of the packages' error trees; looked up only in modules that are loaded, because an error
# of a package that was never imported cannot have been raised.
_INPUT_ERRORS = (
    ("menus.wording", "BookError"),
    ("agents.errors", "AgentsError"),
    ("hotline.callers.scenario", "ScenarioError"),
    ("hotline.standard.clauses", "StandardError"),
    ("hotline.store.database", "StoreError"),
    ("hotline.switch.distributions", "DistributionError"),
    ("hotline.telephony.caller", "UnreachableError"),
    ("audio.speech", "SpeechError"),
    ("hotline.services.fixtures", "FixtureError"),
    ("hotline.simulation.engine.errors", "EngineError"),
)


def explain(problem: BaseException, lang: str = "en") -> str | None:
    """The line for `problem` if it is the user's input, None if it is our bug."""
    for module, name in _INPUT_ERRORS:
        kind = getattr(sys.modules.get(module), name, None)
        if isinstance(kind, type) and isinstance(problem, kind):
            said = getattr(problem, "in_language", None)
            return f"hotline: {problem if said is None else said(lang)}"
    if isinstance(problem, OSError) and problem.filename:
        return f"hotline: {problem.filename}: {(problem.strerror or 'cannot be used').lower()}"
    return None
