"""The encoder as a torch module: BERT layers, one attention query a label, a linear head."""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from scripts.encoder_weights import Encoder

HEADS = 12
WIDTH = 384


class Layer(nn.Module):
    """One post-norm BERT layer."""

    def __init__(self, held: dict[str, NDArray[np.float32]], at: int) -> None:
        super().__init__()
        for name in ("q", "k", "v", "ao", "fi", "fo"):
            bias = torch.tensor(held[f"l{at}.{name}.b"])
            linear = nn.Linear(held[f"l{at}.{name}.w"].size // len(bias), len(bias))
            linear.weight.data = torch.tensor(held[f"l{at}.{name}.w"]).reshape(len(bias), -1)
            linear.bias.data = bias
            setattr(self, name, linear)
        for name in ("aln", "oln"):
            norm = nn.LayerNorm(WIDTH, eps=1e-12)
            norm.weight.data = torch.tensor(held[f"l{at}.{name}.w"])
            norm.bias.data = torch.tensor(held[f"l{at}.{name}.b"])
            setattr(self, name, norm)
        self.even: dict[str, Tensor] = {}
        """What the inputs of a product are multiplied with first; set by `encoder_even` alone."""

    def _evened(self, name: str, x: Tensor) -> Tensor:
        return x * self.even[name] if name in self.even else x

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Hidden states (batch, tokens, width); `mask` (batch, 1, 1, tokens) is added to scores."""
        rows, tokens, _ = x.shape

        def heads(y: Tensor) -> Tensor:
            return y.view(rows, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)

        y = self._evened("q", x)
        q, k, v = heads(self.q(y)), heads(self.k(y)), heads(self.v(y))
        weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS) + mask, -1)
        x = self.aln(x + self.ao((weights @ v).transpose(1, 2).reshape(rows, tokens, WIDTH)))
        y = functional.gelu(self.fi(self._evened("fi", x)))
        return self.oln(x + self.fo(self._evened("fo", y)))


class Head(nn.Module):
    """Logits a label: attention-pooled by the label's own query, plus a linear layer on the mean."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(labels, WIDTH) * 0.02)
        self.weight = nn.Parameter(torch.zeros(labels, WIDTH))
        self.mean = nn.Linear(WIDTH, labels)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(batch, labels) from hidden states and the additive mask."""
        flat = mask[:, 0, 0, :]
        scores = torch.softmax(x @ self.query.T / 4 + flat[:, :, None], 1)
        pooled = torch.einsum("btl,bth,lh->bl", scores, x, self.weight)
        kept = (flat == 0).to(x.dtype)[:, :, None]
        return pooled + self.mean((x * kept).sum(1) / kept.sum(1).clamp(min=1))


class Reader(nn.Module):
    """Ids and mask in, logits out. `lower` runs the frozen part, `upper` the trained part."""

    def __init__(self, held: Encoder, layers: int, labels: int) -> None:
        super().__init__()
        t = held.tensors
        self.word = nn.Embedding.from_pretrained(torch.tensor(t["emb.word"]), freeze=True)
        place = t["emb.pos"].reshape(-1, WIDTH) + t["emb.type"].reshape(-1, WIDTH)[0]
        self.place = nn.Embedding.from_pretrained(torch.tensor(place), freeze=True)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.norm.weight.data = torch.tensor(t["emb.ln.w"])
        self.norm.bias.data = torch.tensor(t["emb.ln.b"])
        self.layers = nn.ModuleList(Layer(t, i) for i in range(layers))
        self.head = Head(labels)

    def embed(self, ids: Tensor) -> Tensor:
        """The first hidden states."""
        return self.norm(self.word(ids) + self.place(torch.arange(ids.shape[1]))[None])

    def lower(self, ids: Tensor, mask: Tensor, upto: int) -> Tensor:
        """Hidden states after the first `upto` layers."""
        x = self.embed(ids)
        for layer in self.layers[:upto]:
            x = layer(x, mask)
        return x

    def upper(self, x: Tensor, mask: Tensor, since: int) -> Tensor:
        """Logits from hidden states after `since` layers."""
        for layer in self.layers[since:]:
            x = layer(x, mask)
        return self.head(x, mask)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Logits of one batch; `mask` is additive, (batch, 1, 1, tokens)."""
        return self.upper(self.lower(ids, mask, 0), mask, 0)
