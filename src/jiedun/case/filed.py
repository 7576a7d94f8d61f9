"""What was handed in, to whom, with which number and answer: `filed.jsonl` in the results folder.

One line an entry, appended and never changed: a later line for the same channel, creditor and day
adds to the earlier one. The file is written whole, so that a kill leaves the old or the new one.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from jiedun.case.output import write_whole
from jiedun.errors import BadValue, Place, UnreadableFile
from jiedun.law import channel
from jiedun.remedies.values import Filed

NAME = "filed.jsonl"
_LABELS_ZH = ("放贷方：", "编号：", "受理：", "答复：", "内容：")
_LABELS_EN = ("creditor: ", "number: ", "accepted: ", "answered: ", "answer: ")


def default_out(folder: Path) -> Path:
    """Where the results of a case folder lie unless told otherwise."""
    return folder.with_name(folder.name + ".jiedun")


def read_filed(out: Path) -> tuple[Filed, ...]:
    """What was filed, in order of time; later lines of one filing merged into it."""
    merged: dict[tuple[str, str | None, date], Filed] = {}
    for entry in _lines(out / NAME):
        key = (entry.channel, entry.creditor, entry.on)
        merged[key] = _merge(merged[key], entry) if key in merged else entry
    return tuple(sorted(merged.values(), key=lambda f: (f.on, f.channel, f.creditor or "")))


def record(out: Path, entry: Filed) -> tuple[Filed, ...]:
    """Everything filed after `entry` was appended; errors as `write_whole`."""
    path = out / NAME
    old = _text(path)
    line = json.dumps(as_json(entry), ensure_ascii=False)
    write_whole(path, f"{old}{line}\n")
    return read_filed(out)


def line_of(entry: Filed, lang: str) -> str:
    """The entry on one line for people."""
    name = channel(entry.channel).name.of(lang)
    labels = _LABELS_EN if lang == "en" else _LABELS_ZH
    values = (entry.creditor, entry.number, entry.accepted, entry.answered, entry.answer)
    parts = [f"{label}{value}" for label, value in zip(labels, values, strict=True) if value]
    return "  ".join([f"{entry.on}  {name}", *parts])


def _merge(old: Filed, new: Filed) -> Filed:
    return replace(
        old,
        number=new.number or old.number,
        accepted=new.accepted or old.accepted,
        answered=new.answered or old.answered,
        answer=new.answer or old.answer,
    )


def _text(path: Path) -> str:
    try:
        text = path.read_text("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            "已提交记录读不了 / the list of what was filed cannot be read",
            where=str(path),
            why=type(error).__name__,
            next_step="另存这个文件后再试 / move the file away and try again",
        ) from error
    return text if not text or text.endswith("\n") else text + "\n"


def _lines(path: Path) -> Iterator[Filed]:
    for n, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield _entry(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadValue(
                "这一行不是提交记录 / this line is no record of a filing",
                where=Place(NAME, str(n)),
                next_step="改正或删去这一行 / correct or remove the line",
            ) from error


def as_json(entry: Filed) -> dict[str, str | None]:
    """The entry as one line of `filed.jsonl` holds it."""
    return {
        "channel": entry.channel,
        "creditor": entry.creditor,
        "on": entry.on.isoformat(),
        "number": entry.number,
        "accepted": _iso(entry.accepted),
        "answered": _iso(entry.answered),
        "answer": entry.answer,
    }


def _entry(row: dict[str, str | None]) -> Filed:
    return Filed(
        channel=str(row["channel"]),
        on=date.fromisoformat(str(row["on"])),
        number=row.get("number") or "",
        accepted=_day(row.get("accepted")),
        answered=_day(row.get("answered")),
        answer=row.get("answer") or "",
        creditor=row.get("creditor"),
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
