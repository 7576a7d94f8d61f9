"""Writes the encoder's shipped files from `final.pt`: `python -m scripts.export_encoder DIR`.

int8 by dynamic quantisation, the last two feed-forward outputs in fp32, the word table int8 with
a scale a row. Reproducible from `final.pt` to the bit with the pinned torch and onnxruntime.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from jiedun.model.reading import Label
from jiedun.reading.normalise import WEIGHTS
from scripts import encoder_weights
from scripts.encoder_model import Reader
from scripts.train_encoder import LAYERS


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


def main() -> None:
    """Exports, quantises, compresses."""
    folder = Path(sys.argv[1])
    held = encoder_weights.load(encoder_weights.wheel_file(), LAYERS)
    model = Reader(held, LAYERS, len(Label)).eval()
    model.load_state_dict(torch.load(folder / (sys.argv[2] if len(sys.argv) > 2 else "final.pt")))
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
    kept = [f"/model/layers.{i}/fo/MatMul" for i in (LAYERS - 2, LAYERS - 1)]
    quantize_dynamic(
        str(plain), str(small), weight_type=QuantType.QInt8, per_channel=True,
        nodes_to_exclude=kept, op_types_to_quantize=["MatMul"],
    )  # fmt: skip
    (WEIGHTS / "encoder.bin").write_bytes(small.read_bytes())
    _words(model, held.scores)
    (WEIGHTS / "encoder-pieces.json").write_text(
        json.dumps(held.pieces, ensure_ascii=False), "utf-8"
    )


if __name__ == "__main__":
    main()
