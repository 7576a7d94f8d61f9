"""Files of the output folder, each written whole or not at all."""

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiedun.errors import UnreadableFile
from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Cite, Finding
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI

SCHEMA = "jiedun.findings/1"


def write_whole(path: Path, text: str) -> None:
    """Writes `text` as UTF-8; characters that UTF-8 cannot hold become `?`."""
    write_with(path, lambda part: part.write_bytes(text.encode("utf-8", "replace")))


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write` fill a file beside `path` and renames it; `UnreadableFile` when it cannot be."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(part)
        with part.open("rb+") as out:
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise UnreadableFile(
            "输出文件写不进去 / the output cannot be written",
            where=str(path),
            why=error.strerror or "I/O error",
            next_step="换一个有空间、可写的位置：--out DIR / choose a place with room: --out DIR",
        ) from error


def findings_document(
    findings: tuple[Finding, ...], hashes: Mapping[str, str], head: Mapping[str, Any]
) -> dict[str, Any]:
    """The object of findings.json; its JSON Schema is `case/findings.schema.json`."""
    return {"schema": SCHEMA, **head, "findings": [finding_json(f, hashes) for f in findings]}


def finding_json(finding: Finding, hashes: Mapping[str, str]) -> dict[str, Any]:
    """One finding with every item's locator and the hash of its file."""
    return {
        "id": finding.id,
        "rule": finding.rule,
        "rule_version": finding.rule_version,
        "violation": finding.violation,
        "title": _words(finding.title),
        "force": finding.force.value,
        "certainty": finding.certainty.value,
        "severity": finding.severity,
        "creditor": finding.creditor,
        "occurred_at": finding.occurred_at.astimezone(SHANGHAI).isoformat(),
        "items": [_item(ref, hashes) for ref in finding.items],
        "facts": plain(finding.facts, hashes),
        "cites": [_cite(cite) for cite in finding.cites],
        "explanation": _words(finding.explanation),
        "would_settle": [_words(w) for w in finding.would_settle],
        "exceptions": [_words(w) for w in finding.exceptions],
        "channels": list(finding.channels),
        "weighed": finding.weighed,
    }


def _item(ref: ItemRef, hashes: Mapping[str, str]) -> dict[str, str | None]:
    return {"id": str(ref), "sha256": hashes.get(ref.path)}


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _cite(cite: Cite) -> dict[str, Any]:
    return {
        "instrument": cite.instrument,
        "article": cite.article,
        "paragraph": cite.paragraph,
        "item": cite.item,
        "title": _words(cite.title),
        "force": cite.force.value,
        "in_force_from": cite.in_force_from.isoformat() if cite.in_force_from else None,
        "quote": cite.quote,
        "verified": cite.verified,
    }


def plain(value: Any, hashes: Mapping[str, str] | None = None) -> Any:
    """`value` in types of JSON: dates and instants as ISO text, decimals as text."""
    if isinstance(value, Mapping):
        return {str(k): plain(v, hashes) for k, v in value.items()}
    if isinstance(value, ItemRef):
        return _item(value, hashes or {})
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v, hashes) for v in value]
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Words):
        return _words(value)
    return value


def dump(document: Mapping[str, Any]) -> str:
    """The text of findings.json: Chinese as it is, one line a key and one line a finding."""
    head = [f"{_json(key)}: {_json(value)}" for key, value in document.items() if key != "findings"]
    findings = ",\n".join(_json(finding) for finding in document["findings"])
    return "{\n" + ",\n".join([*head, f'"findings": [\n{findings}\n]']) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
