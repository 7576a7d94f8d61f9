"""`jiedun vault incidents open|step|measure|show`: the book of incidents of a vault."""

import argparse
import json
from pathlib import Path
from typing import Any

from jiedun.chain.log import Log
from jiedun.cli import _vault_at as at
from jiedun.cli._vault_tell import deadline, time
from jiedun.errors import UsageError
from jiedun.vault import incident_book as book
from jiedun.vault import incidents
from jiedun.vault.incidents import Incident, Stage


def configure(acts: Any) -> None:
    """Adds this act."""
    words = "事件簿：从怀疑到结案 / the book of incidents, from suspicion to the closed report"
    one: argparse.ArgumentParser = acts.add_parser("incidents", help=words, description=words)
    one.add_argument("what", choices=("open", "step", "measure", "show"))
    one.add_argument("id", nargs="?", default="")
    one.add_argument(
        "--at", type=Path, required=True, metavar="DIR", help="保险库文件夹 / the vault"
    )
    one.add_argument("--from", dest="start", metavar="TIME")
    one.add_argument("--until", metavar="TIME")
    one.add_argument("--found", metavar="TIME", help="发现时间 / when found")
    one.add_argument("--cause", default="")
    one.add_argument("--to", choices=[s.value for s in Stage])
    one.add_argument("--note", default="", help="不写个人信息 / no personal information")
    one.add_argument("--as", dest="roles", action="append", default=[],
                     choices=("critical_infrastructure", "pboc"))  # fmt: skip
    one.set_defaults(do=_run)


def _run(args: argparse.Namespace) -> int:
    path = args.at / "incidents.log"
    known = book.read(path)
    if args.what == "show" and not args.id:
        print(json.dumps([_short(one) for one in known.values()], ensure_ascii=False, indent=1))
        return 0
    if args.what == "open":
        if not (args.start and args.until and args.found):
            raise UsageError("open --from TIME --until TIME --found TIME")
    elif args.id not in known:
        raise UsageError(f"没有这个事件 / no such incident: {', '.join(known) or '-'}")
    one = known.get(args.id)
    if args.what != "show":
        one = _changed(args, path, one)
    assert one is not None
    print(json.dumps(_told(args, one), ensure_ascii=False, indent=1))
    return 0


def _changed(args: argparse.Namespace, path: Path, one: Incident | None) -> Incident:
    now = at.now()
    with Log.open(path, clock=at.now, wait_s=10.0) as log:
        if one is None:
            window = (time(args.start), time(args.until))
            return book.begin(log, time(args.found), window, args.cause, now)
        if args.what == "measure":
            return book.measure(log, one, args.note, now)
        if args.to is None:
            raise UsageError("step ID --to STAGE")
        return book.step(log, one, Stage(args.to), args.note, now)


def _short(one: Incident) -> dict[str, Any]:
    return {"id": one.id, "stage": one.stage, "found_at": one.found_at.isoformat()}


def _told(args: argparse.Namespace, one: Incident) -> dict[str, Any]:
    log, register = args.at / "access.log", at.register(args)
    none = incidents.Scope(frozenset(), {}, {}, {}, 0, 0)
    scope = incidents.scope(log, one.window) if log.exists() else none
    due = incidents.deadlines(one.found_at, len(scope.subjects), args.roles)
    return {
        **_short(one),
        "persons": len(scope.subjects),
        "fields": dict(scope.fields),
        "measures": list(one.measures),
        "timeline": [[t.isoformat(), stage, note] for t, stage, note in one.timeline],
        "deadlines": [deadline(d, args.lang) for d in due],
        "notice_draft": incidents.notice_to_people(one, scope, register),
        "report_draft": incidents.report_to_authority(one, scope, register),
    }
