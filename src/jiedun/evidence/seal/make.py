"""Makes a sealed bag from the store: beside its place first, then moved there in one step."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from jiedun import __version__
from jiedun.chain import canonical, merkle
from jiedun.chain.files import write_new
from jiedun.chain.log import withheld
from jiedun.chain.sign import Key, fingerprint
from jiedun.errors import ProofError
from jiedun.evidence.custody.blobs import HashingWriter
from jiedun.evidence.custody.store import Kept, Store, explained
from jiedun.evidence.seal import layout, timestamp
from jiedun.evidence.seal.choose import restricted
from jiedun.evidence.seal.page import page
from jiedun.evidence.seal.paths import Names, spelled
from jiedun.evidence.seal.redact import Redacted, Redactor
from jiedun.evidence.seal.skeleton import commitment
from jiedun.evidence.seal.verify import Expected, verify

_SOFTWARE = f"jiedun {__version__}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed package: where it lies, its root, its key's fingerprint, and what went in.
    `withheld` names the files that could not be redacted."""

    path: Path
    root: str
    fingerprint: str
    files: int
    bytes: int
    timestamp: datetime | None = None
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What to seal. `findings` is the content of findings.json, if any; `tsa` an address that is
    asked for a timestamp; `redactor` is given when other people's data shall be replaced."""

    chosen: Sequence[Kept]
    findings: bytes | None
    only: str
    story: bool = False
    redactor: Redactor | None = None
    tsa: str | None = None
    authorities: Sequence[Any] | None = None
    progress: Callable[[int, int], None] | None = None


@dataclass
class _Work:
    """The bag being written."""

    folder: Path
    store: Store
    order: Order
    names: Names = field(default_factory=Names)
    hashes: dict[str, str] = field(default_factory=dict)
    size: int = 0
    shown: dict[str, str] = field(default_factory=dict)  # path in the case -> path in the bag
    renewed: dict[str, str | None] = field(default_factory=dict)  # SHA-256: original -> copy
    redacted: list[tuple[Kept, str, Redacted]] = field(default_factory=list)
    withheld: list[tuple[Kept, str, str]] = field(default_factory=list)


def make(bag: Path, store: Store, order: Order, key: Key, clock: Callable[[], datetime]) -> Sealed:
    """The bag sealed at `bag`, which must not be there yet, unless a killed run left it whole:
    then that is recorded and returned. ProofError leaves nothing at `bag`."""
    if bag.exists() or bag.is_symlink():
        return _finished(bag, store, key)
    part = bag.with_name(f".{bag.name}.part")
    with explained("the package cannot be written", bag.name):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            body = {"package": bag.name, "only": order.only, "files": len(order.chosen)}
            store.record("exporting", {**body, "redacted": order.redactor is not None})
            work = _Work(part, store, order)
            sealed = _write(work, bag, key, clock)
            part.rename(bag)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    store.record("exported", {"package": bag.name, "root": sealed.root, "key": sealed.fingerprint})
    return sealed


def _finished(bag: Path, store: Store, key: Key) -> Sealed:
    report = (
        verify(bag, Expected(key=fingerprint(key.public))) if store.exporting(bag.name) else None
    )
    if report is None or not report.whole:
        raise ProofError(
            "something is there already", where=bag.name, next_step="choose another name for --out"
        )
    facts = report.facts
    root, mark = str(facts["root"]), str(facts["key"])
    store.record("exported", {"package": bag.name, "root": root, "key": mark})
    stamp = facts["timestamp"]
    at = datetime.fromisoformat(str(stamp)) if stamp else None
    return Sealed(bag, root, mark, int(facts["files"] or 0), int(facts["bytes"] or 0), at)


def _write(work: _Work, bag: Path, key: Key, clock: Callable[[], datetime]) -> Sealed:
    _payload(work)
    lines = _lines(work.hashes)
    root = merkle.root(merkle.leaf(line) for line in lines).hex()
    order = work.order
    created = clock().astimezone(UTC).isoformat(timespec="seconds")
    seal = layout.Seal(
        created=created,
        root=root,
        key=key.public.hex(),
        files=len(lines),
        bytes=work.size,
        only=order.only,
        redacted=order.redactor is not None,
        story=order.story,
        timestamp="rfc3161" if order.tsa else None,
        software=_SOFTWARE,
    )
    _tags(work, seal, lines)
    stamp = _sign(work, key)
    if work.redacted or work.withheld:
        _openings(work, root)
    mark = fingerprint(key.public)
    names = tuple(kept.path for kept, _, _ in work.withheld)
    return Sealed(bag, root, mark, len(lines), work.size, stamp, names)


def _payload(work: _Work) -> None:
    total = len(work.order.chosen)
    for done, kept in enumerate(work.order.chosen, 1):
        if work.order.redactor is None:
            _copy(work, kept)
        else:
            _redact(work, kept, work.order.redactor)
        if work.order.progress is not None:
            work.order.progress(done, total)
    if not work.hashes:
        raise ProofError("there is nothing to seal", why="no file can be redacted")
    if work.order.findings is not None:
        _add(work, layout.FINDINGS, _findings(work, work.order.findings))
    if work.names.changed:
        _add(work, layout.NAMES, _changed_names(work))


def _place(work: _Work, path: str) -> str:
    name = layout.EVIDENCE + work.names.of(path)
    (work.folder / name).parent.mkdir(parents=True, exist_ok=True)
    return name


def _copy(work: _Work, kept: Kept) -> None:
    name = _place(work, kept.path)
    work.store.copy(kept.sha256, work.folder / name)
    work.hashes[name] = kept.sha256
    work.size += kept.size
    work.shown[kept.path] = name


def _redact(work: _Work, kept: Kept, redactor: Redactor) -> None:
    raw = BytesIO()
    work.store.pour(kept.sha256, raw)
    copy = redactor.content(raw.getvalue())
    shown = redactor.text(kept.path)
    if copy is None:
        work.withheld.append((kept, shown, redactor.salt().hex()))
        work.renewed[kept.sha256] = None
    elif not copy.changed and shown == kept.path:
        _copy(work, kept)
    else:
        name = _place(work, shown)
        _add(work, name, copy.content)
        work.redacted.append((kept, name, copy))
        work.shown[kept.path] = name
        work.renewed[kept.sha256] = work.hashes[name]


def _add(work: _Work, name: str, content: bytes) -> None:
    path = work.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        hashing = HashingWriter(target)
        hashing.write(content)
    work.hashes[name] = hashing.hash.hexdigest()
    work.size += len(content)


def _findings(work: _Work, content: bytes) -> bytes:
    """The findings as they go out: as they are when everything goes out as it is; else without
    what they say of files that stay behind, and with pseudonyms and the hashes of the copies."""
    redactor = work.order.redactor
    if redactor is None and work.order.only == "all":
        return content
    record = restricted(json.loads(content.decode("utf-8")), set(work.shown))
    if redactor is not None:
        record = _renewed(redactor.record(record), work.renewed)
    return json.dumps(record, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def _renewed(value: Any, hashes: dict[str, str | None]) -> Any:
    """The record with the hash of every redacted original replaced by that of its copy, or by
    null where the file was withheld: the hash of a short text would give the text away."""
    if isinstance(value, str):
        return hashes.get(value, value)
    if isinstance(value, list):
        return [_renewed(inner, hashes) for inner in value]
    if isinstance(value, dict):
        return {key: _renewed(inner, hashes) for key, inner in value.items()}
    return value


def _changed_names(work: _Work) -> bytes:
    names = [{"bag": layout.EVIDENCE + b, "case": c} for b, c in sorted(work.names.changed.items())]
    text = json.dumps({"schema": "jiedun.names/1", "names": names}, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _lines(hashes: dict[str, str]) -> list[bytes]:
    """The manifest's lines in path order, without their newlines."""
    paths = sorted(hashes, key=spelled)
    return [f"{hashes[path]}  {path}".encode() for path in paths]


def _tags(work: _Work, seal: layout.Seal, lines: list[bytes]) -> None:
    """Every tag file, then the tag manifest over them."""
    flags = [f for f, on in (("redacted", seal.redacted), ("stamped", seal.timestamp)) if on]
    facts = {"files": str(seal.files), "created": seal.created, "only": seal.only}
    mark = fingerprint(bytes.fromhex(seal.key))
    texts = [line.decode() for line in lines]
    info = [
        f"Bag-Software-Agent: {_SOFTWARE}",
        f"Bagging-Date: {seal.created[:10]}",
        f"Payload-Oxum: {seal.bytes}.{seal.files}",
    ]
    tags = {
        "bagit.txt": layout.DECLARATION,
        layout.INFO: "\n".join([*info, ""]).encode(),
        layout.MANIFEST: b"\n".join([*lines, b""]),
        layout.SEAL: canonical.encode(seal.record()) + b"\n",
        layout.CUSTODY: b"".join(_custody(work)),
        layout.PAGE: page(seal.root, mark, facts, flags, texts).encode(),
        layout.VERIFIER: Path(__file__).with_name("verify_standalone.py").read_bytes(),
    }
    if seal.redacted:
        tags[layout.REDACTION] = canonical.encode(_redaction(work)) + b"\n"
    hashes: dict[str, str] = {}
    for name, content in tags.items():
        with (work.folder / name).open("wb") as target:
            hashing = HashingWriter(target)
            hashing.write(content)
        hashes[name] = hashing.hash.hexdigest()
    (work.folder / layout.TAG_MANIFEST).write_bytes(b"\n".join([*_lines(hashes), b""]))


def _custody(work: _Work) -> Iterator[bytes]:
    """The custody log as it goes out: bodies about files that stay behind, or that were redacted,
    are withheld; the chain still verifies."""
    plain = set(work.shown) - {kept.path for kept, _, _ in work.redacted}
    with work.store.log_path.open("rb") as stream:
        for raw in stream:
            line = raw.rstrip(b"\n")
            body = json.loads(line).get("body", {})
            paths = [*body.get("paths", []), *([body["path"]] if "path" in body else [])]
            open_to_all = all(path.partition("!/")[0] in plain for path in paths)
            yield (line if open_to_all else withheld(line)) + b"\n"


def _redaction(work: _Work) -> dict[str, Any]:
    files = [
        {
            "path": name,
            "original": copy.original,
            "skeleton": copy.skeleton,
            "cuts": [list(cut) for cut in copy.cuts],
        }
        for _, name, copy in work.redacted
    ]
    held = [{"path": shown, "original": _held(kept, salt)} for kept, shown, salt in work.withheld]
    return {"schema": "jiedun.redaction/1", "files": files, "withheld": held}


def _held(kept: Kept, salt: str) -> str:
    return commitment(bytes.fromhex(salt), bytes.fromhex(kept.sha256))


def _openings(work: _Work, root: str) -> None:
    """Keeps in the store, for a court, the salts that open what was redacted."""
    folder = work.store.folder / "redactions"
    folder.mkdir(exist_ok=True)
    files = [
        {
            "path": kept.path,
            "sha256": kept.sha256,
            "in_bag": name,
            "salt": copy.salt,
            "pieces": [asdict(piece) for piece in copy.pieces],
        }
        for kept, name, copy in work.redacted
    ]
    held = [{"path": k.path, "sha256": k.sha256, "salt": salt} for k, _, salt in work.withheld]
    record = {"schema": "jiedun.openings/1", "root": root, "files": files, "withheld": held}
    write_new(folder / f"{root}.json", canonical.encode(record) + b"\n")


def _sign(work: _Work, key: Key) -> datetime | None:
    """Signs the tag manifest; asks for a timestamp and signs that, where one is wanted."""
    content = (work.folder / layout.TAG_MANIFEST).read_bytes()
    write_new(work.folder / layout.SIGNATURE, key.sign(content), 0o644)
    if work.order.tsa is None:
        return None
    token = timestamp.request(work.order.tsa, content)
    authorities = work.order.authorities
    stamp = timestamp.examine(token, content, None if authorities is None else [*authorities])
    write_new(work.folder / layout.TOKEN, token, 0o644)
    write_new(work.folder / layout.TOKEN_SIGNATURE, key.sign(token), 0o644)
    return stamp.at
