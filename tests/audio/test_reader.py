"""Sequences of clips read back as prompts with values."""

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from audio.pack import Pack
from audio.reader import Reader, Reading

ZH, EN = "zh-CN", "en-US"
PACK = Pack.load()
TABLE = {
    "welcome": "您好，欢迎致电95598。",
    "balance": "您的余额为{balance:amount}，电量{used:kwh}。",
    "again": "您的余额为{balance:amount}，电量{used:kwh}。",
    "balance.short": "您的余额为{balance:amount}。",
    "order": "工单号{order:order}",
    "cause": "因{cause}停电。",
    "agent": "{agent:agent}号为您服务。",
    "when": "预计{day:date}{clock:time}恢复。",
}
VALUES: dict[str, object] = {
    "balance": 12856,
    "used": "320.5",
    "order": "202511250001",
    "cause": "台风",
    "agent": "1023",
    "day": "2025-11-25",
    "clock": "08:05",
}


def played(*prompts: str) -> list[str]:
    return [clip.id for prompt in prompts for clip in PACK.render(TABLE[prompt], VALUES, ZH).clips]


def read(clips: list[str]) -> list[Reading]:
    reader = Reader(PACK, TABLE, ZH)
    readings = [reading for clip in clips for reading in reader.feed(clip)]
    return readings + reader.flush()


def spoken(prompt: str) -> tuple[tuple[str, str], ...]:
    return PACK.render(TABLE[prompt], VALUES, ZH).spoken


def test_a_prompt_without_slots_is_complete_with_its_clip() -> None:
    reader = Reader(PACK, TABLE, ZH)
    assert reader.feed(played("welcome")[0]) == [Reading("welcome", (), True)]
    assert reader.flush() == []


def test_values_are_read_back_and_the_prompt_named_early() -> None:
    assert read(played("balance")) == [
        # both prompts on the balance begin alike: named when the second literal is heard
        Reading("balance", (("balance", "一百二十八元五角六分"),), False),
        Reading("balance", spoken("balance"), True),
    ]
    assert read(played("cause")) == [
        Reading("cause", (), False),
        Reading("cause", (("cause", "台风"),), True),
    ]
    assert read(played("agent"))[-1] == Reading("agent", (("agent", "幺零二三"),), True)


def test_a_slot_at_the_end_is_complete_when_something_else_comes() -> None:
    assert read(played("order", "welcome")) == [
        Reading("order", (), False),
        Reading("order", (("order", "二零二五幺幺二五零零零幺"),), True),
        Reading("welcome", (), True),
    ]


def test_neighbouring_slots_are_divided() -> None:
    values = dict(read(played("when"))[-1].values)
    assert "".join(values.values()) == "二零二五年十一月二十五日八点零五分"


def test_prompts_follow_each_other_without_a_pause() -> None:
    order = ["welcome", "balance", "cause", "balance.short", "agent", "order", "order"]
    complete = [reading for reading in read(played(*order)) if reading.complete]
    assert [reading.prompt for reading in complete] == order
    assert [reading.values for reading in complete] == [spoken(prompt) for prompt in order]


def test_a_prompt_cut_off_is_named_but_not_complete() -> None:
    assert read([*played("balance")[:2], *played("welcome")]) == [
        Reading("balance", (), False),
        Reading("welcome", (), True),
    ]


def test_unknown_clips_are_kept_aside() -> None:
    reader = Reader(PACK, TABLE, ZH)
    greeting = PACK.render("您好，请问有什么可以帮您？", {}, ZH).clips[0].id
    assert reader.feed(greeting) == []
    assert reader.unread == [greeting]
    assert reader.feed(played("welcome")[0]) == [Reading("welcome", (), True)]


def test_two_languages_in_one_call() -> None:
    reader = Reader(PACK, TABLE, ZH)
    reader.add({"welcome": "Welcome to 95598.", "order": "Order {order:order}."}, EN)
    clips = [
        *played("welcome"),
        *(clip.id for clip in PACK.render("Order {order:order}.", VALUES, EN).clips),
    ]
    readings = [reading for clip in clips for reading in reader.feed(clip)] + reader.flush()
    assert readings[-1].values == PACK.render("Order {order:order}.", VALUES, EN).spoken


@given(st.lists(st.sampled_from(sorted(TABLE)), max_size=6), st.integers(0, 10**9))
def test_any_order_of_prompts_reads_back(order: list[str], fen: int) -> None:
    # digits after digits cannot be divided by ear without a pause
    order = [b for a, b in pairwise(("", *order)) if (a, b) != ("order", "agent")]
    assume(all(pair != ("order", "agent") for pair in pairwise(order)))
    values = VALUES | {"balance": fen}
    clips, expected = [], []
    for prompt in order:
        rendering = PACK.render(TABLE[prompt], values, ZH)
        clips += [clip.id for clip in rendering.clips]
        expected.append(("balance" if prompt == "again" else prompt, rendering.spoken))
    complete = [reading for reading in read(clips) if reading.complete]
    assert [(one.prompt, one.values) for one in complete if one.prompt != "when"] == [
        row for row in expected if row[0] != "when"
    ]
