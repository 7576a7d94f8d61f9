"""A sealed bag, verified: the plain bag, and everything a seal adds.

The bag carries a second verifier, written apart from this one (`verify_standalone.py`), that needs
the standard library alone; tests hold both to the same answer.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509

from jiedun.chain import canonical, log, merkle, sign
from jiedun.errors import ProofError
from jiedun.evidence.seal import layout, plain, timestamp
from jiedun.evidence.seal.paths import collisions, refused, spelled, walk
from jiedun.evidence.seal.report import Report
from jiedun.evidence.seal.skeleton import Cut, skeleton


@dataclass(frozen=True, slots=True)
class Expected:
    """What the verifier holds from elsewhere; None where it holds nothing."""

    root: str | None = None
    key: str | None = None
    authorities: list[x509.Certificate] | None = None


def verify(folder: Path, expected: Expected | None = None) -> Report:
    """The report on `folder` as a sealed bag; `facts` hold root, key, times and sizes when whole
    enough to read. Reads every file once, in constant memory, and changes nothing."""
    report = Report()
    try:
        sealed = _read(folder, report)
        if sealed is not None:
            plainly = plain.check(folder)
            report.faults += plainly.faults
            for remark in plainly.remarks:
                report.fault("line", remark.path)
            _seal(sealed, report, expected or Expected())
    except (OSError, ValueError, TypeError, KeyError, RecursionError, ProofError) as error:
        report.fault("seal", type(error).__name__)
    return report


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The parts of one sealed bag that are held in memory."""

    folder: Path
    seal: layout.Seal
    tag_manifest: bytes
    manifest: bytes

    @property
    def public(self) -> bytes:
        return bytes.fromhex(self.seal.key)


def _read(folder: Path, report: Report) -> _Sealed | None:
    if not folder.is_dir():
        report.fault("no-bag")
        return None
    needed = (*sorted(layout.TAG_FILES), layout.TAG_MANIFEST, layout.SIGNATURE)
    absent = [name for name in needed if not (folder / name).is_file()]
    if absent == [*needed] or {layout.SEAL, layout.SIGNATURE} & set(absent):
        report.fault("no-seal")
        return None
    if absent:
        report.fault("missing", absent[0])
        return None
    seal = layout.seal_of(_record(folder / layout.SEAL))
    if seal is None:
        report.fault("seal", layout.SEAL)
        return None
    tags, manifest = (folder / n for n in (layout.TAG_MANIFEST, layout.MANIFEST))
    return _Sealed(folder, seal, tags.read_bytes(), manifest.read_bytes())


def _record(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    if not content.endswith(b"\n"):
        raise ProofError("a record is cut", where=path.name)
    return canonical.decode(content[:-1])


def _seal(sealed: _Sealed, report: Report, expected: Expected) -> None:
    folder, seal = sealed.folder, sealed.seal
    signature = (folder / layout.SIGNATURE).read_bytes()
    if not sign.verify(sealed.public, signature, sealed.tag_manifest):
        report.fault("signature", layout.SIGNATURE)
    if seal.key != seal.key.lower() or seal.timestamp not in (None, "rfc3161"):
        report.fault("seal", layout.SEAL)
    payload = _files(sealed, report)
    lines = sealed.manifest[:-1].split(b"\n")
    if merkle.root(map(merkle.leaf, lines)).hex() != seal.root:
        report.fault("root", layout.MANIFEST)
    _size(sealed, report, payload)
    try:
        log.verify(folder / layout.CUSTODY)
    except ProofError:
        report.fault("custody", layout.CUSTODY)
    if seal.redacted:
        _redactions(sealed, report, payload)
    fingerprint = sign.fingerprint(sealed.public)
    report.facts |= {"root": seal.root, "key": fingerprint, "created": seal.created}
    report.facts |= {"files": seal.files, "bytes": seal.bytes, "timestamp": None}
    if seal.timestamp:
        _token(sealed, report, expected)
    if expected.root not in (None, seal.root):
        report.fault("other-root")
    if expected.key not in (None, fingerprint):
        report.fault("other-key")


def _files(sealed: _Sealed, report: Report) -> list[str]:
    """The payload paths; faults unless the lists are exact and nothing else is there."""
    tags = _listed(sealed.tag_manifest, layout.TAG_MANIFEST, report)
    payload = _listed(sealed.manifest, layout.MANIFEST, report)
    wanted = layout.TAG_FILES | ({layout.REDACTION} if sealed.seal.redacted else set())
    if set(tags) != wanted:
        report.fault("seal", layout.TAG_MANIFEST)
    extra = {layout.TAG_MANIFEST, layout.SIGNATURE}
    if sealed.seal.timestamp:
        extra |= {layout.TOKEN, layout.TOKEN_SIGNATURE}
    tree = walk(sealed.folder)
    for path in tree.empty:
        report.fault("extra", path + "/")
    there, known = set(tree.files), {*tags, *payload, *extra}
    for path in sorted(there - known, key=spelled):
        report.fault("extra", path)
    for path in sorted(known - there):
        report.fault("missing", path)
    if (sealed.folder / "bagit.txt").read_bytes() != layout.DECLARATION:
        report.fault("declaration", "bagit.txt")
    return payload


def _listed(content: bytes, name: str, report: Report) -> list[str]:
    """The paths of a manifest; faults unless it is spelled and ordered exactly as sealed."""
    lines = content.decode("utf-8").split("\n")
    paths = [line[66:] for line in lines[:-1]]
    exact = lines[-1] == "" and all(
        line[64:66] == "  " and set(line[:64]) <= set("0123456789abcdef") for line in lines[:-1]
    )
    if not paths or not exact:
        report.fault("line", name)
    if [p.encode() for p in paths] != sorted({p.encode() for p in paths}):
        report.fault("order", name)
    for path in paths:
        if refused(path) or "%" in path or "\r" in path:
            report.fault("path", name)
    if any(collisions(paths)):
        report.fault("collision", name)
    return paths


def _size(sealed: _Sealed, report: Report, payload: list[str]) -> None:
    there = [p for p in payload if (sealed.folder / p).is_file()]
    size = sum((sealed.folder / path).stat().st_size for path in there)
    info = (sealed.folder / layout.INFO).read_bytes().decode("utf-8").split("\n")
    stated = (sealed.seal.files, sealed.seal.bytes)
    if stated != (len(payload), size) or f"Payload-Oxum: {size}.{len(payload)}" not in info:
        report.fault("oxum", layout.INFO)


def _redactions(sealed: _Sealed, report: Report, payload: list[str]) -> None:
    known = set(payload)
    for entry in _record(sealed.folder / layout.REDACTION)["files"]:
        path = entry["path"]
        cuts = [Cut(*cut) for cut in entry["cuts"]]
        fits = path in known and skeleton(sealed.folder / path, cuts) == entry["skeleton"]
        if not fits:
            report.fault("redaction", layout.REDACTION)


def _token(sealed: _Sealed, report: Report, expected: Expected) -> None:
    token = (sealed.folder / layout.TOKEN).read_bytes()
    signature = (sealed.folder / layout.TOKEN_SIGNATURE).read_bytes()
    if not sign.verify(sealed.public, signature, token):
        report.fault("token", layout.TOKEN)
        return
    try:
        stamp = timestamp.examine(token, sealed.tag_manifest)
        report.facts["timestamp"] = stamp.at.isoformat()
    except ProofError:
        report.fault("token", layout.TOKEN)
        return
    if expected.authorities is None:
        report.remark("authority-unchecked", layout.TOKEN)
        return
    try:
        timestamp.examine(token, sealed.tag_manifest, expected.authorities)
    except ProofError as error:
        report.fault("authority", f"{layout.TOKEN} ({error.why})")
