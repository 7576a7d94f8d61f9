"""Quality of the readers on authors and frames that their models had not seen."""

from collections.abc import Callable, Sequence, Set
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scripts.conduct_data import Labelled, load, unseen
from scripts.conduct_linear import counted, heard, without
from scripts.conduct_measure import Measured, average_precision, curve, measure, ranked, told
from scripts.conduct_points import best_f1, calibration, chances, deep_evidence
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bench._evasions import TRANSFORMS, transformed
from bench._figures import Figures
from jiedun.model.reading import Label, Message
from jiedun.reading.conduct import Tier, read

APART = Path(__file__).resolve().parents[1] / "data/heldapart"
LIVE = 9
RECALLS = (0.5, 0.7, 0.8, 0.9)
Floats = NDArray[np.float64]
Reads = Callable[[list[Message]], NDArray[np.bool_]]


def _report(name: str, rows: list[Measured], figures: Figures, goals: dict[str, float]) -> None:
    f1 = [float(r.f1.mean()) for r in rows]
    figures.show(f"{name}: macro-F1 at possible, mean", np.mean(f1), goals.get("mean"))
    figures.show(f"{name}: macro-F1 at possible, worst author", min(f1), goals.get("worst"))
    accused = np.mean([r.accused_probable for r in rows])
    figures.show(f"{name}: accused at probable", accused, goals.get("accused"), most=True)
    recall = np.mean([r.recall_probable.mean() for r in rows])
    figures.show(f"{name}: macro recall at probable", recall, goals.get("recall"))
    figures.show(
        f"{name}: pairs, both right", np.mean([r.pairs_right for r in rows]), goals.get("pairs")
    )
    figures.show(f"{name}: accused at possible", np.mean([r.accused_possible for r in rows]), None)
    figures.show(f"{name}: calibration error", np.mean([r.error for r in rows]), None)
    print("   authors " + " ".join(f"{r.author}:{r.f1.mean():.3f}" for r in rows))


def _by_label(rows: list[Measured], logits: Floats, data: Labelled) -> None:
    f1 = np.mean([r.f1 for r in rows], axis=0)
    area, points = average_precision(logits, data.truth), curve(logits, data.truth, RECALLS)
    print("   label                 F1    AP    precision at recall " + " ".join(map(str, RECALLS)))
    for k, label in enumerate(Label):
        shown = " ".join(f"{x:.3f}" for x in points[k])
        print(f"   {label.value:<21} {f1[k]:.3f} {area[k]:.3f} {shown}")


def conduct(figures: Figures) -> None:
    """Both tiers from stored held-apart logits; one author trained anew beside the peer."""
    data = load()
    with np.load(APART / "fast.npz") as held:
        fast = held["logits"].astype(np.float64)
    with np.load(APART / "deep.npz") as held:
        rows = held["rows"]
        part = data.take(rows)
        deep = deep_evidence(held["linear"], held["encoder"], part)
    _live(fast, figures)
    goals = {"mean": 0.86, "accused": 0.02, "recall": 0.75}
    _unseen("fast", figures, goals)
    measured = measure(fast[:, :, None], data)
    _report("fast, 13 authors one at a time", measured, figures, goals)
    _by_label(measured, fast, data)
    measured = measure(deep, part)
    goals = {"mean": 0.91, "worst": 0.88, "accused": 0.02, "recall": 0.75, "pairs": 0.80}
    _unseen("deep", figures, goals)
    authors = len(set(part.author.tolist()))
    _report(f"deep, {authors} authors, a third left out at a time", measured, figures, goals)
    _by_label(measured, ranked(deep, part), part)
    if authors < len(set(data.author.tolist())):
        _report("fast, the same authors", measure(fast[rows, :, None], part), figures, {})


def _live(stored: Floats, figures: Figures) -> None:
    """Trains without one author: the stored logits must come out again; the peer runs beside.

    Both learn from the other authors and from the project's own texts.
    """
    data = load(own=True)
    outside = np.flatnonzero(data.author == LIVE)
    inside = np.flatnonzero(data.author != LIVE)
    others = np.flatnonzero((data.author != LIVE) & (data.author > 0))
    counts = counted(data.messages)
    model = without(counts, data, [LIVE])
    tested = [data.messages[i] for i in outside]
    logits = heard(model, tested)
    figures.show(
        "fast: largest difference to stored logits",
        np.abs(logits - stored[outside]).max(),
        0.02,
        most=True,
    )
    fitted = calibration(stored[others][:, :, None], data.truth[others])
    known = chances(stored[others][:, :, None], *fitted)
    floor = np.array([best_f1(known[:, k], data.truth[others, k]) for k in range(len(Label))])

    def fast(messages: list[Message]) -> NDArray[np.bool_]:
        return chances(heard(model, messages)[:, :, None], *fitted) >= floor

    ours = _macro(fast(tested), data.truth[outside])
    figures.show(f"fast: macro-F1, author {LIVE} left out now", ours, None)
    figures.show(f"TF-IDF 1-4 + LR: macro-F1, author {LIVE}", _peer(data, inside, outside), None)
    _robust("fast", fast, tested, data.truth[outside], figures)
    some = slice(0, 400)
    _robust("deep, texts it has seen", _deep, tested[some], data.truth[outside[some]], figures)


def _macro(hit: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    both = (hit & truth).sum(0)
    return float((2 * both / np.maximum(hit.sum(0) + truth.sum(0), 1)).mean())


def _peer(data: Labelled, inside: NDArray[np.int64], outside: NDArray[np.int64]) -> float:
    """The usual baseline; its threshold is its own 0.5, tuned by class weights."""
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
    told = [f"{m.recipient} {m.channel} {m.text}" for m in data.messages]
    x = words.fit_transform([told[i] for i in inside])
    y = words.transform([told[i] for i in outside])
    hit = np.zeros((len(outside), len(Label)), np.bool_)
    for k in range(len(Label)):
        model = LogisticRegression(C=10, solver="liblinear", class_weight="balanced", tol=1e-2)
        hit[:, k] = model.fit(x, data.truth[inside, k]).decision_function(y) > 0
    return _macro(hit, data.truth[outside])


def _robust(
    name: str, reads: Reads, tested: list[Message], truth: NDArray[np.bool_], figures: Figures
) -> None:
    plain, lost = _macro(reads(tested), truth), []
    for transform in TRANSFORMS:
        texts = transformed(transform, [m.text for m in tested])
        changed = [
            Message(m.id, t, m.channel, m.recipient) for m, t in zip(tested, texts, strict=True)
        ]
        lost.append(plain - _macro(reads(changed), truth))
        print(f"   {transform:<18} costs {lost[-1] * 100:5.1f} points")
    figures.show(f"{name}: largest loss under 12 evasions", max(lost), 0.05, most=True)
    figures.show(f"{name}: mean loss under 12 evasions", np.mean(lost), 0.05, most=True)


def _deep(messages: list[Message]) -> NDArray[np.bool_]:
    """What the shipped `deep` tier finds at `possible`; its weights have seen these texts."""
    return _flags([reading.possible for reading in read(messages, spans=False)])


def _flags(found: Sequence[Set[Label]]) -> NDArray[np.bool_]:
    return np.array([[label in labels for label in Label] for labels in found])


def _unseen(tier: Tier, figures: Figures, goals: dict[str, float]) -> None:
    """The reader as it is shipped, on authors that nothing was trained on or chosen by."""
    data = unseen()
    readings = read(data.messages, tier=tier, spans=False)
    p = np.array([[reading.scores[label] for label in Label] for reading in readings])
    maybe, likely = _flags([r.possible for r in readings]), _flags([r.probable for r in readings])
    rows = []
    for author in sorted(set(data.author.tolist())):
        at = np.flatnonzero(data.author == author)
        rows.append(told(author, p[at], maybe[at], likely[at], data.take(at)))
    _report(f"{tier} as shipped, {len(rows)} authors never seen", rows, figures, goals)
