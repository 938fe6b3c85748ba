"""Small books, written by hand and drawn by Hypothesis."""

from typing import Any

from hypothesis import strategies as st

from menus.exchange.document import Data

RICH = """\
version: 1
language: zh-CN
start: main
starts: {en-US: english}
agent_languages: [bo-CN]
greeting: {long: {zh-CN: 你好 & 欢迎 <95598>}, interruptible: false}
notices: [{id: recording, text: 通话将被录音。}, {id: fee, text: 通话免费。, interruptible: true}]
common_keys: {"0": agent, "*": back, "9": repeat}
common_prompt: {zh-CN: 转人工请按0，返回请按星号键，重听请按9。, en-US: "Press 0, star or 9."}
no_input: {limit: 1, prompt: {long: 请选择。, short: 请选。}, then: end}
timeouts: {first_digit: 4.5, inter_digit: 3}
terminator: "*"
hours: {from: "08:30", until: "17:30", days: [1, 2, 3, 4, 5]}
waiting: {transfer: 转接中。, menu: queue, menu_after: 30, refused: {full: 已满。}, refused_then: agent}
survey: null
closing: 再见。
prompts: {error.failed: 出错了。, own.prompt: 自己的。}
services:
  look: {needs: [account], outcomes: [found, none], gives: {amount: amount}}
vocabulary: {zh-CN: [朝阳门]}
menus:
  main:
    title: {zh-CN: 主菜单, en-US: Main}
    prompt: {long: "查询“余额”请按1。", short: 余额请按1。}
    keys: {"1": "step:ask", "2": "menu:closed_at_night", "8": "language:en-US", "0": null}
    wrong_key: {limit: 0, then: top}
    function: [故障报修, 信息查询]
  closed_at_night:
    title: "10"
    prompt: 余额{amount:amount}，{{括号}}。
    hours: "08:00-20:00"
    closed: end
    priority: 5
    skill: bill
    first_digit_timeout: 1.25
    no_input: {prompt: 另一句。}
    keys: {"1": "agent:bill", "#": end, "3": top}
  english: {language: en-US, prompt: {en-US: "Press 1."}, keys: {"1": "agent"}}
  queue: {prompt: 继续等待请按1，回拨请按2。, keys: {"1": wait, "2": callback}}
steps:
  ask:
    say: 请输入。
    collect: {kind: account, name: number_, min: 4, max: 8, check: luhn, terminator: "#", masked: false,
      keys: {"7": end, "9": null}, wrong: {limit: 1}}
    set: {topic: "it's \\\\ 5", count: "5"}
    request: look
    on: {found: "menu:closed_at_night", none: "step:none", failed: agent}
    next: top
  none: {title: 没有, say: {zh-CN: 没有。, en-US: None.}, next: back}
  plain: {collect: phone, next: end}
"""

words = st.text(alphabet="停电报修请按1，。 ab<&>\"'=-", min_size=1, max_size=12).map(str.strip)
words = words.filter(lambda text: bool(text) and "  " not in text)
templates = st.one_of(words, words.map(lambda text: f"{text}{{balance:amount}}"))


@st.composite
def books(draw: Any) -> Data:
    """A document of a few menus and steps; targets may lead nowhere, which is lint's business."""
    menus = draw(st.lists(st.sampled_from(["main", "a1", "报修", "b-2"]), min_size=1, unique=True))
    steps = draw(st.lists(st.sampled_from(["say", "look"]), unique=True))
    targets = st.sampled_from(
        [f"menu:{name}" for name in menus]
        + [f"step:{name}" for name in steps]
        + ["agent", "agent:fault", "back", "top", "repeat", "end"]
    )
    keys = st.dictionaries(st.sampled_from("0123456789*#"), targets, max_size=5)
    counter = st.fixed_dictionaries({"limit": st.integers(0, 4), "prompt": words, "then": targets})
    texts = st.one_of(templates, st.fixed_dictionaries({"zh-CN": templates, "en-US": words}))
    prompt = st.one_of(texts, st.fixed_dictionaries({"long": texts, "short": texts}))
    menu = st.fixed_dictionaries(
        {"prompt": prompt, "keys": keys},
        optional={
            "title": texts,
            "priority": st.integers(-5, 20),
            "skill": st.sampled_from(["fault", "5"]),
            "first_digit_timeout": st.sampled_from([0.5, 5, 7]),
            "no_input": counter,
            "wrong_key": counter,
        },
    )
    step = st.fixed_dictionaries(
        {"say": prompt},
        optional={
            "collect": st.sampled_from(["account", "area", {"kind": "digits", "min": 2, "max": 4}]),
            "set": st.dictionaries(st.sampled_from(["x", "y_1"]), words, max_size=2),
            "next": targets,
        },
    )
    data: Data = {"version": 1, "language": "zh-CN", "start": menus[0]}
    data["common_keys"] = draw(keys)
    data["menus"] = {name: draw(menu) for name in menus}
    if steps:
        data["steps"] = {name: draw(step) for name in steps}
    return data
