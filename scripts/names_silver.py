"""Everyday sentences for the tagger: messages on which a first tagger's guesses can be judged by rule.

A guess that begins with a surname and stands where names stand is believed; one without a surname,
or that is a common word, is refused and becomes a counter-example; a message with any other guess
is left out. Messages come from `data/messages`, whose names are not marked.
"""

import random
import re

import numpy as np

from jiedun.reading.names import Tagger, pair_keys
from scripts.conduct_data import load

Spans = list[tuple[int, int, str]]
_BEFORE = re.compile(
    r"(?:我叫|我是|请问是|您是|专员|经理|客服|法务|坐席|律师|顾问|主管|员工|业主|户名|联系人|姓名|转告"
    r"|找|叫|的|岗|科|部|组|[\s,，。:：】]|^) ?$"
)
_AFTER = re.compile(
    r"(?:先生|女士|小姐|同学|老师|师傅|工号|身份证|您好|你好|[\s,，。、:：(（?？]|$)"
)
_TITLE = re.compile(
    r"某|校长|经理|主任|老师|先生|女士|师傅|所长|队长|总|警官|法官|律师|医生|阿姨|大爷|同学"
)


def _common(held: Tagger, pair: str) -> int:
    code = np.array([ord(c) for c in pair], np.uint32)
    key = pair_keys(code[:1], code[1:])[0]
    at = min(int(np.searchsorted(held.pairs, key)), len(held.pairs) - 1)
    return int(held.common[at]) if held.pairs[at] == key else 0


def verdict(held: Tagger, surnames: set[str], text: str, start: int, end: int) -> bool | None:
    """Whether the guess is a name: True, False, or None where the rules cannot tell."""
    value = text[start:end]
    if value[0] not in surnames or _TITLE.search(value) or len(value) > 4:
        return False
    if _common(held, value[:2]) >= 2 or (len(value) > 2 and _common(held, value[1:3]) == 3):
        return False
    placed = _BEFORE.search(text[max(0, start - 5) : start]) and _AFTER.match(text, end)
    return True if placed and 2 <= len(value) <= 3 else None


def judged(
    held: Tagger, surnames: set[str], texts: list[str], guesses: list[set[tuple[int, int, str]]]
) -> list[tuple[str, Spans]]:
    """The texts all of whose guesses can be judged, with the spans believed."""
    out = []
    for text, spans in zip(texts, guesses, strict=True):
        names = sorted(s for s in spans if s[2] == "PERSON")
        said = [verdict(held, surnames, text, s, e) for s, e, _ in names]
        if None not in said and len(names) == len(spans):
            out.append((text, [s for s, good in zip(names, said, strict=True) if good]))
    return out


def sample(count: int, seed: int) -> list[str]:
    """Texts of the labelled messages, the same on every run."""
    return random.Random(seed).sample([m.text for m in load().messages], count)
