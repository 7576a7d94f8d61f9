"""Opening a vault that lies in a folder, for the commands of `jiedun vault`."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jiedun.cli import _passphrase
from jiedun.errors import UsageError
from jiedun.vault import rings
from jiedun.vault.access import Actor
from jiedun.vault.keyring import Keyring
from jiedun.vault.register import Register, example, load
from jiedun.vault.store import Places, Vault, open_vault


def now() -> datetime:
    """The instant, in UTC."""
    return datetime.now(UTC)


def options(parser: argparse.ArgumentParser) -> None:
    """Nothing; the parser takes what opens a vault."""
    parser.add_argument(
        "--at", type=Path, required=True, metavar="DIR", help="保险库文件夹 / the vault"
    )
    parser.add_argument(
        "--heads", type=Path, help="同意账本头的存放处（宜在别的机器）/ where heads are kept"
    )
    parser.add_argument(
        "--store", metavar="URL", help="postgresql://… 数据库 / database of the data"
    )
    parser.add_argument(
        "--store-keys", metavar="URL", help="postgresql://… 数据密钥库 / of the keys"
    )
    parser.add_argument(
        "--keys", metavar="pkcs11:…", help="密钥加密密钥在令牌上 / key-encryption keys on a token"
    )
    parser.add_argument(
        "--pin-file", type=Path, help="令牌 PIN 文件，或环境变量 JIEDUN_PIN / file of the PIN"
    )
    parser.add_argument("--actor", default=os.environ.get("USER", ""), help="谁 / who acts")
    parser.add_argument("--role", default="", help="以什么角色 / in which role")
    _passphrase.option(parser, "--passphrase", "密钥环口令 / passphrase of the keyring")


def register(args: argparse.Namespace) -> Register:
    """The register named by --register, the vault's own, or the example."""
    given = getattr(args, "register", None)
    at = getattr(args, "at", None)
    if given is not None:
        return load(given)
    if at is not None and (at / "register.yaml").exists():
        return load(at / "register.yaml")
    return example()


def actor(args: argparse.Namespace) -> Actor:
    """Who acts; UsageError without a name."""
    if not args.actor:
        raise UsageError("--actor: 需要写明是谁 / say who acts")
    return Actor(args.actor, args.role)


def passphrase(args: argparse.Namespace, *, twice: bool = False) -> str:
    """The passphrase; asked for where it was not given."""
    words = _passphrase.given(
        args.passphrase or _passphrase.ASK, "密钥环口令 / passphrase: ", twice=twice
    )
    if words is None:
        raise UsageError("--passphrase: 需要口令 / a passphrase is needed")
    return words


def token(args: argparse.Namespace) -> Any:
    """The token named by --keys, or None; its PIN comes from a file or the environment."""
    return rings.token(args.keys, args.pin_file, os.environ) if args.keys else None


def keyring(args: argparse.Namespace) -> Keyring:
    """The open keys of the vault at --at."""
    return rings.open_ring(args.at / "keyring.json", passphrase(args), token(args))


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Vault]:
    """The vault at --at, closed afterwards."""
    if bool(args.store) != bool(args.store_keys):
        raise UsageError("--store and --store-keys go together: keys never lie with the data")
    below = Places.below(args.at)
    places = Places(
        args.store or below.data,
        args.store_keys or below.keys,
        below.log,
        args.heads or below.heads,
    )
    with open_vault(places, keyring(args), register(args), clock=now) as vault:
        yield vault


def subject(text: str) -> bytes:
    """The id written as 32 hexadecimal digits; UsageError where it is not."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 16:
        raise UsageError("编号应为 32 位十六进制 / an id has 32 hexadecimal digits")
    return raw
