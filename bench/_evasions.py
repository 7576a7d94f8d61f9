"""Twelve ways in which senders disguise a text, for measuring how much the readers lose."""

import random
from collections.abc import Callable

from jiedun.reading.normalise import WEIGHTS

Transform = Callable[[str, random.Random], str]
_SOUNDS = {"还款": "huankuan", "还钱": "huanqian", "欠款": "qiankuan", "逾期": "yuqi", "贷款": "daikuan",
           "借款": "jiekuan", "催收": "cuishou", "微信": "vx", "律师": "lvshi",
           "法院": "fayuan", "单位": "danwei"}  # fmt: skip
_EMOJI = {"钱": "💰", "电": "📞", "警": "👮", "家": "🏠", "狗": "🐶", "火": "🔥"}
_TRADITIONAL = dict(zip("贷还钱电话对么为这样会联系单时间错误来过请将让开说没",
                        "貸還錢電話對麼為這樣會聯繫單時間錯誤來過請將讓開說沒", strict=True))  # fmt: skip
_FOLDED = dict(
    zip(
        "还钱期你他催债骂死强",
        ["辶不", "钅戋", "其月", "亻尔", "亻也", "亻崔", "亻责", "口马", "歹匕", "弓虽"],
        strict=True,
    )
)
_LOOKALIKE = dict(zip("aeopcxy款占", "аеорсху欵佔", strict=True))


def _han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _between(mark: str, share: float) -> Transform:
    """Puts `mark` between neighbouring Han characters, at `share` of the places."""

    def put(text: str, rng: random.Random) -> str:
        out = []
        for char, after in zip(text, [*text[1:], ""], strict=True):
            here = after and _han(char) and _han(after) and rng.random() < share
            out.append(char + mark if here else char)
        return "".join(out)

    return put


def _swapped(table: dict[str, str]) -> Transform:
    def swap(text: str, rng: random.Random) -> str:
        return "".join(table.get(c, c) for c in text)

    return swap


def _words(table: dict[str, str]) -> Transform:
    def swap(text: str, rng: random.Random) -> str:
        for word, written in table.items():
            text = text.replace(word, written)
        return text

    return swap


def _wide(text: str, rng: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _circled(text: str, rng: random.Random) -> str:
    return "".join(chr(0x2460 + int(c) - 1) if c in "123456789" else c for c in text)


TRANSFORMS: dict[str, Transform] = {
    "full width": _wide,
    "traditional": _swapped(_TRADITIONAL),
    "stars between": _between("*", 0.4),
    "blanks between": _between(" ", 1.0),
    "dots between": _between("·", 0.5),
    "zero width": _between("\u200b", 0.7),
    "emoji between": _between("💥", 0.3),
    "emoji for words": _swapped(_EMOJI),
    "pinyin words": _words(_SOUNDS),
    "split characters": _swapped(_FOLDED),
    "look-alikes": _swapped(_LOOKALIKE),
    "circled digits": _circled,
}


def transformed(name: str, texts: list[str]) -> list[str]:
    """The texts under one transform, the same on every run."""
    rng = random.Random(name)
    assert WEIGHTS.is_dir()
    return [TRANSFORMS[name](t, rng) for t in texts]
