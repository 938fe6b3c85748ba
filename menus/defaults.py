"""What a book need not write: the texts and settings of a hotline that follows clause 5.2.

Texts are in our own words except the three that the standard quotes: the opening (5.2.6.1), the
announcement of the agent (5.2.6.5) and the closing phrase (5.2.6.6).
"""

from __future__ import annotations

from collections.abc import Mapping

from menus.model import Target

ZH, EN = "zh-CN", "en-US"


def _texts(chinese: str, english: str) -> Mapping[str, str]:
    return {ZH: chinese, EN: english}


TEXTS: Mapping[str, Mapping[str, str]] = {
    "greeting": _texts(
        "你用电，我用心，国家电网95598为您服务。",
        "We put our heart into your power. This is State Grid 95598, at your service.",
    ),
    "no_input": _texts(
        "没有收到您的按键，请您选择。", "We did not receive a key. Please make a choice."
    ),
    "error.wrong_key": _texts(
        "您的按键有误，请重新选择。", "That key is not valid. Please choose again."
    ),
    "error.wrong_input": _texts(
        "您输入的号码有误，请重新输入。",
        "The number you entered is not valid. Please enter it again.",
    ),
    "error.failed": _texts(
        "很抱歉，系统暂时无法处理您的请求。",
        "We are sorry, the system cannot handle your request at the moment.",
    ),
    "transfer": _texts(
        "正在为您转接人工服务，请稍候。", "We are connecting you to an agent. Please hold on."
    ),
    "queue.position": _texts(
        "包括您在内，目前有{position:count}位客户等待，预计等待{minutes:minutes}，请您稍候。",
        "Including you, the number of callers waiting is {position:count}. "
        "The expected wait is {minutes:minutes}. Please hold on.",
    ),
    "queue.wait": _texts(
        "客服专员正忙，请您继续等待，感谢您的耐心。",
        "All agents are busy. Please stay on the line, and thank you for your patience.",
    ),
    "queue.callback": _texts(
        "已为您保留排队位置，客服专员将回拨您的来电号码。",
        "We keep your place in the queue and will call your number back.",
    ),
    "refused.closed": _texts(
        "很抱歉，现在不在人工服务时间内。", "We are sorry, our agents are not on duty now."
    ),
    "refused.full": _texts(
        "很抱歉，当前来电较多，人工服务暂时无法排队。",
        "We are sorry, there are too many calls at the moment.",
    ),
    "refused.no_agents": _texts(
        "很抱歉，目前没有能够受理的客服专员在线。",
        "We are sorry, no agent who can help you is on duty.",
    ),
    "refused.trunks": _texts(
        "很抱歉，目前线路繁忙，请您稍后再拨。",
        "We are sorry, all lines are busy. Please call again later.",
    ),
    "refused.draining": _texts(
        "很抱歉，系统正在维护，请您稍后再拨。",
        "We are sorry, the system is under maintenance. Please call again later.",
    ),
    "agent.announcement": _texts(
        "您好！{agent:agent}号客服专员为您服务。", "Hello! Agent {agent:agent} at your service."
    ),
    "callback.greeting": _texts(
        "您好，这里是国家电网95598，您预约的回拨已接通。",
        "Hello, this is State Grid 95598 with the call you asked for.",
    ),
    "survey": _texts(
        "请对本次服务评价，满意请按1，一般请按2，不满意请按3。",
        "Please rate this service. Satisfied, press 1. Fair, press 2. Dissatisfied, press 3.",
    ),
    "survey.thanks": _texts("感谢您的评价。", "Thank you for your rating."),
    "closing": _texts("结束服务请挂机。", "If there is nothing else, please hang up."),
}
"""Prompt id -> text per language."""

SYSTEM = ("error.failed", "callback.greeting", "refused.trunks", "refused.draining")
"""Prompts of `Book.system` that every book has."""

ASK: Mapping[str, Mapping[str, str]] = {
    "account": _texts(
        "请输入您的户号，以井号键结束。", "Please enter your account number, then press pound."
    ),
    "phone": _texts(
        "请输入您的联系电话，以井号键结束。",
        "Please enter your telephone number, then press pound.",
    ),
    "area": _texts(
        "请输入您的区域码，以井号键结束。", "Please enter your area code, then press pound."
    ),
    "order": _texts(
        "请输入您的工单号，以井号键结束。", "Please enter your order number, then press pound."
    ),
    "digits": _texts("请输入号码，以井号键结束。", "Please enter the number, then press pound."),
}
"""Kind of input -> how a step without `say` asks for it; the prompt's id is `ask.KIND`."""

LENGTHS: Mapping[str, tuple[int, int]] = {
    "account": (10, 13),
    "phone": (11, 12),
    "area": (3, 6),
    "order": (6, 20),
    "digits": (1, 20),
}
"""Kind of input -> least and most digits."""

UNMASKED = ("area",)
"""Kinds of input that tell nothing about a person."""

AGENT = Target("agent")
NO_INPUT_LIMIT = 2
WRONG_KEY_LIMIT = 3
FIRST_DIGIT = 5.0
INTER_DIGIT = 8.0
HANG_UP_AFTER = 10.0
TERMINATOR = "#"
SCORES: Mapping[str, int] = {"1": 1, "2": 2, "3": 3}
SURVEY_TIMEOUT = 5.0
FIRST_MESSAGE = 15.0
MESSAGE_EVERY = 30.0
MENU_AFTER = 60.0
