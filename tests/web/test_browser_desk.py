"""An agent in a real browser at `hotline serve --agents desk`: a caller speaks with the page."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from websockets.asyncio.client import connect

from audio import g711
from hotline.cli.compose import built_in_pack
from hotline.telephony.leg import FRAME
from menus.loader import load
from tests.telephony.sip.peers import share_of, tone
from tests.telephony.sip.test_desk_peers import BOOK
from tests.web.test_browser import ANSWER, browser, page, serving

__all__ = ["browser", "page"]

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium"),
]

CALLERS_TONE = 1000
"""Hz"""
BOT = Path(__file__).parents[2] / "examples" / "desk-bot" / "bot.py"
ROSTER = """
version: 1
agents:
  - {id: a1001, number: "1001", name: 王敏}
  - {id: a1002, number: "1002", name: 李静, skills: [fault]}
"""


ONE_RATE = """(() => {
    const source = AudioContext.prototype.createMediaStreamSource;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
        if (this.sampleRate === 8000) throw new DOMException('', 'NotSupportedError');
        return source.call(this, stream);
    };
})()"""
"""A browser that hears a microphone at the sound card's rate only, as Firefox does."""


class Caller(threading.Thread):
    """A plain WebSocket client who asks for an agent by `key`, speaks a tone and writes down what he
    hears, until he is asked how it was."""

    def __init__(self, url: str, key: str = "0") -> None:
        super().__init__()
        self.key, self.stream = key, f"MZdesk{key}"
        self.root = url.replace("http", "ws").rstrip("/")
        self.heard = b""
        self._asked = load().survey.prompt

    def run(self) -> None:
        asyncio.run(self._call())

    async def _call(self) -> None:
        async with connect(f"{self.root}/media") as media:
            start = {"streamSid": self.stream, "customParameters": {"from": "13800138000"}}
            await media.send(json.dumps({"event": "start", "start": start}))
            asking = asyncio.create_task(self._ask(media))
            said = tone(CALLERS_TONE)
            async for text in media:
                message = json.loads(text)
                if message["event"] != "media":
                    continue
                self.heard += base64.b64decode(message["media"]["payload"])
                # one frame for each that came: the hotline keeps the time
                at = len(self.heard) % (len(said) - FRAME)
                payload = base64.b64encode(said[at : at + FRAME]).decode()
                await media.send(json.dumps({"event": "media", "media": {"payload": payload}}))
                if len(self.heard) % (50 * FRAME) == 0 and self.hears(self._asked) > 0:
                    break
            await asking

    async def _ask(self, media) -> None:
        """Press the key when the menu is there."""
        async with connect(f"{self.root}/api/calls/{self.stream}/events") as events:
            async for text in events:
                if json.loads(text)["t"] == "menu":
                    await media.send(json.dumps({"event": "dtmf", "dtmf": {"digit": self.key}}))
                    return

    def hears(self, prompt, **values: str) -> int:
        """Where `prompt` ends in what he has heard; -1 if he has not."""
        pack = built_in_pack()
        clips = pack.render(prompt.long["zh-CN"], values, "zh-CN").clips
        octets = b"".join(map(pack.ulaw, clips))
        found = self.heard.find(octets)
        return found if found < 0 else found + len(octets)


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "book.yaml").write_text(BOOK, encoding="utf-8")
    (folder / "roster.yaml").write_text(ROSTER, encoding="utf-8")
    options = ["--agents", "desk", "--roster", "roster.yaml", "--book", "book.yaml"]
    users = ["--desk-user", "1001:secret", "--desk-user", "1002:secret"]
    with serving(folder, *options, *users) as started:
        yield started


class Bot:
    """The bot of the documentation at the other desk, with a caller of its own."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, BOT, url.replace("http", "ws"), "1002", "secret", "--talk", "3"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.told: list[str] = []
        self.until("state ready")
        self.caller = Caller(url, "1")
        self.caller.start()

    def until(self, line: str) -> None:
        while not self.told or self.told[-1] != line:
            told = self.process.stdout.readline()
            assert told, f"the bot has ended; it told {self.told}"
            self.told.append(told.strip())


@pytest.fixture(scope="module")
def bot(url) -> Iterator[Bot]:
    """Started before the page's call, so that the two go side by side."""
    made = Bot(url)
    yield made
    made.process.terminate()
    made.process.wait(10)


def sign_in(page: Page, url: str, password: str = "secret") -> None:
    page.goto(f"{url}desk")
    page.wait_for_function("window.agentDesk && window.agentDesk.ready")
    page.fill("[data-field=number]", "1001")
    page.fill("[data-field=password]", password)
    page.click("[data-act=sign-in]")


def test_a_wrong_password_and_a_second_page_are_refused_in_words(page, browser: Browser, url):
    sign_in(page, url, "wrong")
    expect(page.locator(".notice")).to_contain_text("工号或密码不对", timeout=ANSWER)
    sign_in(page, url)
    expect(page.locator("[data-state]")).to_have_text("就绪", timeout=ANSWER)
    other = browser.new_context(locale="en-US").new_page()
    sign_in(other, url)
    expect(other.locator(".notice")).to_contain_text("signed in on another page", timeout=ANSWER)
    page.click("[data-act=sign-out]")
    expect(page.locator("[data-act=sign-in]")).to_be_visible()


def test_caller_and_page_speak_with_each_other(page, url, bot):
    book = load()
    page.add_init_script(ONE_RATE)
    sign_in(page, url)
    expect(page.locator("[data-state]")).to_have_text("就绪", timeout=ANSWER)
    caller = Caller(url)
    caller.start()
    try:
        expect(page.locator("[data-phase]")).to_have_text("来电", timeout=ANSWER)
        expect(page.locator("[data-ring] .line")).to_be_visible()
        expect(page.locator(".about")).to_contain_text("138****8000")
        page.keyboard.press("Enter")
        expect(page.locator("[data-phase]")).to_have_text("通话中", timeout=ANSWER)
        page.wait_for_function("window.agentDesk.heard.loud > 100")  # the caller, for 2 s
        page.wait_for_function("window.agentDesk.heard.sent > 100")
        page.click("[data-act=hangup]")
        expect(page.get_by_role("alertdialog")).to_contain_text("5.2.7.3")
        page.click("[data-act=anyway]")
        expect(page.locator("[data-state]")).to_have_text("话后整理")
        expect(page.locator("[data-left]")).to_be_visible()
        expect(page.locator("[data-figure=within] b")).to_have_text("1")
        expect(page.locator("[data-figure=unanswered] b")).to_have_text("0")
        page.click("[data-act=ready]")
        expect(page.locator("[data-state]")).to_have_text("就绪")
        page.click("[data-act=sign-out]")
    finally:
        caller.join(60)

    # first who answers (5.2.6.5), then his voice: the browser's test microphone beeps; after the
    # conversation how it was
    began = caller.hears(book.announcement, agent="1001")
    over = caller.hears(book.survey.prompt)
    assert 0 < began < over
    talk = g711.ulaw_decode(caller.heard[began:over]).astype(float)
    assert np.abs(talk).max() > 1000
    tenths = [talk[at : at + 800] for at in range(0, len(talk) - 800, 800)]
    assert max(share_of(CALLERS_TONE, tenth) for tenth in tenths) < 0.5, "he hears himself"

    mine = [call for call in httpx.get(f"{url}api/calls").json() if call["agent"] == "1001"]
    assert [call["outcome"] for call in mine] == ["agent"]
    told = httpx.get(f"{url}api/agents").json()
    assert [agent["state"] for agent in told if agent["number"] == "1001"] == ["offline"]


def test_the_bot_of_the_documentation_answers_and_says_back_what_it_hears(bot):
    caller = bot.caller
    caller.join(60)
    bot.until("over agent")
    bot.until("state ready")
    assert bot.told[2:4] == ["state ringing", "offer fault"]
    book = load()
    began, over = caller.hears(book.announcement, agent="1002"), caller.hears(book.survey.prompt)
    talk = g711.ulaw_decode(caller.heard[began:over])
    seconds = [talk[at : at + 8000] for at in range(0, len(talk) - 8000, 4000)]
    assert max(share_of(CALLERS_TONE, second) for second in seconds) > 0.9


def test_a_wrong_number_is_told_to_the_bot(url):
    command = [sys.executable, BOT, url.replace("http", "ws"), "1001", "guess"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert ended.stderr == "not signed in: number or password is wrong\n"


def test_without_a_microphone_the_page_says_that_silence_goes_out(page, url):
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error())")
    sign_in(page, url)
    expect(page.locator("[data-state]")).to_have_text("就绪", timeout=ANSWER)
    expect(page.locator(".notice")).to_contain_text("没有可用的麦克风")
    page.click("[data-act=sign-out]")
