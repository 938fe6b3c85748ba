"""The table of lint rules. Each check in `menus.checks_*` names its rule by id.

`clause` is the clause of the standard that the rule enforces, "" where the rule is about books as
such. Levels: an error misleads or loses callers, or breaks a clause; a warning is probably a
mistake; advice never changes an exit code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from menus.wording import Both

Level = Literal["error", "warning", "advice"]
ERROR: Level = "error"
WARNING: Level = "warning"
ADVICE: Level = "advice"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of lint."""

    id: str
    level: Level
    clause: str
    title: Both


def _rule(rule_id: str, level: Level, clause: str, chinese: str, english: str) -> Rule:
    return Rule(rule_id, level, clause, Both(chinese, english))


RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        # --- the tree --------------------
        _rule("M001", ERROR, "5.2.6.2", "菜单层次超过上限", "more menus on a path than allowed"),
        _rule("M002", ERROR, "5.2.6.2", "菜单没有转人工", "no transfer to an agent in a menu"),
        _rule("M003", ERROR, "5.2.6.2", "菜单没有返回上级", "no way back in a menu"),
        _rule("M004", ERROR, "", "指向不存在的菜单、步骤或语言", "dangling target"),
        _rule("M005", WARNING, "", "菜单无法到达", "unreachable menu"),
        _rule("M006", WARNING, "", "步骤无法到达", "unreachable step"),
        _rule("M007", ERROR, "", "死胡同", "dead end"),
        _rule("M008", ERROR, "", "服务结果没有去向", "outcome of a request with no target"),
        _rule("M009", ERROR, "", "服务不存在", "unknown service"),
        _rule("M010", ERROR, "", "服务没有这个结果", "outcome that the service does not have"),
        _rule("M011", ERROR, "5.2.3", "缺少规定的服务功能", "function that no path offers"),
        _rule("M012", WARNING, "5.2.3", "未知的服务功能名称", "unknown name of a function"),
        _rule("M024", ERROR, "5.2.5.1", "没有通往规定语种的路径", "no way to a required language"),
        _rule("M032", ERROR, "", "只能用于排队菜单的目标", "target of the waiting menu elsewhere"),
        _rule("M036", ERROR, "", "步骤自行循环", "steps go round without the caller"),
        _rule("M037", ERROR, "", "非营业时间的去向是自身", "when closed a menu leads to itself"),
        # --- prompts and keys --------------------
        _rule("M013", ERROR, "5.2.6.3", "播报的按键没有绑定", "key announced but not bound"),
        _rule("M014", WARNING, "5.2.6.3", "绑定的按键没有播报", "key bound but not announced"),
        _rule("M015", ERROR, "", "缺少提示音文字", "prompt missing"),
        _rule("M016", WARNING, "5.2.5.1", "缺少某语言的文字", "text missing in a language"),
        _rule("M018", ERROR, "", "占位符没有来源", "placeholder that nothing fills"),
        _rule(
            "M019", WARNING, "", "占位符类型与来源不符", "placeholder of another kind than given"
        ),
        _rule(
            "M030", WARNING, "", "长短提示音播报的按键不同", "long and short form differ in keys"
        ),
        _rule("M031", ERROR, "5.2.6.3", "菜单提示音不可打断", "menu prompt that keys cannot stop"),
        _rule("M033", WARNING, "", "没有说明输入如何结束", "the end key of an input is not told"),
        _rule("M034", ERROR, "", "服务缺少输入", "service without an input it needs"),
        _rule("M039", WARNING, "", "并非每条路径都有此值", "value not known on every way"),
        _rule("M035", WARNING, "", "评价提示与按键不符", "survey prompt and keys differ"),
        # --- words and settings of the standard --------------------
        _rule("M020", ERROR, "5.2.6.1", "引导语不合规定", "greeting without the required opening"),
        _rule("M021", ERROR, "5.2.6.6", "结束语不合规定", "closing phrase missing"),
        _rule(
            "M022", ERROR, "5.2.6.5", "报工号语不合规定", "announcement without the agent's number"
        ),
        _rule(
            "M023", WARNING, "5.2.7.1", "人工服务不是全天候", "agents not on duty round the clock"
        ),
        _rule(
            "M026", WARNING, "5.2.6.3", "无按键时不再提示", "silence is not answered by a prompt"
        ),
        # --- advice --------------------
        _rule("M025", ADVICE, "5.2.6.3", "最后去向不是人工", "last resort is not an agent"),
        _rule("M017", ADVICE, "", "两个提示音文字相同", "same text under two prompt ids"),
        _rule("M027", ADVICE, "5.2.7.2", "选项过多", "too many options"),
        _rule("M028", ADVICE, "5.2.7.2", "首个选项播报过晚", "first option comes late"),
        _rule("M029", ADVICE, "5.2.7.2", "提示音过长", "long prompt"),
        _rule("M038", ADVICE, "5.2.6.3", "首位等待时间过长", "long wait for the first key"),
    )
}
"""Rule id -> rule."""
