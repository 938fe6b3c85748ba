"""The invented customers that the phone page offers to call as (`hotline.services.seed`)."""

from __future__ import annotations

from typing import Any

# telephone, account, area, what is special in Chinese and English
_PEOPLE = (
    ("13800138000", "1000000001", "1001", "普通客户 · 余额充足", "Plain case, in credit"),
    ("13800138001", "1000000002", "1002", "暴雨停电 · 有公告", "Storm outage, bulletin"),
    ("13800138002", "1000000003 / 1000000004", "1001", "一号两户", "Two accounts, one phone"),
    ("13800138003", "1000000005", "1003", "欠费 128.56 元", "Owes 128.56 yuan"),
    ("13800138004", "1000000006", "1005", "新装预付费 · 无账单", "New, prepaid, no bills"),
    ("13800138005", "1000000007", "1001", "投诉处理中 · 可催办", "Complaint in progress"),
    ("13800138006", "1000000008", "1001", "报修已办结", "Fault order closed"),
    ("13800138007", "1000000009", "1006", "偏远地区", "Remote area"),
    ("13800138008", "1000000010", "1005", "高用电 · 电子发票", "High tier, e-invoice"),
    ("13800138009", "1000000011", "1004", "计划停电 · 无公告", "Planned outage"),
    ("13800138010", "1000000000012", "1001", "13 位户号", "Account of 13 digits"),
    ("13900139000", "", "", "未绑定户号", "No account bound"),
)


def customers() -> list[dict[str, Any]]:
    """`number`, `account` (to type when asked), `area`, and titles `zh` and `en`."""
    return [
        {
            "number": number,
            "account": account,
            "area": area,
            "zh": f"{number}　{zh}",
            "en": f"{number}  {en}",
        }
        for number, account, area, zh, en in _PEOPLE
    ]
