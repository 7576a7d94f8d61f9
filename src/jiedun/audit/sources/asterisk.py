"""Asterisk's call records: `cdr_csv` without a head, `cdr_custom` beginning with `clid`, or with a head.

Where `uniqueid` holds the epoch second (`epoch.seq`), the server's zone is recovered from it in
quarters of an hour; otherwise times are Asia/Shanghai. Source: the files `cdr_csv.c` and
`cdr_custom.conf.sample` of Asterisk.
"""

import re

from jiedun.audit.sources.interface import Lines, name, selected
from jiedun.audit.sources.lines import cells

_TAIL = ("start", "answer", "end", "duration", "billsec", "disposition", "amaflags")
_MIDDLE = ("channel", "dstchannel", "lastapp", "lastdata")
MASTER = ("accountcode", "src", "dst", "dcontext", "clid", *_MIDDLE, *_TAIL)
CUSTOM = ("clid", "src", "dst", "dcontext", *_MIDDLE, *_TAIL)
_ENDED = re.compile(r"ANSWERED|NO ANSWER|BUSY|FAILED|CONGESTION|CANCEL", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_UNIQUE = re.compile(r"(?:.*-)?\d{9,10}\.\d+")
NEEDED = frozenset({"src", "dst", "disposition"})


def shape(sample: list[str]) -> Lines | None:
    """How a file without a head is cut, if its lines are call records; a majority of them decides."""
    for base in (MASTER, CUSTOM):
        at, ended = base.index("start"), base.index("disposition")
        rows = [cells(line, ",") for line in sample if line.strip()]
        fits = [
            r for r in rows if len(r) > ended + 1 and _TIME.fullmatch(r[at]) and _ENDED.fullmatch(r[ended])
        ]  # fmt: skip
        if fits and 2 * len(fits) > len(rows):
            width = max(len(r) for r in fits)
            return Lines((*base, *_tail(fits, len(base), width)), ",", head=False)
    return None


def _tail(rows: list[list[str]], start: int, width: int) -> list[str]:
    """Names of the optional columns at the end: the one that holds `epoch.seq` is `uniqueid`."""
    names = [f"more {i}" for i in range(width - start)]
    for i in range(width - start):
        values = [r[start + i] for r in rows if len(r) > start + i]
        if values and all(_UNIQUE.fullmatch(v) for v in values):
            names[i] = "uniqueid"
            break
    return names


def columns(held: tuple[str, ...]) -> dict[str, str]:
    """The audit's columns as expressions over those of the file."""
    start = name("start") if "start" in held else name("calldate")
    unique = "uniqueid" if "uniqueid" in held else None
    seconds = "nullif(trim(billsec), '')" if "billsec" in held else "CAST(NULL AS VARCHAR)"
    shown = "upper(trim(disposition))"
    made = {
        "id": f"nullif(trim({unique}), '') || '/' || dst" if unique else "CAST(NULL AS VARCHAR)",
        "at": _instant(start, unique),
        "channel": "'call'",
        "connected": f"CASE WHEN {shown} = 'ANSWERED' THEN 'true' WHEN {shown} IN ('NO ANSWER', 'BUSY', "
        f"'FAILED', 'CONGESTION', 'CANCEL') THEN 'false' WHEN {shown} <> '' THEN disposition END",
        "seconds": seconds,
        "end_a": "nullif(trim(src), '')",
        "end_b": "nullif(trim(dst), '')",
    }
    if "accountcode" in held:
        made["collector"] = "nullif(trim(accountcode), '')"
    return made


def _instant(start: str, unique: str | None) -> str:
    """The start as text with its zone where `uniqueid` gives it away, else as it stands."""
    if unique is None:
        return start
    epoch = f"TRY_CAST(regexp_extract({unique}, '(\\d{{9,10}})\\.\\d+$', 1) AS BIGINT)"
    wall = f"CAST(epoch(TRY_CAST({start} AS TIMESTAMP)) AS BIGINT)"
    shift = f"CAST(round(({wall} - {epoch}) / 900.0) AS BIGINT) * 900"
    return (
        f"CASE WHEN abs({shift}) <= 50400 THEN CAST({wall} - {shift} AS VARCHAR) ELSE {start} END"
    )


mapped = selected
