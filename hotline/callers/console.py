"""What the terminal shows of verdicts, and the JUnit file of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as Xml

from hotline.callers.verdict import Failure, Verdict

TICK, CROSS = "✓", "✗"

_WORDS = {
    "zh": {
        "expected": "期望",
        "but": "实际",
        "heard": "通话记录",
        "replay": "重放",
        "summary": "{total} 个场景：{passed} 个通过，{failed} 个失败，用时 {seconds:.2f} 秒",
        "unjudged": "{count} 项只能从热线内部判断，这里没有判断：{what}",
        "interrupted": "已中断：{left} 个场景没有运行",
    },
    "en": {
        "expected": "expected",
        "but": "but",
        "heard": "transcript",
        "replay": "replay",
        "summary": "{total} scenarios: {passed} passed, {failed} failed in {seconds:.2f} s",
        "unjudged": "{count} conditions can only be judged inside the hotline and were not: {what}",
        "interrupted": "interrupted: {left} scenarios were not run",
    },
}


def _words(lang: str) -> dict[str, str]:
    return _WORDS["zh" if lang.lower().startswith("zh") else "en"]


def line(verdict: Verdict) -> str:
    """One line a scenario: tick or cross, name, seconds of call, place."""
    mark = TICK if verdict.passed else CROSS
    return f"{mark} {verdict.scenario}  {verdict.duration:.1f} s  {verdict.file}:{verdict.line}"


def replay_command(verdict: Verdict, options: str = "") -> str:
    """The command that plays this very call again; `options` as they were given."""
    return replay_of(verdict.where, verdict.seed, options)


def replay_of(where: str, seed: int, options: str = "") -> str:
    """The command that plays the scenario `where` (as `hotline test` takes it) again."""
    command = f"hotline test {shlex.quote(where)} --seed {seed}"
    return f"{command} {options}" if options else command


def block(verdict: Verdict, lang: str = "en", options: str | None = "") -> str:
    """All about a scenario that failed: what, where, the transcript, how to replay it.

    `options` None: no command can (a caller led by a program).
    """
    words = _words(lang)
    lines = []
    for failure in verdict.failures:
        lines.append(f"  {failure.file}:{failure.line}  ({failure.at:.1f} s)")
        lines.append(f"    {words['expected']} {failure.expected_in(lang)}")
        lines.append(f"    {words['but']} {failure.got_in(lang)}")
        lines += [f"    - {note}" for note in failure.notes_in(lang)]
    lines.append(f"  {words['heard']}:")
    lines.append(verdict.transcript.text("    ") or "    -")
    if options is not None:
        lines.append(f"  {words['replay']}: {replay_command(verdict, options)}")
    return "\n".join(lines)


def story(verdict: Verdict, lang: str = "en", options: str | None = "") -> str:
    """The block under what failed in one line, for lists that show only the first line."""
    first = verdict.failures[0]
    headline = f"{first.expected_in(lang)}: {first.got_in(lang)}"
    return f"{headline}\n{block(verdict, lang, options)}"


def details(verdict: Verdict, lang: str = "en", options: str = "") -> str:
    """The block of a failed scenario under its name."""
    return f"\n{CROSS} {verdict.scenario}\n{block(verdict, lang, options)}"


def interrupted(left: int, lang: str = "en") -> str:
    """What is said when `left` scenarios were never begun."""
    return _words(lang)["interrupted"].format(left=left)


def summary(verdicts: Sequence[Verdict], seconds: float, lang: str = "en") -> str:
    """One line over all, `seconds` of real time; a second one for what could not be judged."""
    passed = sum(verdict.passed for verdict in verdicts)
    words = _words(lang)
    said = words["summary"].format(
        total=len(verdicts), passed=passed, failed=len(verdicts) - passed, seconds=seconds
    )
    unjudged = [what for verdict in verdicts for what in verdict.unjudged]
    if not unjudged:
        return said
    what = ", ".join(dict.fromkeys(unjudged))
    return f"{said}\n{words['unjudged'].format(count=len(unjudged), what=what)}"


def junit(verdicts: Iterable[Verdict], name: str = "hotline") -> str:
    """JUnit XML as CI servers read it: a suite a file, a case a scenario."""
    root = Xml.Element("testsuites", name=name)
    suites: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        suites.setdefault(verdict.file, []).append(verdict)
    for file, cases in suites.items():
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=file,
            tests=str(len(cases)),
            errors="0",
            skipped="0",
            failures=str(sum(not v.passed for v in cases)),
            time=f"{sum(v.duration for v in cases):.3f}",
        )
        for verdict in cases:
            case = Xml.SubElement(
                suite,
                "testcase",
                classname=_clean(file),
                name=_clean(verdict.scenario),
                time=f"{verdict.duration:.3f}",
                file=file,
                line=str(verdict.line),
            )
            if verdict.failures:
                _add_failure(case, verdict, verdict.failures[0])
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_failure(case: Xml.Element, verdict: Verdict, first: Failure) -> None:
    failure = Xml.SubElement(case, "failure", message=_clean(str(first)), type="scenario")
    failure.text = _clean("\n" + block(verdict) + "\n")


def _clean(text: str) -> str:
    """XML 1.0 has no control characters but tab and newlines."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
