"""`jiedun open BAG.tar.age`: the bag in an encrypted package, restored and verified."""

import argparse
import json
from pathlib import Path

from jiedun.cli import _passphrase
from jiedun.errors import JiedunError, UsageError
from jiedun.evidence.seal import package
from jiedun.evidence.seal.verify import verify

EXAMPLE = """例 / examples:
  jiedun open 证据包.tar.age --passphrase
  jiedun open 证据包.tar.age --identity key.txt --out 证据包"""
_FAILED = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Nothing; the parser knows what `open` takes."""
    parser.add_argument("package", type=Path, metavar="BAG.tar.age", help="加密的包 / the package")
    parser.add_argument("--out", type=Path, metavar="BAG", help="放在哪里 / where the bag goes")
    parser.add_argument("--identity", type=Path, metavar="FILE", help="age 私钥文件 / age key file")
    _passphrase.option(parser, "--passphrase", "口令 / passphrase")


def run(args: argparse.Namespace) -> int:
    """The exit code: 0 restored and whole, 4 restored but not whole."""
    if (args.passphrase is None) == (args.identity is None):
        raise UsageError("give --passphrase or --identity FILE")
    if not args.package.is_file():
        raise JiedunError("no such file", where=args.package.name, next_step="check the spelling")
    stem = args.package.name.removesuffix(package.ENDING)
    out = args.out or args.package.with_name(stem if stem != args.package.name else stem + ".bag")
    words = _passphrase.given(args.passphrase, "口令 / passphrase: ")
    keys = package.identities(args.identity) if args.identity else ()
    package.unpack(args.package, out, keys=keys, passphrase=words)
    report = verify(out)
    if args.json:
        faults = [n.code for n in report.faults]
        print(
            json.dumps(
                {"path": str(out), "whole": report.whole, "faults": faults, **report.facts},
                ensure_ascii=False,
            )
        )
    else:
        zh = args.lang != "en"
        print(f"已打开：{out}" if zh else f"Opened: {out}")
        print(
            ("完整。" if zh else "Whole.")
            if report.whole
            else ("但它不完整，或不是封存包：" if zh else "But it is not whole, or not sealed:")
        )
        for note in report.faults[:20]:
            print("  " + note.words().of(args.lang))
    return 0 if report.whole else _FAILED
