"""Conditions under which a report counts as failed: `--fail-on` of the command.

any                 some clause failed
unseen              some clause that software could see was not exercised
5.2.7.3             this clause failed; 5.2.6 stands for all below it
5.2.7.3<0.95        less than this share of its checks passed
ring_within<0.9     a figure of the report is below (or `>`: above) a number
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hotline.standard.clauses import StandardError, Text, clauses
from hotline.standard.report import FAIL, ClauseLine, Report

_CONDITION = re.compile(r"\s*([\w.]+)\s*(?:([<>])\s*([0-9.]+)\s*(%?))?\s*")
_REMEDY = "write any, unseen, a clause like 5.2.7.3, 5.2.7.3<0.95, or ring_within<0.9"


@dataclass(frozen=True, slots=True)
class Missed:
    """One condition that the report meets, so that it counts as failed."""

    condition: str
    what: Text


def failing(report: Report, conditions: str | Iterable[str]) -> list[Missed]:
    """Which of `conditions` make `report` fail; none: it is fine.

    Raises `StandardError` for a condition that names no clause and no figure. A clause or figure
    that was not seen fails no threshold; ask for `unseen` to be strict about that.
    """
    texts = [conditions] if isinstance(conditions, str) else list(conditions)
    parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    return [missed for part in parts for missed in _condition(report, part)]


def _condition(report: Report, text: str) -> list[Missed]:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise StandardError(f"--fail-on {text}: not understood", _REMEDY)
    name, sign, number, percent = match.groups()
    if name == "any" and not sign:
        return [_failed(text, line) for line in report.clauses if line.status == FAIL]
    if name == "unseen" and not sign:
        return [
            Missed(
                text, Text(f"{line.clause.number} 未触及", f"{line.clause.number} not exercised")
            )
            for line in report.clauses
            if line.clause.visible and not line.checked
        ]
    lines = [line for line in report.clauses if _below(line.clause.number, name)]
    if lines and not sign:
        return [_failed(text, line) for line in lines if line.status == FAIL]
    if not sign:
        raise _unknown(text, name)
    try:
        limit = float(number) / (100 if percent else 1)
    except ValueError:
        raise StandardError(f"--fail-on {text}: {number} is no number", _REMEDY) from None
    if lines:
        return [missed for line in lines for missed in _share(text, line, sign, limit)]
    return _figure(report, text, name, sign, limit)


def _below(clause: str, name: str) -> bool:
    return clause == name or clause.startswith(name + ".")


def _unknown(text: str, name: str) -> StandardError:
    if re.match(r"\d", name):
        last = list(clauses())[-1]
        return StandardError(
            f"--fail-on {text}: no clause {name}", f"clauses run from 5.2.3 to {last}"
        )
    return StandardError(f"--fail-on {text}: no figure or clause {name!r}", _REMEDY)


def _failed(text: str, line: ClauseLine) -> Missed:
    number = line.clause.number
    return Missed(
        text,
        Text(
            f"{number} {line.clause.title.zh}：{line.failed}/{line.checked} 不通过",
            f"{number} {line.clause.title.en}: {line.failed} of {line.checked} failed",
        ),
    )


def _share(text: str, line: ClauseLine, sign: str, limit: float) -> list[Missed]:
    if not line.checked:
        return []
    share = line.passed / line.checked
    if not _crossed(share, sign, limit):
        return []
    what = f"{line.clause.number} {share:.4f} {sign} {limit:g}"
    return [Missed(text, Text(what, what))]


def _figure(report: Report, text: str, name: str, sign: str, limit: float) -> list[Missed]:
    if name not in report.figures:
        raise _unknown(text, name)
    value = report.figures[name]
    if value is None:
        return []
    if not isinstance(value, (int, float)):
        raise StandardError(f"--fail-on {text}: {name} is no single number", _REMEDY)
    if not _crossed(value, sign, limit):
        return []
    what = f"{name} {value:.4g} {sign} {limit:g}"
    return [Missed(text, Text(what, what))]


def _crossed(value: float, sign: str, limit: float) -> bool:
    return value < limit if sign == "<" else value > limit
