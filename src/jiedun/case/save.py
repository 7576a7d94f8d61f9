"""What a check writes: findings.json, report.html, contacts.csv; each file whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

from jiedun.case.check import Checked
from jiedun.case.output import dump, findings_document, plain, write_whole
from jiedun.model.report import Report
from jiedun.model.time import SHANGHAI
from jiedun.present import report as html
from jiedun.present.tables import csv_text

_COLUMNS = (
    "id", "time", "channel", "direction", "outcome", "number", "who", "phone", "creditor",
    "seconds", "text", "findings",
)  # fmt: skip


def save(checked: Checked, report: Report, out: Path, lang: str) -> None:
    """Writes the check's files below `out`; `UnreadableFile` when they cannot be written."""
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "findings.json", dump(document(checked)))
    write_whole(out / "contacts.csv", csv_text(_COLUMNS, _rows(report)))
    write_whole(out / "report.html", html.render(report, lang))


def document(checked: Checked) -> dict[str, object]:
    """The object of findings.json for a checked case."""
    evidence = checked.evidence
    head = {
        "case": checked.folder.name,
        "as_of": checked.as_of.isoformat(),
        "timezone": "Asia/Shanghai",
        "files": [
            {"path": f.path, "sha256": f.sha256, "kind": f.kind, "reader": f.reader, "rows": f.rows}
            for f in evidence.files
        ],
        "problems": [
            {"path": p.path, "at": p.at, "code": p.code, "message": plain(p.message)}
            for p in (*evidence.problems, *checked.people.problems, *checked.loans.problems)
        ],
        "unknown": [
            {
                "rule": u.rule,
                "count": u.count,
                "missing": sorted(u.missing),
                "items": plain(u.items, evidence.hashes),
                "would_settle": plain(u.would_settle),
            }
            for u in checked.unknown
        ],
        "questions": plain(checked.people.questions),
    }
    return findings_document(checked.findings, evidence.hashes, head)


def _rows(report: Report) -> Iterator[tuple[object, ...]]:
    by_item: dict[str, list[str]] = {}
    for finding in report.findings:
        for ref in finding.items:
            by_item.setdefault(str(ref), []).append(finding.id)
    for row in sorted(report.timeline, key=lambda r: (r.at, r.ref)):
        yield (
            str(row.ref),
            row.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            row.channel.value,
            row.direction.value,
            row.outcome.value,
            row.number,
            row.who.zh,
            row.phone.zh,
            row.creditor or "",
            "" if row.duration_s is None else row.duration_s,
            row.text,
            " ".join(by_item.get(str(row.ref), ())),
        )
