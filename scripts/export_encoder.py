"""Writes the encoder's shipped files from `final.pt`: `python -m scripts.export_encoder DIR`.

int8 by dynamic quantisation of evened products (`encoder_even`), the word table int8 with a scale a
row. Writes `int8-K.npz` too: what the same form of each fold says of the authors it left out.
Reproducible to the bit from `final.pt` and the texts of `data/messages`, with the pinned torch and
onnxruntime: products are evened over one in STRIDE of the project's own texts.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from jiedun.model.reading import Label
from jiedun.reading.encoder import Encoder
from jiedun.reading.normalise import WEIGHTS, normalise
from jiedun.reading.pieces import Pieces
from jiedun.reading.windows import cut
from scripts import encoder_weights
from scripts.conduct_data import Labelled, load
from scripts.encoder_even import even
from scripts.encoder_model import Reader
from scripts.train_encoder import LAYERS, padded, tokenised

CHUNK = 512
STRIDE = 50


class _Upper(nn.Module):
    def __init__(self, model: Reader) -> None:
        super().__init__()
        self.model = model

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        return self.model.upper(self.model.norm(states), mask, 0)


def _words(model: Reader, scores: list[float]) -> None:
    words = model.word.weight.detach().numpy()
    scales = np.abs(words).max(1) / 127
    whole = np.round(words / np.maximum(scales, 1e-9)[:, None]).astype(np.int8)
    np.savez_compressed(
        WEIGHTS / "encoder-words.npz",
        words=whole,
        scales=scales.astype(np.float32),
        places=model.place.weight.detach().numpy()[:162],
        scores=np.array(scores, np.float32),
    )


def _quantised(model: Reader, folder: Path) -> bytes:
    """The ONNX file of a model, whose products are evened first, in int8."""
    example = (torch.zeros(2, 9, 384), torch.zeros(2, 1, 1, 9))
    axes = {
        "states": {0: "rows", 1: "tokens"},
        "mask": {0: "rows", 3: "tokens"},
        "logits": {0: "rows"},
    }
    plain, small = folder / "encoder.onnx", folder / "encoder-int8.onnx"
    torch.onnx.export(
        _Upper(model), example, str(plain), input_names=["states", "mask"],
        output_names=["logits"], dynamic_axes=axes, opset_version=17, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(
        str(plain), str(small), weight_type=QuantType.QInt8, per_channel=True,
        op_types_to_quantize=["MatMul"],
    )  # fmt: skip
    return small.read_bytes()


def _samples(data: Labelled, pieces: Pieces) -> list[tuple[Tensor, Tensor]]:
    """Ids and masks of the project's own texts, one in STRIDE, in batches of like length."""
    own = data.take(np.flatnonzero(data.author == 0)[::STRIDE])
    ids = sorted(tokenised(own.messages, pieces), key=len)
    return [padded(ids[at : at + 16]) for at in range(0, len(ids), 16)]


def _apart(folder: Path, fold: Path, data: Labelled, model: bytes) -> None:
    """Writes `int8-K.npz`: the logits that the shipped form of a fold gives the authors it left out,
    a row for each window of their messages."""
    with np.load(fold.with_suffix(".npz")) as held:
        rows = held["rows"]
    messages = cut([data.messages[i] for i in rows]).messages
    encoder, found = Encoder(model), []
    for at in range(0, len(messages), CHUNK):
        part = messages[at : at + CHUNK]
        batch = normalise([m.text for m in part])
        found.append(encoder.logits(part, [batch.text(i) for i in range(len(part))]))
    name = fold.stem.replace("fold", "int8")
    np.savez(folder / f"{name}.npz", rows=rows, logits=np.concatenate(found))


def _loaded(
    held: encoder_weights.Encoder, path: Path, samples: list[tuple[Tensor, Tensor]]
) -> Reader:
    model = Reader(held, LAYERS, len(Label)).eval()
    model.load_state_dict(torch.load(path))
    with torch.no_grad():
        before = model(*samples[0])
        even(model, samples)
        assert torch.allclose(model(*samples[0]), before, atol=0.01), "evening changed the model"
    return model


def main() -> None:
    """Exports and quantises; every fold's shipped form reads the authors it left out."""
    folder = Path(sys.argv[1])
    held = encoder_weights.load(encoder_weights.wheel_file(), LAYERS)
    data = load(own=True)
    samples = _samples(data, Pieces.of(held.pieces, held.scores))
    model = _loaded(held, folder / "final.pt", samples)
    (WEIGHTS / "encoder.bin").write_bytes(_quantised(model, folder))
    _words(model, held.scores)
    (WEIGHTS / "encoder-pieces.json").write_text(
        json.dumps(held.pieces, ensure_ascii=False), "utf-8"
    )
    for fold in sorted(folder.glob("fold-*.pt")):
        _apart(folder, fold, data, _quantised(_loaded(held, fold, samples), folder))


if __name__ == "__main__":
    main()
