"""Words of the pages, Chinese and English; `Words("zh")["calls"]` and `.both("calls")`."""

from __future__ import annotations

from html import escape

WORDS: dict[str, tuple[str, str]] = {
    "title": ("95598 热线模拟器", "95598 hotline simulator"),
    "phone": ("电话", "Phone"),
    "desk": ("座席", "Agent desk"),
    "no_desk": ("座席页面未启用", "The agent desk is off"),
    "no_desk_why": (
        "这个热线由模拟座席应答。要由人在本页应答，请这样启动：",
        "Simulated agents answer at this hotline. To answer here yourself, start it so:",
    ),
    "calls": ("来电记录", "Calls"),
    "report": ("条款报告", "Clause report"),
    "book": ("菜单", "Menu book"),
    "api": ("接口", "API"),
    "language": ("English", "中文"),
    "theme": ("切换深色或浅色", "Dark or light"),
    "skip": ("跳到正文", "Skip to content"),
    "began": ("开始时间", "Began"),
    "number": ("主叫号码", "Caller"),
    "medium": ("接入", "Medium"),
    "audio": ("音质（估计）", "Audio (estimate)"),
    "agent_audio": ("专员音质（估计）", "Agent's audio (estimate)"),
    "loss": ("丢包", "loss"),
    "jitter": ("抖动", "jitter"),
    "seconds": ("时长", "Duration"),
    "outcome": ("结果", "Outcome"),
    "ended_by": ("先挂机", "Ended by"),
    "agent": ("工号", "Agent"),
    "wait": ("等待", "Wait"),
    "keys": ("按键", "Keys"),
    "survey": ("评价", "Survey"),
    "menus": ("菜单", "Menus"),
    "in_progress": ("进行中", "in progress"),
    "agent_outcome": ("人工服务", "agent"),
    "abandoned": ("放弃", "abandoned"),
    "self_service": ("自助办结", "self-service"),
    "ivr": ("自助未办", "left the IVR"),
    "blocked": ("线路忙", "blocked"),
    "callback": ("预约回拨", "call-back"),
    "lost": ("中断", "lost"),
    "caller": ("客户", "caller"),
    "system": ("系统", "system"),
    "network": ("网络", "network"),
    "no_calls": ("还没有来电，到“电话”页打一个试试", "No calls yet; place one on the phone page"),
    "timeline": ("时间线", "Timeline"),
    "clauses": ("条款检查", "Clause results"),
    "clause": ("条款", "Clause"),
    "requirement": ("要求", "Requirement"),
    "checked": ("检查", "Checked"),
    "passed": ("符合", "Passed"),
    "failed": ("不符合", "Failed"),
    "status": ("结论", "Status"),
    "examples": ("实例", "Examples"),
    "events": ("事件", "Events"),
    "detail": ("说明", "Detail"),
    "pass": ("符合", "pass"),
    "fail": ("不符合", "fail"),
    "not seen by software": ("软件不可见", "not seen by software"),
    "not exercised": ("未触及", "not exercised"),
    "no_such_call": ("没有这个通话", "No such call"),
    "no_journal": ("通话日志已清除或尚无内容", "The journal has been purged or is empty"),
    "no_report": ("还没有可报告的通话", "Nothing to report yet"),
    "offers": ("振铃", "Offers"),
    "requests": ("人工请求", "Requests for an agent"),
    "answered": ("已接", "answered"),
    "no_answer": ("未接", "no answer"),
    "per_page": ("每页", "Rows per page"),
    "findings": ("检查结果", "Lint findings"),
    "no_findings": ("没有发现问题", "No findings"),
    "outline": ("大纲与播报词", "Outline and prompts"),
    "diagram": ("菜单图", "Diagram"),
    "rules": ("细项", "Rules"),
    "rule": ("规则", "Rule"),
    "level": ("级别", "Level"),
    "place": ("位置", "Place"),
    "message": ("内容", "Message"),
    "download": ("下载报告（HTML）", "Download report (HTML)"),
    "satisfied": ("满意", "satisfied"),
    "so_so": ("一般", "so-so"),
    "dissatisfied": ("不满意", "dissatisfied"),
    "closed_calls": ("已结束通话", "closed calls"),
    "now_waiting": ("正在等待", "waiting now"),
    "ring_within": ("12 秒内应答", "answered within 12 s"),
    "contained": ("自助办结率", "containment"),
    "back": ("返回", "Back"),
    "with_steps": ("连同业务步骤", "With steps"),
    "menus_only": ("只看菜单", "Menus only"),
}

SCORES = {1: "satisfied", 2: "so_so", 3: "dissatisfied"}


class Words:
    """The words in one language, `zh` or `en`."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._index = 0 if lang == "zh" else 1

    def __getitem__(self, name: str) -> str:
        """The word, or its name where there is none."""
        return WORDS[name][self._index] if name in WORDS else name

    def other(self, name: str) -> str:
        """The word in the other language."""
        return WORDS[name][1 - self._index] if name in WORDS else name

    def both(self, name: str) -> str:
        """HTML: the word with the other language small beside it."""
        return f"{escape(self[name])} <small>{escape(self.other(name))}</small>"

    def outcome(self, outcome: str) -> str:
        """A call's outcome."""
        return self["agent_outcome"] if outcome == "agent" else self[outcome]

    def party(self, party: str) -> str:
        """Who ended a call."""
        return {"zh": "座席", "en": "agent"}[self.lang] if party == "agent" else self[party]
