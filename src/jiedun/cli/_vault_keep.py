"""`jiedun vault init|put|read|find|erase|consent|request|rotate|sweep|verify`."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from jiedun.chain.files import write_new
from jiedun.cli import _vault_at as at
from jiedun.errors import InputError, UsageError
from jiedun.vault import access, change, consent_acts, export, retention, rights, rings
from jiedun.vault.admit import take
from jiedun.vault.consent import Act, Scope
from jiedun.vault.wire import given_in

CONSENTS = "consents"


def configure(acts: Any) -> None:
    """Adds these acts."""
    init = _act(acts, "init", "新建保险库 / make a vault", _init)
    init.add_argument("--profile", choices=("intl", "gm"), default="intl", help="gm = SM4/SM3")
    put = _act(acts, "put", "存入（每行一个 JSON 对象）/ put away, one JSON object a line", _put)
    put.add_argument("file", type=Path)
    put.add_argument("--purpose", action="append", required=True)
    read = _act(acts, "read", "按目的读取 / read for a purpose", _read)
    read.add_argument("subject")
    read.add_argument("fields", nargs="+")
    read.add_argument("--purpose", required=True)
    find = _act(acts, "find", "按号码查找 / look up by number", _find)
    find.add_argument("field")
    find.add_argument("value")
    find.add_argument("--purpose", required=True)
    erase = _act(acts, "erase", "删除（销毁密钥）/ erase by destroying the key", _erase)
    erase.add_argument("subject")
    erase.add_argument("--why", required=True)
    _consent(_act(acts, "consent", "同意账本 / the consent ledger", _consent_run))
    _request(_act(acts, "request", "个人权利请求 / requests of the person", _request_run))
    rotate = _act(acts, "rotate", "轮换密钥 / rotate keys", _rotate)
    rotate.add_argument("use", choices=("kek", "index"))
    _act(acts, "sweep", "到期删除、清理残留 / retention, leftovers", _sweep)
    _act(acts, "verify", "核验日志和账本 / check logs and ledger", _verify)


def _act(acts: Any, name: str, words: str, do: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=words, description=words)
    at.options(parser)
    parser.set_defaults(do=do)
    return parser


def _consent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("give", "withdraw", "export"))
    parser.add_argument("subject")
    parser.add_argument("--purpose", default="")
    parser.add_argument("--scope", choices=[s.value for s in Scope], default="general")
    parser.add_argument("--detail", default="", help="字段或接收方 / a field or a recipient")
    parser.add_argument("--notice", type=Path, help="当时展示的告知书 / the notice shown")
    parser.add_argument("--receipt", default="", help="唯一编号 / a number used once")


def _request(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("new", "step", "fulfil", "show", "list"))
    parser.add_argument(
        "number",
        nargs="?",
        default="",
        help="编号（new 时为主体编号）/ request, or subject for `new`",
    )
    parser.add_argument("--kind", choices=[k.value for k in rights.Kind], default="copy")
    parser.add_argument("--to", choices=[s.value for s in rights.State], default="open")
    parser.add_argument("--note", default="")
    parser.add_argument("--value", action="append", default=[], metavar="FIELD=VALUE")


def _show(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=1, default=str))


def _init(args: argparse.Namespace) -> int:
    args.at.mkdir(mode=0o700, parents=True, exist_ok=True)
    ring = args.at / "keyring.json"
    words = at.passphrase(args, twice=True)
    rings.make_ring(ring, words, at.token(args), now=at.now(), kind=args.profile)
    register = args.at / "register.yaml"
    if not register.exists():
        raw = resources.files("jiedun.vault").joinpath("data/register.yaml").read_bytes()
        write_new(register, raw)
    _show({"vault": str(args.at), "next": f"edit {register}"})
    return 0


def rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The JSON objects of a file with their line numbers; InputError naming the line."""
    stream = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    with stream:
        for number, line in enumerate(stream, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict):
                raise InputError("not a JSON object", where=f"{path.name}#{number}")
            yield number, row


def _put(args: argparse.Namespace) -> int:
    refused = 0
    with at.opened(args) as vault:
        for number, row in rows(args.file):
            values = {name: value for name, value in row.items() if name != CONSENTS}
            given = [given_in(one) for one in row.get(CONSENTS, ())]
            taken = take(vault, values, args.purpose, given, at.actor(args))
            found, kept = taken.found, taken.subject.hex() if taken.subject else None
            refused += bool(found.refused)
            print(
                json.dumps(
                    {
                        "line": number,
                        "subject": kept,
                        "refused": [r.field for r in found.refused],
                        "missing": list(found.missing),
                        "consent_needed": list(found.consent_needed),
                    }
                )
            )
    return 3 if refused else 0


def _read(args: argparse.Namespace) -> int:
    with at.opened(args) as vault:
        shown = vault.read(at.subject(args.subject), args.fields, args.purpose, at.actor(args))
        _show(
            {
                name: {"value": one.value, "grant": one.decision.grant, "why": one.decision.reason}
                for name, one in shown.items()
            }
        )
    return 0


def _find(args: argparse.Namespace) -> int:
    with at.opened(args) as vault:
        found = vault.find(args.field, args.value, args.purpose, at.actor(args))
        _show([one.hex() for one in found])
    return 0


def _erase(args: argparse.Namespace) -> int:
    with at.opened(args) as vault:
        done = change.erase(vault, at.subject(args.subject), at.actor(args), args.why)
        _show({"keys_destroyed": done.keys, "index_rows_gone": done.tags, "rows_gone": done.rows})
    return 0


def _consent_run(args: argparse.Namespace) -> int:
    who = at.subject(args.subject)
    with at.opened(args) as vault:
        if args.what == "export":
            _show(export.records(vault.register, vault.ledger.history(who)))
            return 0
        if args.notice is None or not args.receipt or not args.purpose:
            raise UsageError("--purpose, --notice 和 --receipt 必须给出 / are needed")
        one = consent_acts.Given(
            args.receipt, args.purpose, Scope(args.scope), args.detail, _hash(args.notice)
        )
        done = consent_acts.record(vault, who, one, Act(args.what), at.actor(args))
        _show({"seq": done.seq, "mac": done.mac})
    return 0


def _hash(path: Path) -> str:
    from jiedun.vault.notice import fingerprint

    try:
        return fingerprint(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the notice cannot be read", where=path.name) from error


def _request_run(args: argparse.Namespace) -> int:
    with at.opened(args) as vault:
        who = at.actor(args)
        if args.what == "list":
            _show([_asked(one, args.lang) for one in rights.still_open(vault)])
            return 0
        if args.what == "fulfil":
            values = dict(v.partition("=")[::2] for v in args.value)
            _show(rights.fulfil(vault, args.number, who, values))
            return 0
        if args.what == "new":
            found = rights.receive(vault, at.subject(args.number), rights.Kind(args.kind), who)
        elif args.what == "step":
            found = rights.step(vault, args.number, rights.State(args.to), who, args.note)
        else:
            found = rights.load(vault, args.number)
        _show(_asked(found, args.lang))
    return 0


def _asked(one: rights.Request, lang: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "clause": f"pipl#{rights.ARTICLE[one.kind]}",
        "house_limit": one.due.isoformat(),
        "overdue": one.overdue(at.now()),
        "clock": rights.CLOCK.of(lang),
    }


def _rotate(args: argparse.Namespace) -> int:
    with at.opened(args) as vault:
        work = change.rotate_kek if args.use == "kek" else change.rotate_index
        _show({"moved": work(vault, at.actor(args))})
    return 0


def _sweep(args: argparse.Namespace) -> int:
    with at.opened(args) as vault:
        left = change.sweep(vault)
        done = retention.sweep(vault, at.actor(args))
        _show(
            {
                "leftovers": {"keys": left.keys, "rows": left.rows, "tags": left.tags},
                "deleted": [
                    {"subject": d.subject.hex(), "rules": d.rules, "deferred_by_hold": d.deferred}
                    for d in done
                ],
            }
        )
    return 0


def _verify(args: argparse.Namespace) -> int:
    with at.opened(args) as vault:
        ledger, log = vault.ledger.verify(), access.verify(vault.log.path)
        _show(
            {
                "consents": {"count": ledger.count, "head": ledger.mac},
                "accesses": {"count": log.count, "head": log.hash},
                "note": "把这两个 head 存到别处 / keep both heads elsewhere",
            }
        )
    return 0
