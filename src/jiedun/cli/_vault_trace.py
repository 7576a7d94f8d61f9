"""`jiedun vault decoys|handover|trace`: fingerprints in what is handed over, and who leaked."""

import argparse
import csv
import json
from pathlib import Path
from typing import Any

from jiedun.chain.files import write_new
from jiedun.chain.log import Log
from jiedun.chain.sign import load_or_create
from jiedun.cli import _vault_at as at
from jiedun.cli.main import Exit
from jiedun.errors import InputError, UsageError
from jiedun.vault import handover, provide, trace
from jiedun.vault.keyring import Keyring, Use
from jiedun.vault.register import Recipient

SUBJECT = "subject"


def configure(acts: Any) -> None:
    """Adds these acts."""
    words = "生成诱饵（邮箱域名须归本机构所有）/ make decoys on a mail domain of your own"
    one = _act(acts, "decoys", words, _decoys)
    one.add_argument("--domain", required=True)
    one.add_argument("--count", type=int, default=trace.POSITIONS)
    words = "交付：掺入诱饵、加指纹、登记、签名 / hand over: decoys, fingerprint, record, sign"
    two = _act(acts, "handover", words, _handover)
    two.add_argument("file", type=Path, help="要交付的 CSV / the CSV to hand over")
    two.add_argument("--to", required=True, metavar="RECIPIENT")
    two.add_argument("--purpose", required=True, help="登记册中的目的 / a purpose of the register")
    two.add_argument("--column", default="email", help="放诱饵邮箱的列 / column of the mailboxes")
    two.add_argument("--out", type=Path, required=True)
    words = "从泄露文件追查是谁 / who leaked this file"
    three = _act(acts, "trace", words, _trace)
    three.add_argument("leak", type=Path)
    three.add_argument(
        "--bound", type=float, default=trace.BOUND, help="误指概率上限 / false accusation"
    )


def _act(acts: Any, name: str, words: str, do: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=words, description=words)
    at.options(parser)
    parser.add_argument("--campaign", required=True, help="批次 / the campaign")
    parser.set_defaults(do=do)
    return parser


def _mac(args: argparse.Namespace) -> trace.Mac:
    if not args.campaign.replace("-", "").replace("_", "").isalnum():
        raise UsageError("--campaign: 只用字母、数字、- 和 _ / letters, digits, - and _ only")
    ring = Keyring.open(args.at / "keyring.json", at.passphrase(args))
    return ring.mac(ring.active(Use.TRACE).id)


def _decoy_file(args: argparse.Namespace) -> Path:
    return Path(args.at) / f"decoys-{args.campaign}.csv"


def _decoys(args: argparse.Namespace) -> int:
    path = _decoy_file(args)
    if path.exists():
        raise UsageError(f"{path.name}: 已有这一批 / this campaign has its decoys already")
    made = trace.make_decoys(args.domain, args.count, _mac(args), args.campaign)
    write_new(path, handover.decoys_text(made).encode())
    print(json.dumps({"decoys": len(made), "file": str(path)}, ensure_ascii=False))
    return 0


def _unregistered(args: argparse.Namespace, header: list[str]) -> list[str]:
    """Columns called like no field of the register; InputError for a field the purpose does not need."""
    columns = [name for name in header if name != SUBJECT]
    over, unknown = provide.beyond(at.register(args), args.purpose, columns)
    if over:
        raise InputError(
            f"the purpose `{args.purpose}` does not need these columns: {', '.join(over)}",
            where=args.file.name,
            why="PIPL 6: no more than the purpose needs",
            next_step="take them out, or enter the field under this purpose and tell the people (PIPL 17)",
        )
    return unknown


def _may_go(
    args: argparse.Namespace, one: Recipient, header: list[str], rows: list[dict[str, str]]
) -> tuple[list[dict[str, str]], list[provide.LeftOut]]:
    """The rows that may go, without the column of ids, and who is left out."""
    if not provide.scopes(one):
        return rows, []
    if SUBJECT not in header:
        raise InputError(
            f"the file has no column `{SUBJECT}`",
            where=args.file.name,
            why="PIPL 23: this recipient asks for each person's separate consent",
            next_step="add the person's id in the vault; the column does not leave",
        )
    ids = [at.subject(row[SUBJECT]) for row in rows]
    with at.opened(args) as vault:
        may, out = provide.sort_out(vault, ids, args.purpose, one, at.now().date())
    allowed = set(may)
    return [row for row, i in zip(rows, ids, strict=True) if i in allowed], out


def _handover(args: argparse.Namespace) -> int:
    one = provide.recipient(at.register(args), args.purpose, args.to)
    mac, decoys = _mac(args), handover.read_decoys(_decoy_file(args))
    header, rows = _table(args.file)
    unknown = _unregistered(args, header)
    rows, out = _may_go(args, one, header, rows)
    header = [name for name in header if name != SUBJECT]
    log = args.at / "handovers.log"
    with Log.open(log, clock=at.now) as book:
        number = f"{args.campaign}-{book.head.count + 1}"

        def fill(decoy: str, column: str) -> str:
            source = int.from_bytes(mac(f"fill|{decoy}|{column}".encode())[:8], "big")
            return rows[source % len(rows)].get(column) or "" if rows and _dull(column) else ""

        text = handover.weave(mac, (args.campaign, number), decoys, header, rows, args.column, fill)
        write_new(args.out, text.encode())
        made = handover.HandOver(
            id=number,
            campaign=args.campaign,
            recipient=args.to,
            file_sha256=handover.sha256(text),
            decoys_sha256=handover.sha256(handover.decoys_text(decoys)),
            rows=len(rows),
            purpose=args.purpose,
            basis=provide.basis(one),
        )
        handover.record(book, load_or_create(args.at / "handover.pem"), made, at.now())
    print(
        json.dumps(
            _told(args, number, len(rows), out) | {"not_registered": unknown}, ensure_ascii=False
        )
    )
    return Exit.PARTLY if out else Exit.DONE


def _told(
    args: argparse.Namespace, number: str, rows: int, out: list[provide.LeftOut]
) -> dict[str, Any]:
    cites = {c.article: c.quote for one in out for c in one.cites}
    return {
        "handover": number,
        "file": str(args.out),
        "rows": rows,
        "left_out": [{"subject": o.subject.hex(), "code": o.code} for o in out],
        "why": sorted({o.words.of(args.lang) for o in out}),
        "clauses": [{"instrument": "pipl", "article": a, "quote": q} for a, q in cites.items()],
    }


_OWN = (
    "mobile",
    "phone",
    "tel",
    "id",
    "card",
    "mail",
    "address",
    "手机",
    "电话",
    "证件",
    "卡号",
    "地址",
    "邮箱",
)


def _dull(column: str) -> bool:
    """Whether a decoy may borrow this column's value from a real row: nothing that reaches, or
    tells apart, a real person."""
    return not any(word in column.casefold() for word in _OWN)


def _table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            names = reader.fieldnames or ()
            reader.fieldnames = [SUBJECT if provide.spelled(n) == SUBJECT else n for n in names]
            rows = [{k: v or "" for k, v in row.items() if k is not None} for row in reader]
            return list(reader.fieldnames), rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("the table cannot be read as UTF-8 CSV", where=path.name) from error


def _trace(args: argparse.Namespace) -> int:
    mac, decoys = _mac(args), handover.read_decoys(_decoy_file(args))
    made = [h for h in handover.recorded(args.at / "handovers.log") if h.campaign == args.campaign]
    recipients = {h.id: h.recipient for h in made}
    values = trace.read_leak(args.leak)
    found = trace.trace(mac, args.campaign, decoys, list(recipients), values, args.bound)
    answer = {
        "decoys": {"one_variant": found.shown, "both": found.both, "gone": found.gone},
        "named": [
            {
                "handover": a.handover,
                "recipient": recipients[a.handover],
                "false_accusation_at_most": a.bound,
            }
            for a in found.accused
            if a.named
        ],
        "others": [
            {"handover": a.handover, "score": round(a.score, 2)}
            for a in found.accused
            if not a.named
        ],
        "says": _SAYS.get(args.lang, _SAYS["zh"]),
    }
    print(json.dumps(answer, ensure_ascii=False, indent=1))
    return 0


_SAYS = {
    "zh": "点名的是泄露文件所用的那份交付，不等于接收方有意为之；界限对任何串通方式都成立，前提是追踪密钥没有外泄。",
    "en": "Named is the hand-over whose copy was used, not an intent of its recipient; the bound holds "
    "for any collusion as long as the trace key was not known.",
}
