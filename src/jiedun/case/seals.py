"""The sealed package of a case, if one lies where `jiedun seal` puts it."""

import json
from pathlib import Path

from jiedun.evidence.seal import badge, layout
from jiedun.remedies.letters import Seal

_LARGEST = 100_000


def seal_of(folder: Path, bag: Path | None = None) -> Seal | None:
    """Root, key and QR text of `FOLDER.bag` (or `bag`); None where there is no readable seal."""
    path = (bag or folder.with_name(folder.name + ".bag")) / layout.SEAL
    try:
        if path.stat().st_size > _LARGEST:
            return None
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    seal = layout.seal_of(record) if isinstance(record, dict) else None
    if seal is None:
        return None
    return Seal(badge.grouped(seal.root), badge.grouped(seal.key), badge.text(seal.root, seal.key))
