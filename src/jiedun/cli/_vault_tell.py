"""`jiedun vault collect|notice|incident`: what needs no open vault."""

import argparse
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jiedun.cli import _vault_at as at
from jiedun.cli._vault_keep import CONSENTS, rows
from jiedun.errors import InputError, UsageError
from jiedun.model.finding import Cite
from jiedun.model.time import SHANGHAI
from jiedun.vault import incidents, notice
from jiedun.vault.collect import collect


def configure(acts: Any) -> None:
    """Adds these acts."""
    words = "哪些字段可以收集 / what may be collected"
    one = acts.add_parser("collect", help=words, description=words)
    one.add_argument(
        "file", type=Path, help="每行一个 JSON 对象；- 为标准输入 / one JSON object a line"
    )
    one.add_argument("--purpose", action="append", required=True)
    one.set_defaults(do=_collect)
    words = "生成或检查告知书 / draft or check a privacy notice"
    two = acts.add_parser("notice", help=words, description=words)
    two.add_argument("what", choices=("build", "check"))
    two.add_argument("file", type=Path, nargs="?", help="要检查的文本 / the text to check")
    two.set_defaults(do=_notice)
    words = "事件：范围、时限、草稿 / incidents: scope, clocks, drafts"
    three = acts.add_parser("incident", help=words, description=words)
    three.add_argument("log", type=Path, help="访问日志 / the access log")
    three.add_argument("--from", dest="start", required=True, metavar="TIME")
    three.add_argument("--until", required=True, metavar="TIME")
    three.add_argument("--found", required=True, metavar="TIME", help="发现时间 / when found")
    three.add_argument("--by", action="append", default=[], metavar="ACTOR")
    three.add_argument("--persons", type=int, help="人数，缺省据日志 / how many, else from the log")
    three.add_argument("--as", dest="roles", action="append", default=[],
                       choices=("critical_infrastructure", "pboc"))  # fmt: skip
    three.set_defaults(do=_incident)
    for parser in (one, two, three):
        parser.add_argument("--register", type=Path, help="登记册 / the register of purposes")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="哪一天的法律 / law of which day")


def _day(args: argparse.Namespace) -> date:
    if args.on is None:
        return datetime.now(SHANGHAI).date()
    try:
        return date.fromisoformat(args.on)
    except ValueError:
        raise UsageError("--on: 不是日期 / not a date (YYYY-MM-DD)") from None


def _cite(cite: Cite | None) -> dict[str, Any] | None:
    if cite is None:
        return None
    return {
        "instrument": cite.instrument,
        "article": cite.article,
        "item": cite.item,
        "quote": cite.quote,
        "verified": cite.verified,
    }


def _collect(args: argparse.Namespace) -> int:
    on, register, partly = _day(args), at.register(args), False
    for number, row in rows(args.file):
        values = {name: value for name, value in row.items() if name != CONSENTS}
        found = collect(register, values, args.purpose, on)
        partly = partly or bool(found.refused)
        print(
            json.dumps(
                {
                    "line": number,
                    "keep": sorted(found.kept),
                    "refused": [
                        {
                            "field": r.field,
                            "code": r.code,
                            "why": r.words.of(args.lang),
                            "cites": [_cite(c) for c in r.cites],
                        }
                        for r in found.refused
                    ],
                    "missing": list(found.missing),
                    "consent_needed": [list(c) for c in found.consent_needed],
                    "service": found.service,
                },
                ensure_ascii=False,
            )
        )
    return 3 if partly else 0


def _notice(args: argparse.Namespace) -> int:
    if args.what == "build":
        print(notice.build(at.register(args)), end="")
        return 0
    if args.file is None:
        raise UsageError("notice check FILE: 要检查哪个文件 / which file?")
    try:
        raw = sys.stdin.buffer.read() if str(args.file) == "-" else args.file.read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the notice cannot be read as UTF-8", where=args.file.name) from error
    register = at.register(args) if args.register else None
    checked = notice.check(text, _day(args), register)
    if args.json:
        print(json.dumps([_checked(c) for c in checked], ensure_ascii=False, indent=1))
    else:
        _say(checked, args.lang)
    return 4 if notice.missing(checked) else 0


def _checked(one: notice.Checked) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": {"zh": one.title.zh, "en": one.title.en},
        "state": one.state,
        "words": one.words,
        "certain": one.certain,
        "cite": _cite(one.cite),
    }


_STATE = {
    "stated": ("有", "stated"),
    "missing": ("缺", "missing"),
    "not_asked": ("未涉及", "not asked for"),
}


def _say(checked: list[notice.Checked], lang: str) -> None:
    for one in checked:
        state = _STATE[one.state][lang == "en"]
        clause = f"{one.cite.title.of(lang)}#{one.cite.article}" if one.cite else ""
        print(f"{state:<4} {one.title.of(lang)}  [{clause}]  {one.words[:40]}")
    print(
        "按词语检查：写到不等于写得真实、清楚，须经人核对。"
        if lang != "en"
        else "Checked by words: stated does not mean true or clear; a person must read it."
    )


def time(text: str) -> datetime:
    """The instant typed; without a zone it is Shanghai's. UsageError where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("时间应写成 2026-03-02T09:00 / a time reads 2026-03-02T09:00") from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def deadline(one: incidents.Deadline, lang: str) -> dict[str, Any]:
    """Whom to tell by when, for machines."""
    return {
        "whom": one.whom.of(lang),
        "until": one.until.isoformat() if one.until else None,
        "words": one.words.of(lang),
        "certain": one.certain,
        "cite": _cite(one.cite),
    }


def _incident(args: argparse.Namespace) -> int:
    window = (time(args.start), time(args.until))
    found_at = time(args.found)
    scope = incidents.scope(args.log, window, args.by)
    persons = len(scope.subjects) if args.persons is None else args.persons
    graded = incidents.grade(persons, found_at.astimezone(SHANGHAI).date())
    incident = incidents.Incident("draft", found_at, window, "")
    register = at.register(args)
    due = incidents.deadlines(found_at, persons, args.roles)
    answer = {
        "persons": persons,
        "reads": scope.reads,
        "masked_only": scope.masked,
        "fields": dict(scope.fields),
        "actors": dict(scope.actors),
        "grade": {
            "id": graded.grade,
            "words": graded.title.of(args.lang),
            "certain": graded.certain,
        },
        "deadlines": [deadline(d, args.lang) for d in due],
        "notice_draft": incidents.notice_to_people(incident, scope, register),
        "report_draft": incidents.report_to_authority(incident, scope, register),
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    return 0
