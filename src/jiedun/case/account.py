"""What one sentence of a signed account says: who of a creditor's side did what to its speaker, when.

Read are only acts towards the speaker that the speaker knows of: no hearsay, nothing denied or
unsure, nothing the speaker did, nothing done to somebody else. The one who acts is the first that
the sentence names; whoever is only spoken of (欠枕溪消金的钱) or spoken to (打给…) is not. A number
given as contact data (电话17…) is no call.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jiedun.case.clock_words import when
from jiedun.model.evidence import Channel
from jiedun.model.party import Party, Role
from jiedun.people import People, canonical

_STOP = "，,。；;！!？?、"
_ACTS: tuple[tuple[Channel, str], ...] = (
    (
        Channel.CALL,
        rf"打(?:来|过来|给|到)|(?:打|挂|来)(?:了|过|来|个|通|我)?[^{_STOP}]{{0,10}}?电话|来电|致电|拨打|"
        rf"接(?:到|听|了)[^{_STOP}]{{0,24}}?(?:电话|来电)|电话(?:里|中|催|骚扰|联系|通知|威胁|告诉|问)|"
        r"(?:在|用)电话|通话|响铃|呼死",
    ),
    (
        Channel.SMS,
        rf"(?:发|收到)[^{_STOP}]{{0,24}}?(?:短信|彩信)",
    ),
    (
        Channel.CHAT,
        rf"群里|群聊|(?:发|收到|加)[^{_STOP}]{{0,24}}?(?:微信|QQ|消息|信息)|(?:微信|QQ)(?:上|里|联系|找)",
    ),
    (
        Channel.POSTER,
        r"张贴|[粘贴]贴?(?:了|在|出|满|着|上)|大字报|(?:拉|挂)(?:了|着|起)?(?:一条|个)?横幅",
    ),
    (
        Channel.VISIT,
        r"上门|登门|外访|走访|闯|堵|敲门|砸|踹|踢门|蹲守|找(?:上|到|过|我)|来(?:到|过|了)|"
        r"(?:到|去|进)(?:了|过|来)?[^，,。；;、]{0,8}?(?:家|店|门|单位|公司|厂|楼|村|校|学校|院|小区|办公室|铺|摊|屋)|"
        r"来(?:我|家|店|单位|公司|厂|村)",
    ),
    (
        Channel.OTHER,
        r"(?<!听)(?<!据)说(?!明)|骂|威胁|恐吓|吓唬|催(?!收)|逼|讨债|要债|要钱|让我|叫我|要我|要求|劝我|问我|告诉我|联系(?:过|了)?我",
    ),
)
_ACT = [(channel, re.compile(pattern)) for channel, pattern in _ACTS]
_BRACKETS = re.compile(r"[（(【\[][^）)】\]]*[）)】\]]")
_NUMBER = re.compile(r"(?<![\d+])\+?\d[\d\- ]{5,}\d(?!\d)")
_I = r"(?:我|本人|咱)"
_ADVERB = r"(?:们|自己|主动|后来|又|就|便|才|也|先|再|马上|立即|随即)*"
_OWN_CALL = re.compile(
    rf"(?<![给对向跟找让叫要骂催逼问]){_I}{_ADVERB}(?:(?!接|收|被|听|看|遭)[^{_STOP}\d]){{0,8}}?"
    r"(?:打(?!开|算|工|扫|听|骂|人)|拨|回电|回拨|致电)|"
    rf"(?<![给对向跟找让叫要骂催逼问]){_I}{_ADVERB}(?:给|向)[^{_STOP}]{{1,16}}?(?:打|发)"
)
_OWN_WAY = re.compile(rf"{_I}{_ADVERB}(?:去|到|联系|找|问|加)[^{_STOP}]*$")
_TOLD_ME = rf"(?:告诉{_I}|[跟和对向同]{_I}(?:说|讲|提)|转述|转告{_I})"
_HEARSAY = re.compile(
    rf"听闻|听说|据说|据悉|得知|(?:听|据)[^{_STOP}]{{0,12}}?(?:说|讲|称|反映|介绍|提起|告诉)|"
    rf"[^{_STOP}]{{0,12}}?{_TOLD_ME}|给{_I}看|转发给?{_I}|(?<!我)(?<!我的)(?<!本人)手机[上里]"
)
_UNSURE = re.compile(r"有没有|是不是|是否|记不清|不记得|不清楚|不知道是谁")
_DENIED = re.compile(
    r"(?:没有?(?!开|还|接(?!到)|理|钱|在|回|过多|多久|几|等|想)|从未|从不|未[曾有]|未(?=打|来|上|到|接到|给)|"
    r"不曾|并未|不是)(?:(?!就|却|但|直接|反而)[^，,。；;、]){0,10}$"
)
_NOT_COME = re.compile(rf"没有?(?:再)?(?:来|出现)过?(?=[{_STOP}]|$)")
_NOBODY = re.compile(r"(?:没有?|不是)(?:人叫|叫)?$")
_TO_SOMEBODY = re.compile(
    rf"(?:给|找|骂|联系)(?:了|过|到)?(?:[她他]|{_I}(?:的)?(?:妈|爸|母|父|老婆|老公|妻|丈夫|哥|弟|姐|妹|儿|女|爷|奶|"
    r"外|舅|叔|姨|姑|岳|公公|婆婆|家人|亲戚|朋友|同事|同学|领导|老板))"
)
_REACHED = re.compile(
    rf"(?:[她他]|{_I}(?:的)?(?:妈|爸|母|父|老婆|老公|妻|丈夫|哥|弟|姐|妹|儿|女|爷|奶|外|舅|叔|姨|姑|岳|朋友|同事|同学|"
    rf"领导|老板))[^{_STOP}]{{0,4}}?(?:接到|接听|收到)"
)
_INTRODUCES = re.compile(r"(?:自称|名叫|叫|叫做|是|为|署名|号码|来电|电话|姓名)[:：]?$")
_RECEIVED = re.compile(r"接|收到")
_TO_ME = re.compile(
    rf"当着{_I}|在{_I}(?:的)?面前|{_I}(?:也)?(?:在场|看见|看到|听见|听到|亲眼|接)|"
    rf"[给找对向跟问骂叫让]{_I}(?!的?[妈爸母父老妻丈哥弟姐妹儿女爷奶外舅叔姨姑岳公婆家亲朋同领])"
)
_OBJECT = re.compile(
    r"(?:打给|给|向|对|跟|找|问|联系|拨打|回拨|回电|欠了?|还了?|还给|借了?|帮|替|告诉|通知|转告|找到|加了?)(?:了|过)?$"
)


@dataclass(frozen=True, slots=True)
class Act:
    """`party` of a creditor's side reached the speaker by `channel`; `day_only` as in `When`.

    `said` is what the sentence tells beyond the act itself, numbers left out.
    """

    channel: Channel
    party: Party
    at: datetime
    day_only: bool
    said: str


@dataclass(frozen=True, slots=True)
class _Mention:
    at: int
    party: Party


def act_in(sentence: str, speaker: Party | None, people: People) -> Act | None:
    """The act of a creditor's side that `sentence` tells of its speaker, None for none."""
    text = _BRACKETS.sub(lambda m: " " * len(m[0]), sentence)
    dated = when(text)
    found = channel_of(text, dated.end) or channel_of(text) if dated else None
    if dated is None or found is None:
        return None
    channel, start, end = found
    within = start if channel is Channel.OTHER else end
    actor = _actor(sentence, speaker, people)
    if actor is None or actor.party.creditor is None or not _is_doer(text, start, within, actor.at):
        return None
    if _is_refused(text, start, actor.at) or _is_to_another(text, _others(speaker, people)):
        return None
    told = when(text, max(start, dated.end)) or dated
    said = text[start if channel is Channel.OTHER else end :]
    return Act(
        channel, actor.party, told.at, told.day_only, _NUMBER.sub("", said).strip(_STOP + " ")
    )


def channel_of(text: str, start: int = 0) -> tuple[Channel, int, int] | None:
    """The channel of the first act that `text` tells from `start` on, where it begins and ends."""
    hits = [
        (match.start(), place, channel, match.end())
        for place, (channel, pattern) in enumerate(_ACT)
        if (match := pattern.search(text, start))
    ]
    if not hits:
        return None
    at, _, channel, end = min(hits)
    return channel, at, end


def denies(text: str) -> bool:
    """Whether `text` says that what it tells did not happen or was the writer's own call."""
    found = channel_of(text)
    if found is None:
        return _NOT_COME.search(text) is not None
    own = _OWN_CALL.search(text)
    return _is_denied(text, 0, found[1]) or (own is not None and own.start() <= found[1])


def _is_denied(text: str, start: int, end: int) -> bool:
    return _DENIED.search(text, start, end) is not None or _UNSURE.search(text, 0, end) is not None


def _is_refused(text: str, act: int, actor: int) -> bool:
    """Hearsay, denied, unsure, the speaker's own act, or done to somebody else."""
    heard = _HEARSAY.search(text)
    if heard is not None and heard.end() <= actor:
        return True
    if _is_denied(text, actor if actor < act else 0, act) or _NOBODY.search(text, 0, actor):
        return True
    return _is_own(text, act, actor)


def _is_doer(text: str, act: int, within: int, actor: int) -> bool:
    """Whether the one named does the act: named before it, within it, or introduced after it."""
    if actor <= within:
        return True
    return (
        _RECEIVED.match(text, act) is not None
        or _INTRODUCES.search(text[:actor].rstrip(" （(")) is not None
    )


def _others(speaker: Party | None, people: People) -> tuple[str, ...]:
    """Names of people on no creditor's side, the speaker left out."""
    listed = (p for p in people.parties.values() if p.creditor is None and p != speaker)
    return tuple(p.name for p in listed if len(p.name) >= 2)


def _is_to_another(text: str, names: Sequence[str]) -> bool:
    """Whether the act reached somebody else only, the speaker not being there."""
    if _TO_ME.search(text):
        return False
    if _TO_SOMEBODY.search(text) or _REACHED.search(text):
        return True
    listed = "|".join(map(re.escape, names))
    return bool(listed) and bool(
        re.search(rf"(?:给|找|联系|到)(?:了|过|到)?(?:{listed})", text)
        or re.search(rf"(?:{listed})[^{_STOP}]{{0,4}}?(?:接到|接听|收到)", text)
    )


def _is_own(text: str, act: int, actor: int) -> bool:
    own = _OWN_CALL.search(text)
    if own is not None and own.start() < max(actor, act):
        return not own.start() < actor < own.end()
    return _OWN_WAY.search(text, 0, actor) is not None


def _actor(sentence: str, speaker: Party | None, people: People) -> _Mention | None:
    """The first party named that is not the speaker, the debtor or an object of what is done.

    None too where two sides share the name.
    """
    named = [m for m in _mentions(sentence, people) if not _is_object(sentence, m, speaker)]
    if not named:
        return None
    first = min(named, key=lambda m: m.at)
    sides = {m.party.creditor for m in named if m.at == first.at}
    return first if len(sides) == 1 else None


def _is_object(sentence: str, mention: _Mention, speaker: Party | None) -> bool:
    ahead = sentence[: mention.at].rstrip(" （(")
    return (
        mention.party.role is Role.DEBTOR
        or mention.party == speaker
        or (_OBJECT.search(ahead) is not None)
    )


def _mentions(sentence: str, people: People) -> Iterator[_Mention]:
    for match in _NUMBER.finditer(sentence):
        number = canonical(match[0])
        party = people.of(number) if number else None
        if party is not None:
            yield _Mention(match.start(), party)
    for party in people.parties.values():
        place = sentence.find(party.name) if len(party.name) >= 2 else -1
        if place >= 0:
            yield _Mention(place, party)
