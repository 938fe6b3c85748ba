"""Errors of the engine: a model that cannot be, or a run that cannot go on."""

from __future__ import annotations


class EngineError(ValueError):
    """Anything wrong with what was given to the engine."""


class ModelError(EngineError):
    """A model that cannot be. `field` is the field of `Model` (or `Calls`, `Law`) concerned."""

    def __init__(self, field: str, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"{field}: {problem}")
