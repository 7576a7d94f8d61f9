"""`jiedun seal FOLDER`: the evidence of a case as a package that anyone can verify."""

import argparse
import importlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jiedun.chain import sign
from jiedun.cli import _passphrase
from jiedun.cli._others import others
from jiedun.errors import JiedunError, UsageError
from jiedun.evidence.custody.keep import keep_folder, pending
from jiedun.evidence.custody.store import Store, explained
from jiedun.evidence.seal import package
from jiedun.evidence.seal.badge import grouped
from jiedun.evidence.seal.choose import choose, read_findings, stale
from jiedun.evidence.seal.make import Order, Sealed, make
from jiedun.evidence.seal.redact import Redactor
from jiedun.evidence.seal.timestamp import roots
from jiedun.model.time import SHANGHAI

EXAMPLE = """例 / examples:
  jiedun seal 我的证据/ --out 证据包
  jiedun seal 我的证据/ --only all --passphrase        → 证据包.tar.age
  jiedun seal 我的证据/ --tsa https://freetsa.org/tsr --tsa-root cacert.pem"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Nothing; the parser knows what `seal` takes."""
    add = parser.add_argument
    add("folder", type=Path, help="证据文件夹 / the case folder")
    add("--out", type=Path, metavar="BAG", help="包的位置，默认 FOLDER.bag / where the bag goes")
    add("--results", type=Path, metavar="DIR", help="检查结果的位置，默认 FOLDER.jiedun / results")
    add(
        "--only",
        choices=("cited", "all"),
        default="cited",
        help="只含被引用的，或全部 / what goes in",
    )
    add("--story", action="store_true", help="也放入 story.md / include story.md too")
    add("--redact", action="store_true", help="用代号替换他人信息 / pseudonyms for other people")
    add("--tsa", metavar="URL", help="向时间戳机构取时间戳（联网）/ ask for an RFC 3161 timestamp")
    add("--tsa-root", type=Path, metavar="PEM", help="该机构的根证书 / root certificate of the TSA")
    add("--key", type=Path, metavar="FILE", help="签名密钥，默认在证据库里 / signing key")
    add(
        "--recipient", action="append", metavar="AGE_KEY", help="加密给 age 公钥 / encrypt to a key"
    )
    _passphrase.option(
        parser, "--passphrase", "用口令加密成 BAG.tar.age / encrypt with a passphrase"
    )
    _passphrase.option(parser, "--store-passphrase", "证据库的口令 / passphrase of the store")


def run(args: argparse.Namespace) -> int:
    """The exit code."""
    folder: Path = args.folder
    if not folder.is_dir():
        raise JiedunError("no such folder", where=str(folder), next_step="check the spelling")
    if args.passphrase is not None and args.recipient:
        raise UsageError("--passphrase and --recipient exclude each other")
    name = Path(os.path.abspath(folder))  # noqa: PTH100 (resolve would follow links)
    results = args.results or name.with_name(name.name + ".jiedun")
    out = args.out or name.with_name(name.name + ".bag")
    _apart(name, out)
    sealed = _seal(args, folder, results, out)
    _say(args, sealed)
    return 0


def _apart(folder: Path, out: Path) -> None:
    whole = Path(os.path.abspath(out))  # noqa: PTH100
    if whole == folder or folder in whole.parents:
        raise UsageError(
            "the package cannot lie inside the evidence", next_step="choose another --out"
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _seal(args: argparse.Namespace, folder: Path, results: Path, out: Path) -> Sealed:
    words = _passphrase.given(args.passphrase, "口令 / passphrase: ", twice=True)
    opened = _passphrase.given(args.store_passphrase, "证据库口令 / passphrase of the store: ")
    to = package.recipients(args.recipient or [])
    authorities = roots(args.tsa_root) if args.tsa_root else None
    checked = _checked(args, folder, results, opened)
    with Store(results, passphrase=opened, clock=_now) as store:
        keep_folder(folder, store)
        key = sign.load_or_create(args.key or store.folder / "seal.key")
        content, findings = read_findings(results / "findings.json") if checked else (None, None)
        old = stale(findings, store.kept())
        if old:
            raise JiedunError(
                "the findings are older than the evidence",
                where=old[0],
                next_step="run jiedun check again, then jiedun seal",
            )
        order = Order(
            choose(store.kept(), findings, only=args.only, story=args.story),
            content,
            args.only,
            story=args.story,
            redactor=Redactor(others(store), lambda: os.urandom(16)) if args.redact else None,
            tsa=args.tsa,
            authorities=authorities,
            progress=_progress("封存 / sealing"),
        )
        if words is None and not to:
            return make(out, store, order, key, _now)
        return _packed(out, store, order, key, to, words)


def _packed(
    out: Path, store: Store, order: Order, key: sign.Key, to: list[Any], words: str | None
) -> Sealed:
    """The package as one encrypted file; the bag on the way lies in the store and is removed."""
    target = out if out.name.endswith(package.ENDING) else out.with_name(out.name + package.ENDING)
    if target.exists():
        raise JiedunError(
            "something is there already",
            where=target.name,
            next_step="choose another name for --out",
        )
    with explained("the package cannot be written", target.name):
        target.parent.mkdir(parents=True, exist_ok=True)
    room = store.folder / "sealing"
    shutil.rmtree(room, ignore_errors=True)
    try:
        bag = room / target.name.removesuffix(package.ENDING)
        sealed = make(bag, store, order, key, _now)
        package.pack(bag, target, to=to, passphrase=words)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return Sealed(
        target,
        sealed.root,
        sealed.fingerprint,
        sealed.files,
        sealed.bytes,
        sealed.timestamp,
        sealed.withheld,
    )


def _checked(args: argparse.Namespace, folder: Path, results: Path, opened: str | None) -> bool:
    """Whether there are findings of the present evidence; checks first where they are missing."""
    if (results / "findings.json").is_file():
        with Store(results, passphrase=opened, clock=_now) as store:
            if not pending(folder, store) or not store.kept():
                return True
    try:
        check = importlib.import_module("jiedun.case.check").check_folder
    except ImportError:
        if args.only == "all":
            return (results / "findings.json").is_file()
        raise JiedunError(
            "there are no findings yet, so nothing is cited",
            next_step="run jiedun check first, or seal everything with --only all",
        ) from None
    check(folder, results, as_of=_now().astimezone(SHANGHAI).date(), lang=args.lang)
    return (results / "findings.json").is_file()


def _progress(what: str) -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        if done == total or done % 50 == 0:
            print(f"\r{what} {done}/{total}", end="\n" if done == total else "", file=sys.stderr)

    return show


def _say(args: argparse.Namespace, sealed: Sealed) -> None:
    if args.json:
        stamp = sealed.timestamp.isoformat() if sealed.timestamp else None
        print(
            json.dumps(
                {
                    "path": str(sealed.path),
                    "root": sealed.root,
                    "key": sealed.fingerprint,
                    "files": sealed.files,
                    "bytes": sealed.bytes,
                    "timestamp": stamp,
                    "withheld": list(sealed.withheld),
                },
                ensure_ascii=False,
            )
        )
        return
    for line in _lines(sealed, args.lang):
        print(line)


def _lines(sealed: Sealed, lang: str) -> Iterator[str]:
    zh = lang != "en"
    yield f"已封存：{sealed.path}" if zh else f"Sealed: {sealed.path}"
    yield (
        f"  {sealed.files} 个文件，{sealed.bytes} 字节"
        if zh
        else (f"  {sealed.files} files, {sealed.bytes} bytes")
    )
    yield ("  根        " if zh else "  root  ") + grouped(sealed.root)
    yield ("  密钥指纹  " if zh else "  key   ") + grouped(sealed.fingerprint)
    if sealed.timestamp:
        yield ("  时间戳    " if zh else "  time  ") + sealed.timestamp.isoformat()
    for path in sealed.withheld:
        yield ("  未放入（无法遮盖）：" if zh else "  left out (cannot be redacted): ") + path
    yield (
        "请把根和指纹另外记下来（抄在纸上、发给可信的人）：包被换掉时，只有它们能看出来。"
        if zh
        else (
            "Keep root and key elsewhere too (on paper, with someone you trust): only they show that"
            " a package was exchanged."
        )
    )
    yield "核验 / verify:  jiedun verify BAG   或 / or   python3 -I BAG/verify.py BAG"
