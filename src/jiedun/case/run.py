"""The whole of `jiedun check`: check, keep, compose, write."""

from datetime import date, datetime
from pathlib import Path
from typing import Literal

from jiedun.case.check import Checked, check
from jiedun.case.report import compose
from jiedun.case.save import keep_evidence, save
from jiedun.evidence.gather import Progress
from jiedun.model.report import Report
from jiedun.model.time import SHANGHAI
from jiedun.present.report import warm
from jiedun.reading import conduct


def check_folder(
    folder: Path,
    out: Path,
    *,
    as_of: date | None = None,
    at: datetime | None = None,
    lang: str = "zh",
    tier: Literal["fast", "deep"] = "deep",
    progress: Progress | None = None,
) -> tuple[Checked, Report]:
    """What was found in `folder` and its report, both written below `out`.

    `at` is the aware instant of the check, now when not given; `as_of` its local day.
    Errors: `UnreadableFile` for no folder or an output that cannot be written, `ProofError` for a
    store that cannot be used.
    """
    warm()
    now = at or datetime.now(SHANGHAI)
    checked = check(
        folder,
        as_of=as_of or now.astimezone(SHANGHAI).date(),
        at=now,
        read=lambda messages: conduct.read(messages, tier=tier),
        progress=progress,
    )
    checked = keep_evidence(checked, out)
    report = compose(checked, saved_as=str(out / "report.html"))
    save(checked, report, out, lang)
    return checked, report
