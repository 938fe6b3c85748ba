"""How texts are pronounced: digits inside literals, words with a trap, Chinese and English sounds.

A clip's cache key contains `VERSION`, a digest of this module's tables, so a corrected reading
renders the clips anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from functools import lru_cache
from importlib import import_module

from audio.formatters import spoken

__all__ = ["PHRASES", "VERSION", "LexiconError", "phonemes", "readable", "syllables"]


class LexiconError(RuntimeError):
    """A tool or package for pronunciation is absent; the message says which and what to do."""


PHRASES: dict[str, str] = {
    "重听": "chong2 ting1",
    "重播": "chong2 bo1",
    "重复": "chong2 fu4",
    "重新": "chong2 xin1",
    "重拨": "chong2 bo1",
    "重启": "chong2 qi3",
    "还款": "huan2 kuan3",
    "还清": "huan2 qing1",
    "归还": "gui1 huan2",
    "还有": "hai2 you3",
    "还是": "hai2 shi4",
    "还未": "hai2 wei4",
    "银行": "yin2 hang2",
    "行业": "hang2 ye4",
    "更改": "geng1 gai3",
    "变更": "bian4 geng1",
    "更名": "geng1 ming2",
    "更换": "geng1 huan4",
    "更正": "geng1 zheng4",
    "供电": "gong1 dian4",
    "提供": "ti2 gong1",
    "供应": "gong1 ying4",
    "处理": "chu3 li3",
    "为您": "wei4 nin2",
    "因为": "yin1 wei4",
    "作为": "zuo4 wei2",
    "长按": "chang2 an4",
    "延长": "yan2 chang2",
    "过户": "guo4 hu4",
    "缴纳": "jiao3 na4",
    "角": "jiao3",
    "差错": "cha1 cuo4",
    "电量": "dian4 liang4",
    "数量": "shu4 liang4",
    "剩余": "sheng4 yu2",
    "当前": "dang1 qian2",
    "当日": "dang4 ri4",
    "当月": "dang4 yue4",
    "结束": "jie2 shu4",
    "应答": "ying4 da2",
    "应交": "ying1 jiao1",
    "应缴": "ying1 jiao3",
    "便民": "bian4 min2",
    "方便": "fang1 bian4",
    "参与": "can1 yu4",
    "暂不": "zan4 bu4",
    "一户一表": "yi2 hu4 yi4 biao3",
    "一个": "yi2 ge4",
    "一次": "yi2 ci4",
    "一键": "yi2 jian4",
    "不便": "bu2 bian4",
    "不在": "bu2 zai4",
    "不是": "bu2 shi4",
    "不会": "bu2 hui4",
    "不够": "bu2 gou4",
    "不正确": "bu2 zheng4 que4",
    "不对": "bu2 dui4",
    "不用": "bu2 yong4",
    "不要": "bu2 yao4",
    "幺": "yao1",
    "星号键": "xing1 hao4 jian4",
    "井号键": "jing3 hao4 jian4",
    "得到": "de2 dao4",
    "记得": "ji4 de5",
    "调整": "tiao2 zheng3",
    "调阅": "diao4 yue4",
    "强调": "qiang2 diao4",
    "空调": "kong1 tiao2",
    "倒闸": "dao3 zha2",
    "倒塌": "dao3 ta1",
    "触电": "chu4 dian4",
    "切勿": "qie4 wu4",
    "中断": "zhong1 duan4",
    "降压": "jiang4 ya1",
    "相序": "xiang4 xu4",
    "载荷": "zai4 he4",
    "负荷": "fu4 he4",
    "分时": "fen1 shi2",
    "率先": "shuai4 xian1",
    "功率": "gong1 lv4",
    "满意率": "man3 yi4 lv4",
    "好评": "hao3 ping2",
    "号码": "hao4 ma3",
    "户号": "hu4 hao4",
    "工号": "gong1 hao4",
    "稍候": "shao1 hou4",
    "区号": "qu1 hao4",
    "编号": "bian1 hao4",
    "了解": "liao3 jie3",
    "感谢": "gan3 xie4",
    "抄表": "chao1 biao3",
    "电表": "dian4 biao3",
    "示数": "shi4 shu4",
    "验表": "yan4 biao3",
    "电子": "dian4 zi3",
    "充电桩": "chong1 dian4 zhuang1",
    "工单": "gong1 dan1",
    "工单号": "gong1 dan1 hao4",
    "网上国网": "wang3 shang4 guo2 wang3",
    "国网": "guo2 wang3",
    "区域码": "qu1 yu4 ma3",
    "触碰": "chu4 peng4",
    "改类": "gai3 lei4",
    "并网": "bing4 wang3",
    "一户": "yi2 hu4",
    "一遍": "yi2 bian4",
    "一下": "yi2 xia4",
    "一档": "yi2 dang4",
    "不碰": "bu2 peng4",
    "不换": "bu2 huan4",
    "藏语": "zang4 yu3",
    "朝阳": "chao2 yang2",
    "地方": "di4 fang5",
    "结清": "jie2 qing1",
    "约满": "yue1 man3",
    "已满": "yi3 man3",
    "云河县": "yun2 he2 xian4",
    "第一档": "di4 yi1 dang4",
    "第三档": "di4 san1 dang4",
    "国家电网": "guo2 jia1 dian4 wang3",
    "九五五九八": "jiu3 wu3 wu3 jiu3 ba1",
    "不满意": "bu4 man3 yi4",
    "不需要": "bu4 xu1 yao4",
}
"""Words whose usual dictionary reading is wrong, missing, or depends on the segmentation; the tone
changes of 一 and 不 are written where a prompt uses them. Pinyin with tone numbers (5 = neutral).
"""

_ARPA: tuple[tuple[str, str], ...] = (
    ("ɚɹ", "əɹ"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("eɪ", "A"),
    ("aɪ", "I"),
    ("oʊ", "O"),
    ("ɔɪ", "Y"),
    ("aʊ", "W"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("əl", "ᵊl"),
    ("ɚ", "əɹ"),
    ("ɐ", "ə"),
    ("r", "ɹ"),
    ("ʔ", "t"),
    ("e", "A"),
    ("ː", ""),
    ("̩", ""),
    ("ɬ", "l"),
    ("x", "k"),
    ("ɾ", "T"),
    ("o", "ɔ"),
)
"""International phonetic alphabet as espeak-ng writes it -> the symbols Kokoro knows, in order."""

VERSION = hashlib.sha256(
    json.dumps([PHRASES, _ARPA, "readable-2"], ensure_ascii=False).encode()
).hexdigest()[:12]

_MEASURES = "位分秒小天元日月年个层次度千万点户名条项楼度折期周块"
_ASKED = re.compile(r"(?:按|拨打?|热线|电话|网|号码?|press|dial|call)\s*$", re.IGNORECASE)


def readable(text: str, language: str) -> str:
    """The text with its digits as words: 按1 -> 按一, 95598 -> 九五五九八, 24小时 -> 二十四小时.

    Five digits or more, and what follows 按, 拨, 热线, 电话 or 号, are read one by one; the rest
    are quantities.
    """
    kept: list[str] = []
    last = 0
    for match in re.finditer(r"[0-9]+", text):
        before, digits = text[last : match.start()], match.group()
        kept.append(before)
        kept.append(_said_digits(digits, text[: match.start()], text[match.end() :], language))
        last = match.end()
    kept.append(text[last:])
    said = "".join(kept)
    if language.startswith("zh"):
        said = said.replace("*", "星号").replace("#", "井号")
    return said


def _said_digits(digits: str, before: str, after: str, language: str) -> str:
    chinese = language.startswith("zh")
    measured = bool(after) and after[0] in _MEASURES
    one_by_one = len(digits) >= 5 or (bool(_ASKED.search(before)) and not measured)
    if not chinese:
        kind = "digits" if one_by_one else "count"
        return " ".join(spoken(kind, digits, "en-US"))
    if digits == "95598":  # 幺 never occurs, but neither do pairs help
        return "九五五九八"
    if one_by_one and len(digits) > 1:
        return "".join(spoken("digits", digits, language))
    if one_by_one or not measured:  # 按1: 一, not 幺; and 2 is 二 before no measure
        return "".join(spoken("kwh", digits + ".5", language)).removesuffix("点五度")
    return "".join(spoken("count", digits, language))


# ------------------------------------------------------------------------------------ Mandarin


@lru_cache(maxsize=1)
def _prepare() -> None:
    """Teach the segmenter and the pinyin dictionary our phrases, once."""
    try:
        jieba = import_module("jieba")  # ships no types
        import pypinyin
        from misaki import zh  # noqa: F401
    except ImportError as error:
        raise LexiconError(
            f"{error.name} is not installed; Mandarin needs the extra: pip install '.[speech]'"
        ) from None
    jieba.setLogLevel(60)
    toned = {
        phrase: [[_accented(syllable)] for syllable in pinyin.split()]
        for phrase, pinyin in PHRASES.items()
    }
    pypinyin.load_phrases_dict(toned)
    for phrase in PHRASES:
        jieba.add_word(phrase, freq=10**7)


def _accented(syllable: str) -> str:
    """chong2 -> chóng, the form that pypinyin's dictionaries use."""
    from pypinyin.contrib.tone_convert import to_tone

    return str(to_tone(syllable.replace("5", "")))


_PUNCTUATION = {
    "，": ", ",
    "、": ", ",
    "。": ". ",
    "！": "! ",
    "？": "? ",
    "：": ": ",
    "；": "; ",
    "（": ", ",
    "）": ", ",
    "“": "",
    "”": "",
    "《": "",
    "》": "",
    "—": ", ",
    "…": ", ",
}


def _mandarin(text: str) -> str:
    _prepare()
    jieba = import_module("jieba")
    from misaki.zh import ZHG2P

    sounds: list[str] = []
    for run, mark in re.findall(r"([\u3400-\u9fff]+)|([^\u3400-\u9fff])", text):
        if run:
            words = jieba.lcut(run, cut_all=False, HMM=False)
            sounds.append(" ".join(ZHG2P.word2ipa(word) for word in words))
        else:
            sounds.append(_PUNCTUATION.get(mark, mark if mark in ",.!?:; " else ""))
    return "".join(sounds).replace("\u032f", "").strip()


def syllables(text: str) -> list[str]:
    """Pinyin of the Chinese characters of a text, without tones, digits read as `readable` does."""
    _prepare()
    jieba = import_module("jieba")
    from pypinyin import Style, lazy_pinyin

    found: list[str] = []
    for run in re.findall(r"[\u3400-\u9fff]+", readable(text, "zh-CN")):
        for word in jieba.lcut(run, HMM=False):
            found += lazy_pinyin(word, style=Style.NORMAL)
    return found


# ------------------------------------------------------------------------------------- English


def _english(text: str) -> str:
    """Clause by clause, because espeak-ng drops the punctuation that gives the melody."""
    parts = re.split(r"([,.;:!?]+(?=\s|$))", text)
    clauses, marks = parts[::2], [mark[-1] for mark in parts[1::2]]
    sounds = [_espeak(clause.strip()) if clause.strip() else "" for clause in clauses]
    joined = "".join(sound + mark + " " for sound, mark in zip(sounds, [*marks, ""], strict=False))
    return re.sub(r"\s+", " ", joined).strip()


@lru_cache(maxsize=2048)
def _espeak(clause: str) -> str:
    program = shutil.which("espeak-ng")
    if program is None:
        raise LexiconError("espeak-ng is not installed; English needs it: apt install espeak-ng")
    done = subprocess.run(
        [program, "-q", "--ipa", "-v", "en-us", clause], capture_output=True, text=True, check=True
    )
    sound = " ".join(done.stdout.split())
    for ipa, symbol in _ARPA:
        sound = sound.replace(ipa, symbol)
    return sound.replace("jˈuən", "juˈɑn")  # yuan, as Chinese speakers of English say it


def phonemes(text: str, language: str) -> str:
    """The sounds of a text in Kokoro's symbols; raises `LexiconError` when a tool is absent."""
    words = readable(text, language)
    return _mandarin(words) if language.startswith("zh") else _english(words)
