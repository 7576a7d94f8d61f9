"""Who speaks in a transcript: which characters are the other side's, not the collector's.

A transcript marks turns with a short name and a colon (`催:`, `我：`, `家属:`). A name in the list
of the other side opens a turn that does not count; any other known speaker opens one that does.
A transcript without marks counts whole: nothing says who speaks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OTHER = (
    "我|客|客户|家属|接听人|接听方|接听者|接电话的?人?|老人|邻居|对方|担保人|借款人|欠款人|债务人|本人|同事|老师|"
    "村委|村干部|前台|人事|教务|群众|受访人|亲属|亲友|朋友|母亲|父亲|妈妈|爸爸|妈|爸|妻子|丈夫|老婆|老公|"
    "儿子|女儿|哥哥|姐姐|弟弟|妹妹|哥|姐|弟|妹|房东|室友|同学|店员|店长|老板|保安|门卫|hr|用户|男客户|女客户|机主|"
    "联系人|第三人|物业|村民|奶奶|爷爷|机主本人|借款方"
)
_OURS = (
    "催|催收|催收员|催收方|坐席|客服|男声|女声|来电方|来电|来电人|主叫|法务|专员|顾问|律师|律所|机器人|智能客服|语音|"
    "调解员|民警|经理|骗子|外访|外访员|外催|业务员|贷后|警官|法官|书记员|社工|志愿者|中介|催客|工作人员|甲|男|女|系统|"
    "电话|销售|推销员|客户经理|主管|组长|队长|阿强|信贷员|风控|委外|乙方|平台"
)
_SPEAKER = re.compile(rf"(?:^|[\s。!?,;.])(?:(?P<other>{_OTHER})|(?:{_OURS})) ?$")
_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a turn's mark begins, where what is said begins, and whether the other side says it."""

    start: int
    said: int
    other: bool


def _marks(text: str) -> Iterator[Turn]:
    colon = text.find(":")
    while colon >= 0:
        since = max(0, colon - _LONGEST)
        found = _SPEAKER.search(text[since:colon])
        if found and (found.start() or not since or not found.group()[0].isalnum()):
            lead = 0 if found.group()[:1].isalnum() else 1
            yield Turn(since + found.start() + lead, colon + 1, found.group("other") is not None)
        colon = text.find(":", colon + 1)


def turns(text: str) -> list[Turn]:
    """The marked turns of a normalised transcript, in order."""
    return list(_marks(text))


def others_turns(text: str) -> list[tuple[int, int]]:
    """The stretches of a normalised transcript that the other side speaks, marks included."""
    marks = turns(text)
    ends = [*(turn.start for turn in marks), len(text)][1:]
    return [(turn.start, end) for turn, end in zip(marks, ends, strict=True) if turn.other]
