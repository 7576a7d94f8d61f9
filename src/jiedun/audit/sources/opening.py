"""Which format a file is in, by what it holds, and the file opened as that."""

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from jiedun.audit.sources import asterisk, collection, freeswitch
from jiedun.audit.sources.interface import Lines, Opened, name, selected, text
from jiedun.audit.sources.lines import csv_table, first_lines, headed, in_utf8, numbered
from jiedun.errors import UnreadableFile
from jiedun.model.contact_record import COLUMNS

PARQUET = (".parquet", ".pq")
TEXTS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson")
_OURS = frozenset(c.name for c in COLUMNS)
_LONGEST = 64 << 20


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The paths with every folder replaced by the files of contacts below it, in order of name."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            known = (p for p in path.rglob("*") if p.suffix.lower() in (*PARQUET, *TEXTS))
            found += sorted(p for p in known if p.is_file())
        else:
            found.append(path)
    return found


def open_source(db: duckdb.DuckDBPyConnection, path: Path, work: Path) -> Opened:
    """The file opened; UnreadableFile where it is of no kind that is read."""
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        source = f"read_parquet({text(str(path))}, file_row_number = true)"
        told = db.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}").fetchall()
        held = {r[0].lower(): r[1] for r in told}
        base = f"(SELECT *, file_row_number + 1 AS row_no FROM {source})"
        return _by_columns(tuple(held), held, base, None, None)
    if suffix not in TEXTS:
        raise UnreadableFile(f"{suffix or 'this'} is no kind of file an audit reads")
    ready = in_utf8(path, work)
    copy = ready if ready != path else None
    sample = first_lines(ready)
    if not sample:
        raise UnreadableFile("the file is empty")
    if sample[0].lstrip()[:1] in ("{", "["):
        return _json(db, ready, sample[0], copy)
    lines = asterisk.shape(sample) or headed(sample[0])
    base = numbered(csv_table(ready, lines))
    held = dict.fromkeys(lines.columns, "VARCHAR")
    return _by_columns(lines.columns, held, base, lines, copy)


def _by_columns(
    columns: tuple[str, ...],
    held: dict[str, str],
    base: str,
    lines: Lines | None,
    copy: Path | None,
) -> Opened:
    """Our own columns where the head names them, else one of the formats that has these."""
    if {"id", "at", "channel"} <= set(columns) or not _foreign(columns):
        told = {c: kind for c, kind in held.items() if c in _OURS}
        own = selected({c: f"f.{name(c)}" for c in told})
        return Opened("own", base, told, own, lines=lines, copy=copy)
    if set(columns) >= asterisk.NEEDED:
        made = asterisk.columns(columns)
        return _opened("asterisk", base, made, lines, copy, ends=True)
    if set(columns) >= freeswitch.CSV_NEEDED:
        return _opened("freeswitch", base, freeswitch.csv_columns(), lines, copy, ends=True)
    return _opened("collection", base, collection.columns(columns), lines, copy, ends=False)


def _foreign(columns: tuple[str, ...]) -> bool:
    held = set(columns)
    return held >= asterisk.NEEDED or held >= freeswitch.CSV_NEEDED or collection.fits(columns)


def _opened(
    label: str,
    base: str,
    made: dict[str, str],
    lines: Lines | None,
    copy: Path | None,
    *,
    ends: bool,
) -> Opened:
    held = dict.fromkeys(made, "VARCHAR")
    return Opened(
        label, base, held, selected(made), says_who=False, ends=ends, lines=lines, copy=copy
    )


def _json(db: duckdb.DuckDBPyConnection, path: Path, first: str, copy: Path | None) -> Opened:
    """Records of calls as JSON: one a line, or whole documents and arrays."""
    if _whole(first) or len(first) >= _LONGEST:
        base = f"(SELECT record, row_number() OVER () AS row_no FROM {_line_table(path)})"
    else:
        source = f"read_json_objects({text(str(path))}, format = 'auto', maximum_object_size = {_LONGEST})"
        base = f"(SELECT CAST(json AS VARCHAR) AS record, row_number() OVER () AS row_no FROM {source})"
        db.execute(f"SELECT count(*) FROM {source}")  # a document cut off is said of the file
    return Opened(
        "freeswitch", base, freeswitch.JSON_HELD, freeswitch.json_mapped,
        says_who=False, ends=True, copy=copy,
    )  # fmt: skip


def _line_table(path: Path) -> str:
    """Every line of a file as one text, whatever it holds."""
    return (
        f"read_csv({text(str(path))}, columns = {{'record': 'VARCHAR'}}, auto_detect = false, "
        "header = false, delim = '\x01', quote = '', escape = '', ignore_errors = true, "
        f"store_rejects = true, max_line_size = {_LONGEST})"
    )


def _whole(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
