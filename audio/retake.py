"""Other ways of making the clips that the judge mishears; the best goes into ``retakes.json``.

A slower reading is tried first; a piece is also cut out from behind another word. The next
build renders what was chosen, and the next judgement hears it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from audio.build import Job, Retake, render, retakes

if TYPE_CHECKING:
    from audio.judge import Judge

__all__ = ["CANDIDATES", "retake"]

CANDIDATES: dict[str, tuple[Retake, ...]] = {
    "literal": tuple(Retake(speed=speed) for speed in (0.9, 0.8, 0.95, 0.85, 1.1)),
    "piece": (Retake(speed=0.9), Retake(speed=0.8), Retake(after="共", speed=0.9)),
}
"""Ways to try, in order, by kind."""
_FILE = Path(__file__).with_name("retakes.json")


def retake(judge: Judge) -> int:
    """Try the candidates for each clip over the limit; returns how many were improved."""
    from audio.judge import LIMIT, Sentence
    from audio.speech import Kokoro

    engine = Kokoro()
    chosen = dict(retakes())
    improved = 0
    for at, row in sorted(judge.rows.items()):
        clip = judge.pack.clip(f"{row.language}/{row.name}")
        info, sentence = judge.pack.info(clip), judge.sentences.get(at)
        if sentence is None and row.said == row.text:
            sentence = Sentence(row.language, row.text, (clip,))
        if row.error <= LIMIT or sentence is None or info is None:
            continue
        best, least = None, row.error
        for candidate in CANDIDATES[info.kind]:
            if candidate.after and row.language != "zh-CN":
                continue
            octets = render(Job(row.language, row.text, info.kind), engine, candidate)
            joined = judge.octets(sentence, {clip.id: octets})
            heard, share = judge.ear.best(joined, sentence.said, row.language)
            print(f"{share:4.0%} {candidate} {heard}", file=sys.stderr, flush=True)
            if share < least:
                best, least = candidate, share
            if least <= LIMIT / 2:
                break
        if best is not None:
            chosen[row.language, row.text] = best
            improved += 1
            _write(chosen)
    return improved


def _write(chosen: dict[tuple[str, str], Retake]) -> None:
    """Only what differs from the ordinary way."""
    plain = asdict(Retake())
    table: dict[str, dict[str, dict[str, object]]] = {}
    for (language, text), way in sorted(chosen.items()):
        table.setdefault(language, {})[text] = {
            name: value for name, value in asdict(way).items() if value != plain[name]
        }
    _FILE.write_text(json.dumps(table, ensure_ascii=False, indent=1) + "\n", "utf-8")
