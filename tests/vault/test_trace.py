"""Tracing: the bound holds for innocents, leakers are found, files survive reordering and loss."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from bench._leaks import STRATEGIES, attack, simulate

from jiedun.chain.log import Log
from jiedun.chain.sign import create
from jiedun.cli.main import main
from jiedun.errors import ProofError, UnreadableFile, VaultError
from jiedun.vault import handover, trace
from jiedun.vault.ciphers import INTL
from jiedun.vault.trace import ERASED, Decoy

MAC = INTL.mac(b"k" * 32)


def test_simulated_leaks() -> None:
    wrong, found = simulate(60)
    assert wrong == 0
    assert found >= 57


def test_the_mean_of_an_innocents_ratio_is_one() -> None:
    """Each factor has mean 1 over the innocent's bit, whatever the leak shows: worked out exactly."""
    for p in (trace.CUT, 0.1, 0.5, 0.9, 1 - trace.CUT):
        for shown in (0, 1):
            leak, bias = np.array([shown], dtype=np.int8), np.array([p])
            words = np.array([[0], [1]], dtype=np.int8)
            score = np.exp(trace.scores(words, leak, bias))
            assert (1 - p) * score[0] + p * score[1] == pytest.approx(1.0)


def test_words_are_the_same_again_and_differ_between_hand_overs() -> None:
    bias = trace.biases(MAC, "c", 3000)
    one, other = (trace.codeword(MAC, "c", h, bias) for h in "ab")
    assert (one == trace.codeword(MAC, "c", "a", bias)).all()
    assert (one != other).mean() > 0.1
    assert bias.min() >= trace.CUT and bias.max() <= 1 - trace.CUT
    assert abs(one.mean() - bias.mean()) < 0.05


def test_nothing_shown_accuses_nobody() -> None:
    bias = trace.biases(MAC, "c", 100)
    words = np.stack([trace.codeword(MAC, "c", str(n), bias) for n in range(5)])
    leak = np.full(100, ERASED, dtype=np.int8)
    accused = trace.accuse([*"abcde"], trace.scores(words, leak, bias))
    assert [a.named for a in accused] == [False] * 5
    assert accused[0].bound == 1.0


def test_attacks_only_use_what_colluders_hold() -> None:
    rng = np.random.default_rng(1)
    words = rng.integers(2, size=(3, 500)).astype(np.int8)
    for strategy in STRATEGIES:
        leak = attack(rng, words, strategy)
        assert ((leak == words).any(axis=0)).all()


def test_bound_falls_with_the_score() -> None:
    accused = trace.accuse(["a", "b"], np.array([3.0, 20.0]))
    assert [a.handover for a in accused] == ["b", "a"]
    assert accused[0].bound == pytest.approx(2 * math.exp(-20))
    assert accused[0].named and not accused[1].named


def test_a_merged_decoy_counts_for_nothing_and_spelling_does_not_matter() -> None:
    decoys = [Decoy(str(n), f"a{n}@x.cn", f"b{n}@x.cn") for n in range(4)]
    values = ["A0@X.CN ", "b0@x.cn", "ｂ1@x.cn", "someone@else.cn"]
    found = trace.trace(MAC, "c", decoys, ["h"], values)
    assert (found.shown, found.both, found.gone) == (1, 1, 2)
    with pytest.raises(VaultError):
        trace.trace(MAC, "c", [Decoy("1", "x", "X")], ["h"], [])
    with pytest.raises(VaultError):
        trace.trace(MAC, "c", decoys, [], [])
    assert trace.plain("+86 138-0000-1234") == "13800001234"


def test_signed_records_show_a_change(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 3, 2, tzinfo=UTC)
    key = create(tmp_path / "k.pem")
    made = handover.HandOver("c-1", "c", "某公司", "00" * 32, "11" * 32, 5)
    with Log.open(tmp_path / "h.log", clock=lambda: now) as log:
        handover.record(log, key, made, now)
    assert handover.recorded(tmp_path / "h.log") == [made]
    with Log.open(tmp_path / "h.log", clock=lambda: now) as log:
        body = {"id": "c-2", "campaign": "c", "recipient": "x", "file_sha256": "", "rows": 1,
                "decoys_sha256": "", "key": key.public.hex(), "signature": "00" * 64}  # fmt: skip
        log.append("handover", body, now)
    with pytest.raises(ProofError):
        handover.recorded(tmp_path / "h.log")


def test_what_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bin").write_bytes(b"\xff\xff\x81")
    for name in ("bin", "none"):
        with pytest.raises(UnreadableFile):
            trace.read_leak(tmp_path / name)
    (tmp_path / "gbk").write_bytes("姓名,邮箱\n张三,a@b.cn".encode("gb18030"))
    assert trace.read_leak(tmp_path / "gbk")[-2:] == ["张三", "a@b.cn"]


def test_the_commands_from_decoys_to_the_leaker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cheap: None
) -> None:
    at = ["--at", str(tmp_path / "v"), "--passphrase", "pw"]
    campaign = [*at, "--campaign", "2026a"]
    real = tmp_path / "real.csv"
    real.write_text("name,email,city\n" + "".join(f"人{n},r{n}@real.cn,京\n" for n in range(50)))
    assert main(["vault", "init", *at]) == 0
    register = tmp_path / "v" / "register.yaml"
    known = ", ".join(f"{{name: 公司{n}, entrusted: true}}" for n in range(6))
    raw = register.read_text("utf-8").replace("[mobile, name, loan_amount]", "[name, email]")
    raw = raw.replace("separate_consent: [loan_amount]", "separate_consent: []")
    register.write_text(raw.replace("[{name: 受托", f"[{known}, {{name: 受托", 1), "utf-8")
    loan = ["--purpose", "collection"]
    args = ["--domain", "mail.example.cn", "--count", "1500"]
    assert main(["vault", "decoys", *campaign, *args]) == 0
    assert main(["vault", "decoys", *campaign, *args]) == 2
    for number in range(6):
        out = ["--to", f"公司{number}", "--out", str(tmp_path / f"h{number}.csv"), *loan]
        assert main(["vault", "handover", str(real), *campaign, *out]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["not_registered"] == ["city"]
    copies = [list(csv.reader((tmp_path / f"h{n}.csv").read_text().splitlines())) for n in (1, 4)]
    assert len(copies[0]) == 1 + 50 + 1500
    rng = np.random.default_rng(3)
    mixed = [copies[int(rng.integers(2))][i] for i in range(1, 1551) if rng.random() < 0.5]
    with (tmp_path / "leak.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(mixed)
    capsys.readouterr()
    assert main(["vault", "trace", str(tmp_path / "leak.csv"), *campaign]) == 0
    answer = json.loads(capsys.readouterr().out)
    named = {n["recipient"] for n in answer["named"]}
    assert named and named <= {"公司1", "公司4"}
    assert all(n["false_accusation_at_most"] <= 1e-4 for n in answer["named"])
    (tmp_path / "other.csv").write_text("name,email\n甲,z@z.cn\n")
    assert main(["vault", "trace", str(tmp_path / "other.csv"), *campaign]) == 0
    assert json.loads(capsys.readouterr().out)["named"] == []
