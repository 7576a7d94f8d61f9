"""Texts with the personal information in them masked, or replaced by stable pseudonyms."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence

from jiedun.model.personal import PersonalType as P
from jiedun.model.personal import Span
from jiedun.reading.pii import find

_NAMES = {
    P.CN_ID: "身份证", P.CN_MOBILE: "手机", P.CN_LANDLINE: "座机", P.BANK_CARD: "银行卡",
    P.PASSPORT: "护照", P.PLATE: "车牌", P.EMAIL: "邮箱", P.PERSON: "人名", P.ADDRESS: "地址",
    P.WECHAT_ID: "微信", P.QQ: "QQ", P.USCC: "信用代码", P.IP: "IP",
}  # fmt: skip
_SHOWN = {
    P.CN_ID: (4, 1), P.CN_MOBILE: (3, 4), P.CN_LANDLINE: (3, 2), P.BANK_CARD: (4, 4),
    P.PASSPORT: (1, 2), P.PLATE: (2, 1), P.PERSON: (1, 0), P.WECHAT_ID: (1, 1), P.QQ: (1, 2),
    P.USCC: (2, 2), P.IP: (0, 0), P.ADDRESS: (3, 0),
}  # fmt: skip


def masked(span: Span) -> str:
    """The value with its middle starred: `138****1234`; a mail address keeps its domain."""
    if span.type is P.EMAIL:
        local, _, domain = span.value.partition("@")
        return f"{local[:1]}***@{domain}"
    letters = [c for c in span.value if c.isalnum()]
    head, tail = _SHOWN[span.type]
    if len(letters) <= head + tail:
        return "*" * len(letters)
    hidden = len(letters) - head - tail
    return "".join(letters[:head]) + "*" * hidden + "".join(letters[len(letters) - tail :])


def pseudonyms(key: bytes) -> Callable[[Span], str]:
    """A replacer: the same value of the same type always gets the same name, such as `人名-3f9a1c`.

    Keyed (HMAC-SHA-256, 6 hex digits shown): without the key nobody can try values out. Spaces
    and hyphens inside a number make no difference.
    """

    def replace(span: Span) -> str:
        value = "".join(c for c in span.value if c.isalnum()).lower()
        digest = hmac.digest(
            key, f"{span.type}\0{value}".encode("utf-8", "replace"), hashlib.sha256
        )
        return f"{_NAMES[span.type]}-{digest.hex()[:6]}"

    return replace


def replaced(text: str, spans: Iterable[Span], replace: Callable[[Span], str] = masked) -> str:
    """The text with every span put through `replace`."""
    out, at = [], 0
    for span in sorted(spans, key=lambda s: s.start):
        out += [text[at : span.start], replace(span)]
        at = span.end
    return "".join([*out, text[at:]])


def mask(
    text: str,
    *,
    replace: Callable[[Span], str] = masked,
    only: Sequence[P] | None = None,
) -> str:
    """The text with personal information masked; `only` limits the types."""
    spans = [s for s in find(text) if only is None or s.type in only]
    return replaced(text, spans, replace)
