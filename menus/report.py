"""Lint findings as text, JSON and SARIF 2.1.0 (for code hosts and editors)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from menus.lint import Finding
from menus.rules import RULES
from menus.wording import Both

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVEL = {"error": "error", "warning": "warning", "advice": "note"}
_LEVEL = {
    "error": Both("错误", "error"),
    "warning": Both("警告", "warning"),
    "advice": Both("建议", "advice"),
}


def as_text(findings: Sequence[Finding], lang: str = "en") -> str:
    """One line a finding, its hint on the next, and a summary."""
    lines = []
    for found in findings:
        clause = f" [{found.clause}]" if found.clause else ""
        level = _LEVEL[found.level].of(lang)
        lines.append(f"{found.file}:{found.line}: {level} {found.rule}{clause} {found.message}")
        if found.hint:
            lines.append(f"    {found.hint}")
    return "\n".join([*lines, summary(findings, lang)]) + "\n"


def summary(findings: Sequence[Finding], lang: str = "en") -> str:
    """How many of each level."""
    count = {level: sum(f.level == level for f in findings) for level in _LEVEL}
    if not findings:
        return Both("没有发现问题。", "No findings.").of(lang)
    return Both(
        f"{count['error']} 个错误，{count['warning']} 个警告，{count['advice']} 条建议。",
        f"Errors: {count['error']}, warnings: {count['warning']}, advice: {count['advice']}.",
    ).of(lang)


def as_json(findings: Sequence[Finding], lang: str = "en") -> str:
    """A list of {rule, level, clause, file, line, message, hint}."""
    return json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=2) + "\n"


def as_sarif(findings: Sequence[Finding], lang: str = "en") -> str:
    """One SARIF run with the whole rule table; advice is the level `note`."""
    rules = list(RULES.values())
    index = {rule.id: at for at, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "hotline lint",
                "rules": [
                    {
                        "id": rule.id,
                        "shortDescription": {"text": rule.title.of(lang)},
                        "defaultConfiguration": {"level": _SARIF_LEVEL[rule.level]},
                        "properties": {"clause": rule.clause},
                    }
                    for rule in rules
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(found, index[found.rule]) for found in findings],
    }
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _result(found: Finding, index: int) -> dict[str, Any]:
    text = f"{found.message} ({found.hint})" if found.hint else found.message
    location = {
        "artifactLocation": {"uri": quote(found.file.replace("\\", "/"))},
        "region": {"startLine": max(1, found.line)},
    }
    return {
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVEL[found.level],
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
        "properties": {"clause": found.clause},
    }


WRITERS: Mapping[str, Callable[[Sequence[Finding], str], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
}
"""Format name -> writer(findings, lang)."""
