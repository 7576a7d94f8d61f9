"""Which files of the store go into a package."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jiedun.errors import ProofError
from jiedun.evidence.custody.store import Kept

STORY = "story.md"


def read_findings(path: Path) -> tuple[bytes, Any]:
    """The bytes of findings.json and what they hold; ProofError when that is not JSON."""
    try:
        content = path.read_bytes()
        return content, json.loads(content.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ProofError(
            "the findings cannot be read", where=path.name, next_step="run jiedun check again"
        ) from error


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def cited(findings: Any, kept: Sequence[Kept]) -> set[str]:
    """The kept paths that the findings name: in an item (`path#n`), a fact or a place; for a
    member of an archive (`a.zip!/b#1`) the archive."""
    paths = {k.path for k in kept}
    found = set()
    for text in _texts(_core(findings)):
        for name in (text, text.rpartition("#")[0], text.partition("!/")[0]):
            if name in paths:
                found.add(name)
    return found


def _core(findings: Any) -> Any:
    """The findings themselves, without lists of everything that was read."""
    if isinstance(findings, dict) and "findings" in findings:
        return findings["findings"]
    return findings


def restricted(findings: Any, paths: set[str]) -> Any:
    """The findings without what they say of files outside `paths`: the list of files, the problems
    and the undecided questions of the whole folder."""
    if not isinstance(findings, dict):
        return findings
    kept = {**findings, "unknown": [], "questions": []} if "unknown" in findings else {**findings}
    for name in ("files", "problems"):
        if isinstance(kept.get(name), list):
            kept[name] = [f for f in kept[name] if _path(f).partition("!/")[0] in paths]
    return kept


def _path(entry: Any) -> str:
    return str(entry.get("path", "")) if isinstance(entry, dict) else ""


def stale(findings: Any, kept: Sequence[Kept]) -> list[str]:
    """The paths whose content, as the findings state it in an item, is not the one kept."""
    now = {k.path: k.sha256 for k in kept}
    wrong = set()
    for item in _items(_core(findings)):
        path = item["id"].rpartition("#")[0].partition("!/")[0]
        inside = "!/" in item["id"] and path in now
        if not inside and now.get(path) != item["sha256"]:
            wrong.add(path)
    return sorted(wrong)


def _items(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and isinstance(value.get("sha256"), str):
            yield value
        for inner in value.values():
            yield from _items(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _items(inner)


def choose(kept: Sequence[Kept], findings: Any | None, *, only: str, story: bool) -> list[Kept]:
    """The files of a package, in path order. `cited` takes what the findings name, `all` takes
    everything; the person's own story goes only when `story` asks for it. ProofError when
    nothing is left."""
    wanted = {k.path for k in kept} if only == "all" else cited(findings, kept)
    wanted.discard(STORY)
    chosen = [k for k in kept if k.path in wanted or (story and k.path == STORY)]
    if not chosen:
        raise ProofError(
            "there is nothing to seal",
            why="no finding names a file" if only != "all" else "the folder holds no evidence",
            next_step="use --only all to seal every file" if only != "all" else "",
        )
    return chosen
