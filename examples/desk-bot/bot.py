"""A bot that sits at a desk: answers, says back what it hears, and hands the caller to the survey.

    python bot.py ws://127.0.0.1:8095 1001 [PASSWORD] [--talk SECONDS]

The messages are those of docs/desk.md. Needs the package `websockets` only.
"""

import argparse
import asyncio
import json

from websockets.asyncio.client import connect


async def work(root: str, number: str, password: str, talk: float) -> None:
    """One shift: until the hotline closes the connection."""
    async with connect(f"{root}/desk/control") as control:

        async def do(name: str, **fields: object) -> None:
            await control.send(json.dumps({"do": name, **fields}))

        await do("sign_in", number=number, password=password)
        async for text in control:
            match json.loads(text):
                case {"t": "signed_in", "audio": path, "token": token}:
                    sound = asyncio.create_task(echo(f"{root}{path}", token))
                case {"t": "refused", "en": reason}:
                    raise SystemExit(f"not signed in: {reason}")
                case {"t": "state", "state": state}:
                    print("state", state, flush=True)
                case {"t": "offer", "caller": caller}:
                    print("offer", caller["queue"]["en"], flush=True)
                    await do("answer")
                case {"t": "talk", "phase": "talking"}:
                    await asyncio.sleep(talk)
                    await do("survey")  # too late if the caller has gone: then "problem" comes
                case {"t": "over", "by": by}:
                    print("over", by, flush=True)
                    await do("ready")  # no after-call work
        sound.cancel()


async def echo(url: str, token: str) -> None:
    """The audio: 160 bytes of mu-law every 20 ms during a call."""
    async with connect(url) as media:
        start = {"streamSid": "MZbot", "customParameters": {"token": token}}
        await media.send(json.dumps({"event": "start", "start": start}))
        async for text in media:
            message = json.loads(text)
            if message["event"] == "media":
                await media.send(json.dumps({"event": "media", "media": message["media"]}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root")
    parser.add_argument("number")
    parser.add_argument("password", nargs="?", default="")
    parser.add_argument("--talk", type=float, default=10.0)
    given = parser.parse_args()
    asyncio.run(work(given.root.rstrip("/"), given.number, given.password, given.talk))
