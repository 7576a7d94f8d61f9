"""Reasons that come from the gate's own state, not from a rule; the codes never change."""

from jiedun.gate.interface import Effect, Reason
from jiedun.model.text import Words

UNKNOWN_DEBTOR = "unknown:debtor"
CLOCK_SKEW = "clock_skew"
STORE_UNAVAILABLE = "store_unavailable"
READER_UNAVAILABLE = "reader_unavailable"

_WORDS = {
    UNKNOWN_DEBTOR: Words(
        "没有写明借款人是谁，无法计数，按不放行处理",
        "the debtor is not named, nothing can be counted: forbidden",
    ),
    CLOCK_SKEW: Words(
        "计划时间与本机时钟相差过大，先核对时钟",
        "the planned time is too far from this machine's clock; check the clocks",
    ),
    STORE_UNAVAILABLE: Words(
        "存储写不进去，没有留下记录就不放行",
        "the store cannot be written; without a record nothing is let through",
    ),
    READER_UNAVAILABLE: Words(
        "要说的话没能读懂，按不放行处理", "the words to be said could not be read: forbidden"
    ),
}


def own_reason(code: str) -> Reason:
    """The reason with this code, which forbids."""
    return Reason(code, Effect.FORBID, _WORDS[code])
