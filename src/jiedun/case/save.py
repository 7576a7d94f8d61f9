"""What a check writes: findings.json, report.html, tables/*.csv; each file whole or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from jiedun.case.check import Checked
from jiedun.case.output import dump, findings_document, plain, write_whole, write_with
from jiedun.evidence.custody.keep import keep
from jiedun.evidence.custody.store import Store
from jiedun.model.report import Question, Report
from jiedun.model.text import Words
from jiedun.present import report as html
from jiedun.present import tables


def save(checked: Checked, report: Report, out: Path, lang: str) -> None:
    """Writes the check's files below `out`; `UnreadableFile` when they cannot be written."""
    write_whole(out / "findings.json", dump(document(checked, report.questions)))
    for table in tables.report_tables(report, lang):
        write_with(out / "tables" / f"{table.name}.csv", partial(tables.write_csv, table))
    write_whole(out / "report.html", html.render(report, lang))


def keep_evidence(checked: Checked, out: Path) -> Checked:
    """`checked` with every file of the folder kept by content hash in `out/store`, custody logged.

    A file that cannot be kept becomes a problem; ProofError when the store itself cannot be used.
    """
    with Store(out) as store:
        report = keep(checked.evidence, checked.folder, store)
    return replace(checked, not_kept=report.problems)


def document(checked: Checked, questions: Sequence[Question]) -> dict[str, object]:
    """The object of findings.json for a checked case and the questions of its report."""
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
            for p in checked.problems
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
        "questions": [_asked(question) for question in questions],
    }
    return findings_document(checked.findings, evidence.hashes, head)


def _asked(question: Question) -> object:
    if question.line is None:
        return plain(question.ask)
    ask, line = question.ask, question.line
    return plain(Words(f"{ask.zh}：{line}", f"{ask.en}: {line}"))
