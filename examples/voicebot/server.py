"""A voice bot of somebody else's, on the message format of Twilio Media Streams and nothing else.

    python server.py [PORT]      prints `listening ws://127.0.0.1:PORT/` when it takes calls

    welcome --1--> account --digits, #--> subscribed, goodbye --mark--> closed
       |  ^          |
       |  +- wrong <-+--other key
       +--0--> agent

It stands for any bot that is not ours: it sends a whole prompt at once instead of one frame every
20 ms, and knows nothing of menus, scenarios or our code. All it needs is the package `websockets`.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

PROMPTS = Path(__file__).with_name("prompts")


def sounds() -> dict[str, bytes]:
    """Prompt id, or text of a piece -> mu-law."""
    with (PROMPTS / "prompts.csv").open(encoding="utf-8", newline="") as table:
        return {
            row["id"] or row["text"]: samples(PROMPTS / row["file"])
            for row in csv.DictReader(table)
            if row["file"]
        }


def samples(file: Path) -> bytes:
    """The octets of a mu-law WAV."""
    wav = file.read_bytes()
    start = wav.index(b"data") + 8
    return wav[start : start + int.from_bytes(wav[start - 4 : start], "little")]


class Bot:
    """One call."""

    def __init__(self, line: ServerConnection, said: dict[str, bytes]) -> None:
        self.line, self.said = line, said
        self.stream = ""
        self.state = "welcome"
        self.digits = ""

    async def answer(self) -> None:
        """Take the call from beginning to end."""
        async for text in self.line:
            message = json.loads(text)
            match message["event"]:
                case "start":
                    self.stream = message["start"]["streamSid"]
                    await self.say("welcome")
                case "dtmf":
                    await self.key(message["dtmf"]["digit"])
                case "mark" if message["mark"]["name"] == "goodbye":
                    return  # the caller has heard all of it
                case "stop":
                    return

    async def key(self, key: str) -> None:
        """The caller pressed a key: whatever is playing stops."""
        await self.send(event="clear")
        match self.state, key:
            case "welcome", "1":
                self.state = "account"
                await self.say("account")
            case "welcome", "0":
                self.state = "agent"
                await self.say("agent")
            case "welcome", _:
                await self.say("wrong", "welcome")
            case "account", "#":
                self.state = "goodbye"
                tail = ("零一二三四五六七八九"[int(digit)] for digit in self.digits[-4:])
                await self.say("尾号", *tail, "的户号已订阅电子账单。", "goodbye")
                await self.send(event="mark", mark={"name": "goodbye"})
            case "account", _:
                self.digits += key

    async def say(self, *what: str) -> None:
        """Send prompts, faster than anybody can hear them."""
        for name in what:
            payload = b64encode(self.said[name]).decode("ascii")
            await self.send(event="media", media={"payload": payload})

    async def send(self, **message: object) -> None:
        """One message of the format."""
        await self.line.send(json.dumps({"streamSid": self.stream, **message}))


async def main(port: int) -> None:
    """Take calls until interrupted."""
    said = sounds()

    async def take(line: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await Bot(line, said).answer()

    async with serve(take, "127.0.0.1", port, max_size=2**20) as server:
        port = server.sockets[0].getsockname()[1]
        print(f"listening ws://127.0.0.1:{port}/", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8100))
