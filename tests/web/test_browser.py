"""The pages in a real browser, against `hotline serve` on loopback: marked `live`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from audio import g711
from tests.telephony.sip.peers import share_of

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium"),
]

READY = "window.softphone && window.softphone.ready"
ANSWER = 30_000
"""Milliseconds in which a prompt, a key or an agent must have had its effect."""


ONE_AGENT = """
version: 1
agents:
  - {id: a1001, number: "1001", name: 王敏, skills: ["*"], languages: [zh-CN], putonghua: 一级乙等}
"""


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[str]:
    """`hotline serve` in `folder`; gives its URL."""
    command = Path(sys.executable).with_name("hotline")
    process = subprocess.Popen(
        [
            command,
            "serve",
            "--port",
            "0",
            "--database",
            f"sqlite:///{folder}/hotline.db",
            "--drain",
            "0",
            *options,
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("ready "), f"hotline serve did not start: {line!r}"
        yield line.split()[1]
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("serve")) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """A new visitor from China; ends with an error if the page complained or asked elsewhere."""
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    made = context.new_page()
    problems: list[str] = []
    made.on("pageerror", lambda error: problems.append(str(error)))
    made.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    made.on(
        "request",
        lambda request: (
            problems.append(f"asked {request.url}")
            if "//127.0.0.1:" not in request.url and not request.url.startswith("data:")
            else None
        ),
    )
    made.set_default_timeout(ANSWER)
    yield made
    context.close()
    assert problems == []


@pytest.fixture
def phone(page, url) -> Page:
    page.goto(url)
    page.wait_for_function(READY)
    return page


def lit(page: Page):
    return page.locator("[aria-current=location]")


def heard(page: Page) -> dict:
    return page.evaluate("window.softphone.heard")


def reach_root(page: Page) -> None:
    expect(lit(page)).to_have_attribute("data-path", "root", timeout=ANSWER)


def test_a_call_by_keyboard_is_heard_read_and_seen_in_the_tree(phone, url):
    phone.keyboard.press("Enter")
    expect(phone.locator(".speaking")).to_contain_text("国家电网95598为您服务", timeout=ANSWER)
    expect(phone.locator(".speaking")).to_contain_text("State Grid 95598")
    reach_root(phone)
    assert heard(phone)["peak"] > 0.01
    assert heard(phone)["loud"] > 50

    phone.keyboard.press("1")
    expect(lit(phone)).to_have_attribute("data-path", "root/fault")
    # the key cut the prompt; audio and captions come by two sockets, so either may be first
    phone.wait_for_function("window.softphone.heard.clears >= 1")
    expect(phone.locator(".lines .you").last).to_contain_text("停电报修")
    phone.keyboard.press("2")
    expect(lit(phone)).to_have_attribute("data-path", "root/fault/repair")
    phone.keyboard.press("*")
    expect(lit(phone)).to_have_attribute("data-path", "root/fault")
    expect(phone.locator("[data-path='root/fault/repair']")).to_have_class("menu been")

    phone.keyboard.press("Escape")
    expect(phone.locator(".phase b")).to_have_text("通话结束")
    expect(phone.locator("[data-act=call]")).to_be_enabled()
    # the same call, as the API tells it
    last = httpx.get(f"{url}api/calls").json()[0]
    assert (last["number"], last["ended_by"], last["menus"]) == ("138****8000", "caller", 4)


@pytest.mark.parametrize("worklet", ["with", "without"])
def test_marks_are_echoed_when_heard(page, url, worklet):
    """Without an AudioWorklet (plain http in a classroom network) the fallback does the same."""
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda told: sent.append(told)))
    if worklet == "without":
        page.add_init_script(
            "Object.defineProperty(BaseAudioContext.prototype, 'audioWorklet', {value: undefined})"
        )
    page.goto(f"{url}phone")
    page.wait_for_function(READY)
    page.click("[data-act=call]")
    reach_root(page)
    page.wait_for_function("window.softphone.heard.marks >= 2")
    page.keyboard.press("1")
    expect(lit(page)).to_have_attribute("data-path", "root/fault")
    page.keyboard.press("Escape")
    expect(page.locator("[data-act=call]")).to_be_visible()
    assert sum('"event":"mark"' in frame for frame in sent) >= 2


def test_an_agent_s_number_is_shown_and_what_he_says(phone):
    phone.click("[data-act=call]")
    reach_root(phone)
    phone.click("[data-key='0']")
    expect(phone.locator(".phase b")).to_have_text("人工通话", timeout=ANSWER)
    number = phone.locator(".facts dd").first.inner_text()
    expect(phone.locator(".lines")).to_contain_text(f"{number}号客服专员为您服务", timeout=ANSWER)
    expect(phone.locator(".speaking.agent")).to_be_visible(timeout=ANSWER)
    phone.click("[data-act=hangup]")
    expect(phone.locator(".phase b")).to_have_text("通话结束")

    phone.click(".after a")
    expect(phone.locator("svg.timeline .bar.talk")).to_be_visible()
    expect(phone.locator("table.results tr.pass").first).to_be_visible()
    expect(phone.locator("table.results tr.fail")).to_have_count(0)


def test_typed_digits_are_dots_on_the_page_and_the_account_s_end_is_spoken(phone):
    phone.select_option("select", "13900139000")
    phone.focus("input[type=range]")  # keys on the volume are keys of the telephone
    phone.click("[data-act=call]")
    reach_root(phone)
    phone.keyboard.press("1")
    expect(lit(phone)).to_have_attribute("data-path", "root/fault")
    phone.keyboard.press("1")
    phone.keyboard.press("2")
    expect(lit(phone)).to_have_attribute("data-path", "root/fault/outage/outage_number")
    for digit in "1000000001":
        phone.keyboard.press(digit)
    expect(phone.locator(".lines .you").last).to_have_text("•" * 10)
    assert "1000000001" not in phone.locator(".talk").inner_text()
    phone.click("[data-act=hangup]")


def test_a_microphone_is_sent_only_when_it_is_on(phone):
    sent: list[str] = []
    phone.on("websocket", lambda socket: socket.on("framesent", lambda told: sent.append(told)))
    phone.click("[data-act=call]")
    reach_root(phone)
    assert any('"start"' in frame for frame in sent)
    assert not any('"event":"media"' in frame for frame in sent)
    phone.click("[data-act=microphone]")
    expect(phone.locator("[data-act=microphone]")).to_have_attribute("aria-pressed", "true")
    with phone.expect_event("console", lambda said: said.text == "loud", timeout=ANSWER):
        phone.evaluate("""() => {
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (message) {
                const { event, media } = JSON.parse(message);
                const octets = event === 'media' ? atob(media.payload) : '';
                // silence is 0xff or 0x7f; the louder, the smaller the lower seven bits
                const loud = [...octets].some((c) => (c.charCodeAt(0) & 0x7f) < 0x50);
                if (octets.length === 160 && loud) {
                    console.log('loud');
                    WebSocket.prototype.send = send;
                }
                return send.call(this, message);
            };
        }""")
    phone.click("[data-act=microphone]")
    expect(phone.locator("[data-act=microphone]")).to_have_attribute("aria-pressed", "false")
    phone.keyboard.press("Escape")
    expect(phone.locator("[data-act=call]")).to_be_visible()


def test_a_waiting_caller_sees_the_place_in_the_queue(browser, tmp_path):
    (tmp_path / "one.yaml").write_text(ONE_AGENT, "utf-8")
    with serving(tmp_path, "--roster", "one.yaml") as url:
        pages = [browser.new_context(locale="zh-CN").new_page() for _ in range(2)]
        for page in pages:
            page.goto(url)
            page.wait_for_function(READY)
            page.click("[data-act=call]")
            reach_root(page)
            page.keyboard.press("0")
        first, second = pages
        expect(first.locator(".phase b")).to_have_text("人工通话", timeout=ANSWER)
        expect(second.locator(".phase b")).to_have_text("排队等待")
        expect(second.locator(".facts")).to_contain_text("排队第1")
        expect(second.locator(".lines")).to_contain_text("等待音乐", timeout=ANSWER)
        first.click("[data-act=hangup]")
        second.click("[data-act=hangup]")
        expect(second.locator(".phase b")).to_have_text("通话结束")
        listed = httpx.get(f"{url}api/metrics").json()
        assert listed["outcomes"] == {"agent": 1, "abandoned": 1}
        for page in pages:
            page.context.close()


def test_the_keypad_is_dead_without_a_call_and_in_a_field_keys_type(phone):
    expect(phone.locator("[data-key='5']")).to_be_disabled()
    phone.fill(".who input", "")
    phone.locator(".who input").press_sequentially("13800138005")
    expect(phone.locator(".who input")).to_have_value("13800138005")
    phone.locator(".who input").press("Enter")
    expect(phone.locator("[data-act=hangup]")).to_be_visible()
    phone.keyboard.press("Escape")
    expect(phone.locator("[data-act=call]")).to_be_visible()


def test_every_control_has_a_name_and_captions_are_announced(phone):
    nameless = phone.evaluate("""() => [...document.querySelectorAll('button, input, select, a')]
        .filter((e) => !(e.innerText || e.ariaLabel || e.labels?.length))
        .map((e) => e.outerHTML)""")
    assert nameless == []
    expect(phone.locator(".speaking")).to_have_attribute("aria-live", "polite")
    assert phone.evaluate("document.documentElement.lang") == "zh-CN"


def test_language_and_theme_are_switched_and_kept(phone, url):
    phone.click("button[lang=en]")
    phone.wait_for_function(READY)
    expect(phone.locator(".phase b")).to_have_text("Ready")
    expect(phone.locator(".phase small")).to_have_text("空闲")
    assert phone.evaluate("document.documentElement.lang") == "en"
    phone.click("button.icon")
    expect(phone.locator("body")).to_have_class(re.compile("body--dark"))
    phone.goto(f"{url}calls")
    expect(phone.locator("h1")).to_contain_text("Calls")
    expect(phone.locator("body")).to_have_class(re.compile("body--dark"))


def test_calls_report_and_book_have_their_contents(page, url):
    page.goto(f"{url}calls")
    expect(page.locator(".tile")).to_have_count(5)
    page.goto(f"{url}report")
    expect(page.locator("table.report tbody tr").first).to_contain_text("5.2.3")
    page.goto(f"{url}book")
    # drawing the default book takes the browser seconds on a busy machine
    expect(page.locator(".diagram svg .node").first).to_be_visible(timeout=ANSWER)
    expect(page.locator(".good")).to_be_visible()
    page.goto(f"{url}calls/none")
    expect(page.locator(".page")).to_contain_text("没有这个通话")


@pytest.mark.parametrize("path", ["", "calls", "report", "book"])
def test_pages_fit_a_telephone_s_screen(browser, url, path):
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{url}{path}")
    expect(page.locator("header")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


# --- the page's own modules --------------------------------------------------------------------


def test_mu_law_of_the_page_is_that_of_the_project(phone, url):
    decoded = phone.evaluate("""async () => {
        const { decode } = await import('/static/phone/ulaw.js');
        return Array.from(decode(Uint8Array.from({length: 256}, (_, i) => i)));
    }""")
    ours = g711.ulaw_decode(bytes(range(256)))
    assert np.array_equal(np.round(np.array(decoded) * 32768), ours)
    same = phone.evaluate("""async () => {
        const { decode, encode } = await import('/static/phone/ulaw.js');
        const all = Uint8Array.from({length: 256}, (_, i) => i);
        return Array.from(encode(decode(all))).filter((octet, i) => octet !== i);
    }""")
    assert same == [255]  # negative zero is sent as zero


DOWN = """async ([rate, hertz]) => {
    const { Downsampler } = await import('/static/phone/downsample.js');
    const down = new Downsampler(rate), out = [];
    for (let at = 0; at < rate; at += 128) {
        out.push(...down.push(Float32Array.from(
            {length: 128}, (_, i) => 0.5 * Math.sin(2 * Math.PI * hertz * (at + i) / rate))));
    }
    return out;
}"""


@pytest.mark.parametrize("rate", [48_000, 44_100, 16_000])
def test_a_microphone_at_another_rate_is_brought_to_8_khz(phone, rate):
    for hertz in (300, 1000, 3000):
        heard = np.array(phone.evaluate(DOWN, [rate, hertz]))
        assert abs(len(heard) - 8000) < 30
        assert np.sqrt(2 * np.mean(heard[200:] ** 2)) == pytest.approx(0.5, rel=0.05)
        assert share_of(hertz, heard[200:]) > 0.999
    # what 8 kHz cannot hold must not come back as another tone
    for hertz in (5000, 7000):
        assert np.abs(np.array(phone.evaluate(DOWN, [rate, hertz]))[200:]).max() < 0.5 * 10 ** (
            -35 / 20
        )


PLAYOUT = """async (steps) => {
    const { Playout } = await import('/static/phone/playout.js');
    const playout = new Playout(800, 4800), out = [];
    for (const [what, value] of steps) {
        if (what === 'push') playout.push(new Float32Array(160).fill(value));
        else if (what === 'mark') playout.mark(value);
        else if (what === 'clear') out.push(['cleared', playout.clear()]);
        else {
            const samples = new Float32Array(160), marks = playout.read(samples);
            out.push([samples[0], marks]);
        }
    }
    return { out, buffered: playout.buffered, underruns: playout.underruns };
}"""


def test_playout_begins_only_when_100_ms_are_there(phone):
    steps = [["push", 0.5], ["read", 0]] + [["push", 0.5]] * 4 + [["read", 0]]
    found = phone.evaluate(PLAYOUT, steps)
    assert found["out"] == [[0, []], [0.5, []]]


def test_a_last_short_prompt_is_played_although_nothing_more_comes(phone):
    found = phone.evaluate(PLAYOUT, [["push", 0.5]] + [["read", 0]] * 12)
    assert [0.5, []] in found["out"]


def test_marks_come_when_the_sound_before_them_has_been_played(phone):
    steps = [["push", 0.5]] * 5 + [["mark", "a"]] + [["push", 0.25]] * 1 + [["read", 0]] * 6
    found = phone.evaluate(PLAYOUT, steps)["out"]
    assert found[:5] == [[0.5, []]] * 5
    assert found[5] == [0.25, ["a"]]


def test_clear_drops_the_sound_and_gives_the_marks_back_at_once(phone):
    steps = [["push", 0.5]] * 6 + [["mark", "a"], ["read", 0], ["clear", 0], ["read", 0]]
    found = phone.evaluate(PLAYOUT, steps)
    assert found["out"] == [[0.5, []], ["cleared", ["a"]], [0, []]]
    assert found["buffered"] == 0


def test_a_stall_does_not_become_a_lasting_delay(phone):
    found = phone.evaluate(PLAYOUT, [["push", 0.5]] * 40)
    assert found["buffered"] <= 4800


def test_where_nobody_answers_in_a_browser_the_page_says_how_to_begin(page, url):
    page.goto(f"{url}desk")
    expect(page.locator(".card")).to_contain_text("hotline serve --agents desk")
