"""`jiedun gate serve|ask|explain|verify|simulate`: the gate in front of every contact."""

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path

import duckdb

from jiedun.audit.run import audit
from jiedun.chain.sign import load_or_create
from jiedun.cli.main import Exit
from jiedun.errors import BadValue, UsageError
from jiedun.gate import Gate, Status, load_rules
from jiedun.gate.interface import Decision
from jiedun.gate.store import open_store
from jiedun.gate.wire import decision_json, request_in
from jiedun.model.loan import LenderType

EXAMPLE = """例 / examples:
  jiedun gate serve --store gate.db                     在本机 8377 端口 / on this machine, port 8377
  jiedun gate ask request.json --store gate.db          一次决定 / one decision
  jiedun gate explain D-0a1f-12 --store gate.db         当时为什么 / why, at that time
  jiedun gate verify --store gate.db                    全部日志链是否完整 / whether the chains are whole
  jiedun gate simulate 机构规则.yaml 历史.parquet         改了规则上月会拦下多少 / what a rule would have forbidden"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("action", choices=("serve", "ask", "explain", "verify", "simulate"))
    parser.add_argument("names", nargs="*", metavar="ID|FILE")
    parser.add_argument(
        "--store", default="gate.db", help="文件，或 postgresql://… / a file, or postgresql://…"
    )
    parser.add_argument("--key", type=Path, help="假名密钥文件 / file of the pseudonym key")
    parser.add_argument(
        "--house", type=Path, action="append", default=[], help="机构规则 / house rules"
    )
    parser.add_argument("--lender", action="append", default=[], metavar="NAME=TYPE",
                        help="债权人类型 / type of lender")  # fmt: skip
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8377)
    parser.add_argument(
        "--api-keys", type=Path, help='JSON：{密钥的 SHA-256: {"name", "role", "scopes": […]}}'
    )
    parser.add_argument("--log", action="store_true",
                        help="每次决定记一行，只有假名 / a line a decision, pseudonyms only")  # fmt: skip
    parser.add_argument("--sign", type=Path, help="每分钟签名用的密钥文件 / key file for the roots")


def run(args: argparse.Namespace) -> int:
    """The exit code: 4 from `ask` when the contact may not be made."""
    if args.action == "simulate":
        return _simulate(args)
    if args.action == "serve":
        return _serve(args)
    if args.action in ("explain", "verify"):
        _must_exist(args.store)
    gate = _gate(args)
    try:
        if args.action == "verify":
            print(f"{gate.verify()} lines, every chain whole / 全部日志链完整")
            return Exit.DONE
        return _ask(gate, args) if args.action == "ask" else _explain(gate, args)
    finally:
        gate.close()


def _gate(args: argparse.Namespace) -> Gate:
    return Gate(
        load_rules(args.house), open_store(args.store, args.key), lender_types=_types(args.lender)
    )


def _must_exist(store: str) -> None:
    """Nothing; a mistyped path must not be answered by a new, empty store."""
    if "://" not in store and not Path(store).is_file():
        raise BadValue("没有这个存储 / there is no such store", where=Path(store).name,
                       next_step="--store FILE")  # fmt: skip


def _types(given: list[str]) -> dict[str, LenderType]:
    types = {}
    for pair in given:
        name, _, kind = pair.rpartition("=")
        if not name or kind not in list(LenderType):
            raise UsageError("--lender NAME=TYPE", why=f"TYPE is one of {', '.join(LenderType)}")
        types[name] = LenderType(kind)
    return types


def _one_name(args: argparse.Namespace, what: str) -> str:
    if len(args.names) != 1:
        raise UsageError(f"jiedun gate {args.action} {what}")
    name: str = args.names[0]
    return name


def _ask(gate: Gate, args: argparse.Namespace) -> int:
    path = _one_name(args, "FILE|-")
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text("utf-8")
        body = json.loads(text)
    except (OSError, ValueError) as error:
        raise BadValue(
            "the request cannot be read", where=path, why=type(error).__name__
        ) from error
    return _show(gate.decide(request_in(body)), args)


def _explain(gate: Gate, args: argparse.Namespace) -> int:
    found = gate.explain(_one_name(args, "ID"))
    if found is None:
        raise BadValue("没有这个决定 / there is no such decision")
    _show(found, args)
    return Exit.DONE


def _show(decision: Decision, args: argparse.Namespace) -> int:
    if args.json:
        print(json.dumps(decision_json(decision), ensure_ascii=False))
    else:
        print(_screen(decision, args.lang))
    return Exit.DONE if decision.may_proceed else Exit.FAILED


def _screen(decision: Decision, lang: str) -> str:
    lines = [
        f"{decision.id}  {decision.status.value}  {decision.at.isoformat()}  {decision.rules_version}"
    ]
    if decision.status is Status.DELAY and decision.not_before is not None:
        lines.append(f"→ {decision.not_before.isoformat()}")
    for reason in decision.reasons:
        lines.append(f"{reason.effect.value}  {reason.code}  {reason.words.of(lang)}")
        lines += [f"    {c.title.of(lang)} {c.article or ''}" for c in reason.cites]
        if reason.missing:
            lines.append(f"    ? {', '.join(reason.missing)}")
    lines += [f"  {name} = {value}" for name, value in decision.counters.items() if value]
    if decision.override is not None:
        lines.append(f"override: {decision.override.by}: {decision.override.reason}")
    return "\n".join(lines)


def _serve(args: argparse.Namespace) -> int:
    import uvicorn

    from jiedun.gate.serve import SCOPES, Service, calm
    from jiedun.web.keys import ApiKeys, load_keys, loopback

    if not loopback(args.host) and args.api_keys is None:
        raise UsageError(
            "离开本机必须有密钥 / keys are needed beyond this machine", next_step="--api-keys FILE"
        )
    keys = load_keys(args.api_keys, SCOPES) if args.api_keys else ApiKeys(None)
    signer = load_or_create(args.sign) if args.sign else None
    service = Service(_gate(args), keys, signer)
    if args.log:
        logging.basicConfig(format="%(asctime)s %(message)s")
        logging.getLogger("jiedun.gate").setLevel(logging.INFO)
    calm()
    print(f"http://{args.host}:{args.port}  /openapi.json  (Ctrl-C)", file=sys.stderr)
    uvicorn.run(
        service.app(), host=args.host, port=args.port, log_level="warning", access_log=False
    )
    return Exit.DONE


def _simulate(args: argparse.Namespace) -> int:
    """Counts, over history as it happened, the contacts each house rule would have forbidden."""
    if len(args.names) < 2:
        raise UsageError("jiedun gate simulate RULES.yaml HISTORY…")
    rules = load_rules([*args.house, Path(args.names[0])])
    with tempfile.TemporaryDirectory() as folder:
        result = audit([Path(n) for n in args.names[1:]], Path(folder), rules)
        files = str(Path(folder) / "findings" / "*.parquet").replace("'", "''")
        found = duckdb.execute(_SIMULATED.format(files=files)).fetchall()
    rows = [(r, n, alone) for r, n, alone in found if r in rules.house]
    silent = sorted(rules.house - {row[0] for row in rows})
    rows += [(rule, 0, 0) for rule in silent]
    if args.json:
        told = [{"rule": r, "contacts": n, "only_this_rule": a} for r, n, a in rows]
        print(json.dumps({"history": result.rows, "rules": told}, ensure_ascii=False))
    else:
        for rule, n, alone in rows:
            print(
                f"{rule}  {n:,} / {result.rows:,}  (只有这条会拦 / forbidden by this rule alone: {alone:,})"
            )
    return Exit.PARTLY if result.partly else Exit.DONE


_SIMULATED = """
WITH f AS (SELECT rule, contact_id, force FROM read_parquet('{files}')),
     law AS (SELECT DISTINCT contact_id FROM f WHERE force <> 'advisory')
SELECT rule, count(DISTINCT contact_id),
       count(DISTINCT contact_id) FILTER (contact_id NOT IN (SELECT contact_id FROM law))
FROM f GROUP BY rule ORDER BY rule
"""
