"""Makes the recordings of the example bot: mu-law WAVs and their table, from the project's voices.

python examples/voicebot/make_prompts.py      writes prompts/*.wav and prompts/prompts.csv
"""

from __future__ import annotations

import csv
import struct
from pathlib import Path

from audio.pack import Pack

PROMPTS = Path(__file__).with_name("prompts")
WHOLE = {
    "welcome": ("您好。", "订阅电子账单请按1，索取电子发票请按2。"),
    "account": ("请输入要订阅账单的户号，以井号键结束。",),
    "wrong": ("您的按键有误，请重新选择。",),
    "agent": ("您好，请问有什么可以帮您？",),
    "goodbye": ("感谢您的来电，再见。",),
}
"""id -> the literals of our pack that it is spoken with"""
JOINED = {"subscribed": "尾号{last:digits}的户号已订阅电子账单。"}
PIECES = {"tail": "尾号", "done": "的户号已订阅电子账单。"} | {
    f"digit{number}": digit for number, digit in enumerate("零一二三四五六七八九")
}


def wav(ulaw: bytes) -> bytes:
    """A WAV file of format 7, mu-law (RFC 2361)."""
    fmt = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 7, 1, 8000, 8000, 1, 8, 0)
    data = struct.pack("<4sI", b"data", len(ulaw)) + ulaw + b"\xff" * (len(ulaw) % 2)
    return struct.pack("<4sI4s", b"RIFF", 4 + len(fmt) + len(data), b"WAVE") + fmt + data


def main() -> None:
    """Write everything anew."""
    pack = Pack.load()
    rows = []
    spoken = [(name, name, texts) for name, texts in WHOLE.items()]
    spoken += [("", name, (text,)) for name, text in PIECES.items()]
    for id_, name, texts in spoken:
        ulaw = b"".join(pack.ulaw(pack.clip_for(text, "zh-CN")) for text in texts)
        (PROMPTS / f"{name}.wav").write_bytes(wav(ulaw))
        rows.append({"id": id_, "language": "zh-CN", "text": "".join(texts), "file": f"{name}.wav"})
    rows += ({"id": id_, "language": "zh-CN", "text": text} for id_, text in JOINED.items())
    with (PROMPTS / "prompts.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, ("id", "language", "text", "file"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
