"""Invented rosters of any size. The same seed gives the same people; nobody of them exists."""

from __future__ import annotations

from dataclasses import dataclass

from agents.roster import ENGLISH, EVERY, GENERAL, MANDARIN, AgentProfile
from hotline.switch.chance import Chance

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
_GIVEN = "敏静丽芳娟婷欣悦晨阳宁洁佳文博涛杰超鹏宇帆雪梅兰颖琳倩楠凯磊"
_GRADES = ("见习", "初级", "中级", "高级", "资深")
_LEVELS = ("一级乙等", "二级甲等", "二级乙等", "三级甲等")


@dataclass(frozen=True, slots=True)
class Mix:
    """Who there is. `skills`: share of agents who have a skill of their own besides the general
    work. `english`: share with English. `languages`: shares of minority seats.
    """

    centres: tuple[str, ...] = ("",)
    skills: tuple[tuple[str, float], ...] = (("fault", 0.4), ("bill", 0.3), ("complaint", 0.1))
    english: float = 0.1
    languages: tuple[tuple[str, float], ...] = (
        ("bo-CN", 0.01),
        ("ug-CN", 0.01),
        ("mn-CN", 0.01),
    )
    all_round: float = 0.2
    """share of agents who serve every skill"""


DEFAULT_MIX = Mix()


def generate(
    count: int, seed: int = 1, first_number: int = 1001, mix: Mix = DEFAULT_MIX
) -> tuple[AgentProfile, ...]:
    """`count` invented agents with numbers from `first_number` on."""
    chance = Chance(seed)
    return tuple(_agent(n, first_number + n, chance, mix) for n in range(count))


def _agent(n: int, number: int, chance: Chance, mix: Mix) -> AgentProfile:
    key = str(number)
    minority = _pick(mix.languages, chance.uniform("roster.minority", key))
    return AgentProfile(
        id=f"a{key}",
        number=key,
        name=_name(chance, key),
        skills=_skills(mix, chance, key),
        languages=(minority, MANDARIN) if minority else _spoken(mix, chance, key),
        centre=mix.centres[n % len(mix.centres)],
        grade=_GRADES[int(chance.uniform("roster.grade", key) * len(_GRADES))],
        putonghua=_LEVELS[int(chance.uniform("roster.level", key) * len(_LEVELS))],
        minority_seat=bool(minority),
    )


def _pick(shares: tuple[tuple[str, float], ...], luck: float) -> str:
    for name, share in shares:
        luck -= share
        if luck < 0:
            return name
    return ""


def _spoken(mix: Mix, chance: Chance, key: str) -> tuple[str, ...]:
    english = chance.uniform("roster.english", key) < mix.english
    return (MANDARIN, ENGLISH) if english else (MANDARIN,)


def _skills(mix: Mix, chance: Chance, key: str) -> tuple[str, ...]:
    if chance.uniform("roster.all_round", key) < mix.all_round:
        return (GENERAL, EVERY)
    own = _pick(mix.skills, chance.uniform("roster.skill", key))
    return (own, GENERAL) if own else (GENERAL,)


def _name(chance: Chance, key: str) -> str:
    surname = _SURNAMES[int(chance.uniform("roster.surname", key) * len(_SURNAMES))]
    given = _GIVEN[int(chance.uniform("roster.given", key) * len(_GIVEN))]
    return surname + given
