"""`jiedun verify BAG`: whether a sealed package is whole, and whether it is the one you hold."""

import argparse
import json
import re
from pathlib import Path

from jiedun.errors import UsageError
from jiedun.evidence.seal import plain
from jiedun.evidence.seal.badge import grouped
from jiedun.evidence.seal.ots import Proof, read_proof
from jiedun.evidence.seal.report import Note, Report
from jiedun.evidence.seal.timestamp import roots
from jiedun.evidence.seal.verify import Expected, verify

EXAMPLE = """例 / examples:
  jiedun verify 证据包
  jiedun verify 证据包 --root 8f3a… --key 51c0…      与信上印的核对 / compare with the letter
  jiedun verify --bagit 普通包                       普通 BagIt / plain BagIt"""
_FAILED = 4
_NOTHING = 1
_SHOWN = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Nothing; the parser knows what `verify` takes."""
    add = parser.add_argument
    add("bag", type=Path, help="包的目录 / the bag's folder")
    add("--bagit", action="store_true", help="只按普通 BagIt 检查 / check plain BagIt only")
    add("--root", metavar="HEX", help="您手里的根 / the root you hold")
    add("--key", metavar="HEX", help="您手里的密钥指纹 / the key fingerprint you hold")
    add("--tsa-root", type=Path, metavar="PEM", help="时间戳机构的根证书 / root of the TSA")
    add("--ots", type=Path, metavar="FILE", help="OpenTimestamps 证明 / an OpenTimestamps proof")


def run(args: argparse.Namespace) -> int:
    """The exit code: 0 whole, 1 no bag there, 4 not whole."""
    expected = Expected(
        _digits(args.root, "--root"),
        _digits(args.key, "--key"),
        roots(args.tsa_root) if args.tsa_root else None,
    )
    report = plain.check(args.bag) if args.bagit else verify(args.bag, expected)
    proof = read_proof(args.ots, args.bag, report) if args.ots else None
    if args.json:
        print(json.dumps(_record(report, proof), ensure_ascii=False))
    else:
        _say(report, proof, args)
    if [n.code for n in report.faults] == ["no-bag"]:
        return _NOTHING
    return 0 if report.whole else _FAILED


def _digits(value: str | None, option: str) -> str | None:
    if value is None:
        return None
    digits = re.sub(r"\s", "", value).lower()
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise UsageError(f"{option} needs 64 hexadecimal digits")
    return digits


def _record(report: Report, proof: Proof | None) -> dict[str, object]:
    def notes(found: list[Note]) -> list[dict[str, str]]:
        return [
            {"code": n.code, "path": n.path, "zh": n.words().zh, "en": n.words().en} for n in found
        ]

    found: dict[str, object] = {"whole": report.whole, "faults": notes(report.faults)}
    found |= {"remarks": notes(report.remarks), **report.facts}
    if proof is not None:
        found["ots"] = [
            {"kind": a.kind, "what": a.what, "merkle_root": a.merkle_root}
            for a in proof.attestations
        ]
    return found


def _say(report: Report, proof: Proof | None, args: argparse.Namespace) -> None:
    zh = args.lang != "en"
    if report.whole:
        print("完整：没有任何改动。" if zh else "Whole: nothing was changed.")
    else:
        print("不完整，或被改动：" if zh else "Not whole:")
    for note in [*report.faults, *report.remarks][:_SHOWN]:
        print("  " + note.words().of(args.lang))
    if len(report.faults) > _SHOWN:
        print(f"  … {len(report.faults)}")
    if not report.whole or not report.facts:
        return
    facts = report.facts
    print(("  封存于    " if zh else "  sealed    ") + str(facts["created"]))
    print(("  根        " if zh else "  root      ") + grouped(str(facts["root"])))
    print(("  密钥指纹  " if zh else "  key       ") + grouped(str(facts["key"])))
    if facts["timestamp"]:
        print(("  时间戳    " if zh else "  timestamp ") + str(facts["timestamp"]))
    for attestation in proof.attestations if proof else ():
        print("  OpenTimestamps  " + attestation.words().of(args.lang))
    if args.root is None or args.key is None:
        print(
            "请与信上印的根和指纹核对（--root、--key）：重新封存的包只有这样才看得出来。"
            if zh
            else "Compare root and key with the letter (--root, --key): only that shows a re-sealed bag."
        )
