"""The whole of `jiedun check`: check, keep, compose, write."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from jiedun.case.check import Checked, check
from jiedun.case.report import compose
from jiedun.case.save import keep_evidence, save
from jiedun.evidence.gather import Progress
from jiedun.model.reading import Message, Reading
from jiedun.model.report import Report
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.present.report import warm
from jiedun.reading import conduct

Tier = Literal["auto", "fast", "deep"]
DEEP_UP_TO = 400
"""So many messages the careful reader takes in a few seconds; `auto` reads more with the fast one."""

_FAST = Words(
    zh="消息很多，文字内容用的是快速阅读档，比细读档更容易看漏或看错；加 --tier deep 可以全部细读（较慢）",
    en="There are many messages: their words were read by the fast reader, which misses and errs more"
    " than the careful one; --tier deep reads all of them carefully, and slowly",
)


@dataclass(slots=True)
class _Reader:
    """Reads messages by the tier asked for and remembers whether the fast one was taken."""

    tier: Tier
    fast: bool = False

    def __call__(self, messages: Sequence[Message]) -> list[Reading]:
        if not messages:
            return []
        hasty = self.tier == "fast" or (self.tier == "auto" and len(messages) > DEEP_UP_TO)
        self.fast |= hasty
        return conduct.read(messages, tier="fast" if hasty else "deep")


def check_folder(
    folder: Path,
    out: Path,
    *,
    as_of: date | None = None,
    at: datetime | None = None,
    lang: str = "zh",
    tier: Tier = "auto",
    progress: Progress | None = None,
) -> tuple[Checked, Report]:
    """What was found in `folder` and its report, both written below `out`.

    `at` is the aware instant of the check, now when not given; `as_of` its local day.
    Errors: `UnreadableFile` for no folder or an output that cannot be written, `ProofError` for a
    store that cannot be used.
    """
    with _without_collection():
        return _check_folder(
            folder, out, as_of=as_of, at=at, lang=lang, tier=tier, progress=progress
        )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Holds back the search for cycles: a check builds many records and hardly any cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _check_folder(
    folder: Path,
    out: Path,
    *,
    as_of: date | None,
    at: datetime | None,
    lang: str,
    tier: Tier,
    progress: Progress | None,
) -> tuple[Checked, Report]:
    warm()
    reader = _Reader(tier)
    now = at or datetime.now(SHANGHAI)
    checked = check(
        folder,
        as_of=as_of or now.astimezone(SHANGHAI).date(),
        at=now,
        read=reader,
        progress=progress,
    )
    checked = keep_evidence(checked, out)
    report = compose(checked, saved_as=str(out / "report.html"))
    if reader.fast and tier == "auto":
        report = replace(report, notices=(*report.notices, _FAST))
    save(checked, report, out, lang)
    return checked, report
