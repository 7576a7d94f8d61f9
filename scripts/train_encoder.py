"""Fine-tunes the cut encoder: `--folds 0` leaves a third of the authors out (three epochs), `--final`
goes on from there for one epoch over all authors.

Writes held-apart logits (`fold-K.npz`) and weights (`fold-K.pt`, `final.pt`) to `--out`. One
thread; half an hour a fold on one free core. Deterministic on one machine and one torch
version; across machines the logits differ in the last digits.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from jiedun.model.reading import Label, Message
from jiedun.reading.encoding import ids_of
from jiedun.reading.normalise import normalise
from jiedun.reading.pieces import PAD, UNK, Pieces
from scripts import encoder_weights
from scripts.conduct_batches import batches
from scripts.conduct_data import Labelled, load
from scripts.encoder_model import Reader

LAYERS, FROZEN, GROUPS = 10, 4, 3
OWN = 99
EPOCHS, RATE, HEAD_RATE, DECAY = 3, 3e-4, 2e-3, 0.9
DROPPED = 0.05


def tokenised(messages: list[Message], pieces: Pieces) -> list[list[int]]:
    """Piece ids of every message."""
    batch = normalise([m.text for m in messages])
    return [ids_of(m, batch.text(i), pieces) for i, m in enumerate(messages)]


def _halved() -> torch.autocast:
    """Products in bfloat16, three times as fast where the processor has them; sums stay float32."""
    return torch.autocast("cpu", dtype=torch.bfloat16)


def padded(ids: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids (texts, tokens) and the additive mask (texts, 1, 1, tokens)."""
    table = torch.full((len(ids), max(map(len, ids))), PAD)
    for row, one in enumerate(ids):
        table[row, : len(one)] = torch.tensor(one)
    mask = torch.where(table == PAD, -1e4, 0.0)[:, None, None, :]
    return table, mask


def lower_states(model: Reader, ids: list[list[int]]) -> list[NDArray[np.float16]]:
    """Hidden states after the frozen layers, one array a message."""
    out: list[NDArray[np.float16]] = [np.zeros((0, 0), np.float16)] * len(ids)
    order = np.argsort([len(x) for x in ids])
    with torch.no_grad(), _halved():
        for at in range(0, len(order), 32):
            batch = [int(i) for i in order[at : at + 32]]
            table, mask = padded([ids[i] for i in batch])
            x = model.lower(table, mask, FROZEN).half().numpy()
            for row, i in enumerate(batch):
                out[i] = x[row, : len(ids[i])].copy()
    return out


def _stacked(states: list[NDArray[np.float16]], batch: list[int]) -> tuple[Tensor, Tensor]:
    longest = max(len(states[i]) for i in batch)
    x = np.zeros((len(batch), longest, states[0].shape[1]), np.float32)
    mask = np.full((len(batch), 1, 1, longest), -1e4, np.float32)
    for row, i in enumerate(batch):
        x[row, : len(states[i])] = states[i]
        mask[row, 0, 0, : len(states[i])] = 0
    return torch.from_numpy(x), torch.from_numpy(mask)


def _optimiser(model: Reader, share: float) -> torch.optim.AdamW:
    head = list(model.head.parameters())
    groups = [{"params": head, "lr": HEAD_RATE * share, "weight_decay": 0.01}]
    for at in range(FROZEN, LAYERS):
        rate = share * RATE * DECAY ** (LAYERS - 1 - at)
        groups.append(
            {"params": list(model.layers[at].parameters()), "lr": rate, "weight_decay": 0.01}
        )
    return torch.optim.AdamW(groups)


def train(
    model: Reader,
    states: list[NDArray[np.float16]],
    data: Labelled,
    chosen: NDArray[np.int64],
    seed: int,
    epochs: int = EPOCHS,
) -> None:
    """Trains the upper layers in place; `epochs` under EPOCHS lowers the rates in proportion."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    truth = torch.from_numpy(data.truth.astype(np.float32))
    lengths = np.array([len(s) for s in states])
    optimiser = _optimiser(model, epochs / EPOCHS)
    total = epochs * len(batches(lengths, data.unit, chosen, np.random.default_rng(seed)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / (0.06 * total), max(0.02, 1 - s / total))
    )
    loss_of = nn.BCEWithLogitsLoss(pos_weight=torch.full((truth.shape[1],), 2.0))
    for epoch in range(epochs):
        began, losses = time.time(), []
        for batch in batches(lengths, data.unit, chosen, rng):
            x, mask = _stacked(states, list(batch))
            dropped = torch.rand(mask.shape) < DROPPED
            dropped[..., 0] = False
            mask = torch.where(dropped, torch.tensor(-1e4), mask)
            with _halved():
                found = model.upper(x, mask, FROZEN)
            loss = loss_of(found.float(), truth[list(batch)])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch} loss {np.mean(losses):.4f} {time.time() - began:.0f} s", flush=True)


def logits(model: Reader, states, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """Logits of the chosen rows, in their order."""
    out = np.zeros((len(states), len(Label)), np.float32)
    order = sorted(chosen, key=lambda i: len(states[i]))
    with torch.no_grad(), _halved():
        for at in range(0, len(order), 32):
            batch = [int(i) for i in order[at : at + 32]]
            out[batch] = model.upper(*_stacked(states, batch), FROZEN).float().numpy()
    return out[chosen]


def main() -> None:
    """One fold or the final model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", nargs="*", type=int, default=[])
    parser.add_argument("--final", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    args.out.mkdir(parents=True, exist_ok=True)
    held = encoder_weights.load(encoder_weights.wheel_file(), LAYERS)
    pieces = Pieces.of(held.pieces, held.scores)
    assert pieces.table and UNK == 3
    data = load(own=True)
    ids = tokenised(data.messages, pieces)
    began = time.time()
    states = lower_states(Reader(held, LAYERS, len(Label)).eval(), ids)
    print(f"{len(ids)} texts, frozen part {time.time() - began:.0f} s", flush=True)
    group = np.where(data.author > 0, data.author % GROUPS, OWN)
    for fold in [*args.folds, *([-1] if args.final else [])]:
        torch.manual_seed(7)
        model = Reader(held, LAYERS, len(Label))
        inside, outside = np.flatnonzero(group != fold), np.flatnonzero(group == fold)
        if fold < 0:
            model.load_state_dict(torch.load(args.out / "fold-0.pt"))
        train(model, states, data, inside, seed=fold + 10, epochs=1 if fold < 0 else EPOCHS)
        name = "final" if fold < 0 else f"fold-{fold}"
        torch.save(model.state_dict(), args.out / f"{name}.pt")
        if len(outside):
            found = logits(model, states, outside)
            np.savez(args.out / f"{name}.npz", rows=outside, logits=found)
            _report(data.truth[outside], found)


def _report(truth: NDArray[np.bool_], found: NDArray[np.float32]) -> None:
    hit = found > 0
    both = (hit * truth).sum(0)
    f1 = 2 * both / np.maximum(hit.sum(0) + truth.sum(0), 1)
    print("macro F1 at 0:", f1.mean().round(4), f1.round(3).tolist(), flush=True)


if __name__ == "__main__":
    main()
