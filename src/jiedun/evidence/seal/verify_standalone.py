#!/usr/bin/env python3
"""Verifies a sealed bag of evidence with the Python standard library alone. 核验封存的证据包。

    python3 -I verify.py BAG [--root HEX] [--key HEX]

Exit 0 only when the bag is whole: 0 完整 · 1 被改动或不完整 · 2 用法不对.
It needs Python 3.9 or newer, no other software and no network, and writes nothing.

What it checks: every file is listed and has its SHA-256; nothing else is there; the Merkle root
(RFC 6962) fits the manifest; the Ed25519 signature (RFC 8032) fits the tag manifest; the custody
log is an unbroken chain; redactions fit; a timestamp that the seal promises is there, unchanged,
and of this bag (its authority's certificates are checked by `jiedun verify` or `openssl ts`).

A forger can make another whole bag with another key. Compare the root and the key's fingerprint
with those printed on the letter: --root and --key do that. 请与信上印的根和指纹核对。
"""
# ruff: noqa: T201, PTH118, PTH123, PTH202, B905

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import stat
import sys
import unicodedata
from typing import Any

TAGS = {"bag-info.txt", "bagit.txt", "custody.jsonl", "index.html", "manifest-sha256.txt"}
TAGS |= {"seal.json", "verify.py"}
SIGNED, SIGNATURE = "tagmanifest-sha256.txt", "seal.sig"
TOKEN, TOKEN_SIGNATURE = "timestamp.tsr", "timestamp.sig"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SEAL_KEYS = {"schema", "created", "root", "key", "files", "bytes", "only", "redacted", "story"}
SEAL_KEYS |= {"timestamp", "software"}
LINE = re.compile("([0-9a-f]{64})  ([^\r\n]+)")
DRIVE = re.compile("[A-Za-z]:")
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


class NotWholeError(Exception):
    """Why the bag is refused."""


def need(holds: bool, why: str) -> None:
    """Nothing; NotWholeError with the reason unless it holds."""
    if not holds:
        raise NotWholeError(why)


# --- Ed25519, RFC 8032 section 5.1 and 6 ---


def add(p: Point, q: Point) -> Point:
    """The sum of two points in extended coordinates."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    """The point added to itself `scalar` times."""
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def encoded(point: Point) -> bytes:
    """The 32 bytes of a point."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decoded(raw: bytes) -> Point | None:
    """The point of 32 bytes, or None when they are not a point in canonical form."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature is the key's over the message. Keys of small order prove nothing."""
    point = decoded(public) if len(public) == 32 else None
    if point is None or BASE is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= Q or encoded(multiply(8, point)) == encoded((0, 1, 1, 0)):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    x, y, z, t = multiply(k, point)
    return encoded(add(multiply(s, BASE), (-x % P, y, z, -t % P))) == signature[:32]


# --- files and lists ---


def read(bag: str, name: str) -> bytes:
    """The bytes of a tag file."""
    with open(os.path.join(bag, name), "rb") as stream:
        return stream.read()


def sha256(path: str) -> str:
    """The SHA-256 of a file, in constant memory."""
    hashed, buffer = hashlib.sha256(), bytearray(1 << 18)
    view = memoryview(buffer)
    with open(path, "rb", buffering=0) as stream:
        while True:
            size = stream.readinto(buffer)
            if not size:
                return hashed.hexdigest()
            hashed.update(view[:size])


def present(bag: str) -> set[str]:
    """Every file in the bag; links, special files and empty folders are refused."""
    found = set()
    for here, folders, files in os.walk(bag):
        prefix = "" if here == bag else os.path.relpath(here, bag).replace(os.sep, "/") + "/"
        need(bool(folders or files), "empty folder 空目录: " + prefix)
        for name in folders + files:
            mode = os.lstat(os.path.join(here, name)).st_mode
            plain = stat.S_ISREG(mode) or stat.S_ISDIR(mode)
            need(plain, "link or special file 链接或特殊文件: " + prefix + name)
            if stat.S_ISREG(mode):
                found.add(prefix + name)
    return found


def safe(path: str) -> bool:
    """Whether the path stays in the bag on every system."""
    bad = path[0] in "/~" or "\\" in path or "%" in path or "\0" in path or DRIVE.match(path)
    return not bad and not any(part in ("", ".", "..") for part in path.split("/"))


def listed(bag: str, name: str) -> dict[str, str]:
    """Path -> hash of a manifest, which must be spelled and ordered exactly as sealed."""
    content = read(bag, name)
    need(content.endswith(b"\n"), "no newline at the end 缺最后的换行: " + name)
    hashes: dict[str, str] = {}
    before, seen = b"", set()
    for line in content[:-1].decode("utf-8").split("\n"):
        match = LINE.fullmatch(line)
        if match is None:
            raise NotWholeError("malformed line 清单行写法不对: " + name)
        path, raw = match.group(2), match.group(2).encode("utf-8")
        need(safe(path), "unsafe path 路径不安全: " + name)
        need(raw > before, "not sorted, or listed twice 未排序或重复: " + name)
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        need(folded not in seen, "paths differ in case only 路径只差大小写: " + name)
        seen.add(folded)
        before, hashes[path] = raw, match.group(1)
    return hashes


def merkle(leaves: list[bytes]) -> bytes:
    """The root over the manifest lines: RFC 6962 section 2.1."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2])
        above = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in pairs]
        level = above + level[len(level) - len(level) % 2 :]
    return level[0]


# --- the parts of a seal ---


def spelled(value: Any) -> bytes:
    """The one spelling of a record."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def record(content: bytes, name: str) -> dict[str, Any]:
    """The record in a file of one line, which must be in the one spelling."""
    value = json.loads(content.decode("utf-8"))
    need(
        isinstance(value, dict) and spelled(value) + b"\n" == content, "malformed 写法不对: " + name
    )
    checked: dict[str, Any] = value
    return checked


def check_custody(bag: str) -> None:
    """Nothing; NotWholeError unless every line holds the hash of the line before it."""
    content = read(bag, "custody.jsonl")
    need(content.endswith(b"\n"), "custody log cut 保管日志不完整")
    before = "0" * 64
    for number, line in enumerate(content[:-1].split(b"\n"), 1):
        entry = record(line + b"\n", "custody.jsonl")
        head = entry["head"]
        datetime.datetime.fromisoformat(head["at"])
        good = entry["hash"] == hashlib.sha256(spelled(head)).hexdigest()
        good = good and head["prev"] == before and head["seq"] == number
        good = good and set(entry) in ({"hash", "head"}, {"body", "hash", "head", "salt"})
        good = good and set(head) - {"back_s"} == {"at", "digest", "kind", "prev", "seq"}
        if good and "body" in entry:
            body = {"body": entry["body"], "salt": entry["salt"]}
            good = head["digest"] == hashlib.sha256(spelled(body)).hexdigest()
        need(good, f"custody log broken at line 保管日志断于第 {number} 行")
        before = entry["hash"]


def skeleton(path: str, cuts: list[list[Any]]) -> str:
    """The hash that the original gives too, when only the named cuts were replaced."""
    total, at = hashlib.sha256(), 0
    with open(path, "rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        for start, length, commitment in [*cuts, [size, 0, ""]]:
            need(at <= start <= size and length >= 0, "redaction out of place 遮盖位置不对")
            kept = stream.read(start - at)
            total.update(b"K" + len(kept).to_bytes(8, "big") + hashlib.sha256(kept).digest())
            total.update(b"R" + bytes.fromhex(commitment) if commitment else b"")
            stream.seek(length, 1)
            at = start + length
    need(at == size, "redaction out of place 遮盖位置不对")
    return total.hexdigest()


def check_redactions(bag: str, payload: dict[str, str]) -> None:
    """Nothing; NotWholeError unless the redacted files are the originals but for the cuts."""
    noted = record(read(bag, "redaction.json"), "redaction.json")
    for entry in noted["files"]:
        need(entry["path"] in payload, "redaction of no file 遮盖记录无对应文件")
        found = skeleton(os.path.join(bag, entry["path"]), entry["cuts"])
        need(found == entry["skeleton"], "redaction does not fit 遮盖记录与文件不符")


def check_token(bag: str, public: bytes) -> None:
    """Nothing; NotWholeError unless the token is the one sealed and names this tag manifest."""
    token = read(bag, TOKEN)
    need(signed(public, read(bag, TOKEN_SIGNATURE), token), "timestamp changed 时间戳被改动")
    digest = hashlib.sha256(read(bag, SIGNED)).digest()
    need(b"\x04\x20" + digest in token, "timestamp of something else 时间戳不属于本包")


def check_hashes(bag: str, hashes: dict[str, str]) -> None:
    """Nothing; NotWholeError unless every file has its hash."""
    for path, expected in hashes.items():
        need(sha256(os.path.join(bag, path)) == expected, "changed 被改动: " + path)


def check_seal(seal: dict[str, Any], bag: str, payload: dict[str, str]) -> None:
    """Nothing; NotWholeError unless what the seal says is so."""
    need(
        set(seal) == SEAL_KEYS and seal["schema"] == "jiedun.seal/1", "seal.json malformed 写法不对"
    )
    lines = read(bag, "manifest-sha256.txt")[:-1].split(b"\n")
    need(merkle(lines).hex() == seal["root"], "Merkle root differs 默克尔根不符")
    size = sum(os.path.getsize(os.path.join(bag, path)) for path in payload)
    need((seal["files"], seal["bytes"]) == (len(payload), size), "size differs 文件数或字节数不符")
    oxum = f"Payload-Oxum: {size}.{len(payload)}"
    need(oxum in read(bag, "bag-info.txt").decode("utf-8").split("\n"), "Payload-Oxum")
    need(seal["timestamp"] in (None, "rfc3161"), "seal.json malformed 写法不对")
    need(seal["key"] == seal["key"].lower(), "seal.json malformed 写法不对")


def examine(bag: str, root: str | None, key: str | None) -> dict[str, Any]:
    """The seal of a whole bag; NotWholeError, or another exception, for any other."""
    files = present(bag)
    for name in (*TAGS, SIGNED, SIGNATURE):
        need(name in files, "missing 缺少: " + name)
    seal = record(read(bag, "seal.json"), "seal.json")
    public = bytes.fromhex(seal["key"])
    tags, payload = listed(bag, SIGNED), listed(bag, "manifest-sha256.txt")
    signed_files = TAGS | ({"redaction.json"} if seal["redacted"] else set())
    need(set(tags) == signed_files, "not the files of a seal 封存文件不齐")
    need(all(p.startswith("data/") for p in payload), "tags among payload 清单混淆")
    extra = {SIGNED, SIGNATURE} | ({TOKEN, TOKEN_SIGNATURE} if seal["timestamp"] else set())
    expected = set(tags) | set(payload) | extra
    odd = "".join(sorted(expected ^ files)[:1]).encode("utf-8", "replace").decode("utf-8")
    need(files == expected, "missing or not listed 缺少或多出: " + odd)
    need(read(bag, "bagit.txt") == DECLARATION, "bagit.txt")
    check_hashes(bag, tags)
    need(signed(public, read(bag, SIGNATURE), read(bag, SIGNED)), "signature 签名不符")
    check_seal(seal, bag, payload)
    check_custody(bag)
    if seal["redacted"]:
        check_redactions(bag, payload)
    if seal["timestamp"]:
        check_token(bag, public)
    check_hashes(bag, payload)
    need(root in (None, seal["root"]), "whole, but not the root you hold 完整，但根与您手里的不同")
    fingerprint = hashlib.sha256(public).hexdigest()
    need(key in (None, fingerprint), "whole, but not the key you hold 完整，但指纹与您手里的不同")
    return dict(seal, fingerprint=fingerprint)


def arguments(words: list[str]) -> list[str | None]:
    """The bag, the root and the key asked for; ValueError on anything else."""
    rest = list(words)
    wanted: list[str | None] = []
    for option in ("--root", "--key"):
        value = None
        if option in rest:
            place = rest.index(option)
            value = rest[place + 1].lower().replace(" ", "")
            del rest[place : place + 2]
        wanted.append(value)
    if len(rest) != 1 or rest[0].startswith("-"):
        raise ValueError
    return [rest[0], *wanted]


def main(words: list[str]) -> int:
    """The exit code: 0 whole, 1 not whole, 2 wrong use."""
    try:
        bag, root, key = arguments(words)
    except (ValueError, IndexError):
        print(__doc__)
        return 2
    try:
        seal = examine(str(bag), root, key)
    except NotWholeError as why:
        print(f"NOT WHOLE 不完整或被改动: {why}")
        return 1
    except Exception as error:
        print(f"NOT WHOLE 不完整或被改动: {type(error).__name__}")
        return 1
    print(
        "WHOLE 完整。 files 文件: {files}, bytes 字节: {bytes}, sealed 封存于: {created}".format(
            **seal
        )
    )
    print("root 根:        {root}\nkey 密钥指纹:   {fingerprint}".format(**seal))
    print("Compare both with the letter. 请把两者与信上印的核对。")
    return 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
