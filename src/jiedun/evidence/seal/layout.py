"""The names and fields of a sealed bag, `jiedun.seal/1`. A bag made by any version must verify for
ever, so a change here is a new schema beside this one."""

from dataclasses import dataclass
from typing import Any

SCHEMA = "jiedun.seal/1"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
SIGNATURE = "seal.sig"
TOKEN = "timestamp.tsr"  # noqa: S105
TOKEN_SIGNATURE = "timestamp.sig"  # noqa: S105
SEAL = "seal.json"
CUSTODY = "custody.jsonl"
REDACTION = "redaction.json"
INFO = "bag-info.txt"
PAGE = "index.html"
VERIFIER = "verify.py"
TAG_FILES = frozenset({INFO, "bagit.txt", CUSTODY, PAGE, MANIFEST, SEAL, VERIFIER})
EVIDENCE = "data/evidence/"
FINDINGS = "data/findings.json"
NAMES = "data/names.json"


@dataclass(frozen=True, slots=True)
class Seal:
    """What `seal.json` states. `root` and `key` are lower-case hexadecimal, `created` ISO 8601 with
    offset, `only` is `cited` or `all`, `timestamp` is `rfc3161` or None."""

    created: str
    root: str
    key: str
    files: int
    bytes: int
    only: str
    redacted: bool
    story: bool
    timestamp: str | None
    software: str

    def record(self) -> dict[str, Any]:
        """The fields as they are written, with the schema."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return {"schema": SCHEMA, **fields}


def seal_of(record: dict[str, Any]) -> Seal | None:
    """The seal of a record read from `seal.json`, or None when it is not one."""
    fields = {k: v for k, v in record.items() if k != "schema"}
    if record.get("schema") != SCHEMA or set(fields) != set(Seal.__slots__):
        return None
    return Seal(**fields)
