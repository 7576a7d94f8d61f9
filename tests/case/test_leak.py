"""Who passed my number on: known truths, calibration, tables with faults, what would settle it."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from bench.leak import World, calibration

from jiedun.case.leak import ask, plain
from jiedun.case.leak_posterior import Given, Hit, posterior
from jiedun.cli.main import main
from jiedun.errors import UnreadableFile
from jiedun.model.time import SHANGHAI

NOW = datetime(2026, 3, 2, tzinfo=SHANGHAI)
BOOK = """date,platform,number,mail,name
2025-06-01,甲贷,13800001234,me+jia@x.cn,张三
2025-07-01,乙贷,13800001234,me+yi@x.cn,张叁
2025-08-01,丙贷,13800001234,me+bing@x.cn,章三
"""


def folder(tmp_path: Path, book: str, came: str, encoding: str = "utf-8") -> Path:
    (tmp_path / "registrations.csv").write_bytes(book.encode(encoding))
    (tmp_path / "marketing.csv").write_bytes(came.encode(encoding))
    return tmp_path


def test_an_alias_of_its_own_tells(tmp_path: Path) -> None:
    came = "time,to,name\n" + "".join(
        f"2025-1{m}-0{d} 10:00,me+yi@x.cn,\n" for m in (0, 1) for d in (1, 5, 8)
    )
    came += "2025-11-20T09:00,+86 138-0000-1234,张叁\n"
    answer = ask(folder(tmp_path, BOOK, came, "gb18030"), NOW, sweeps=250)
    assert answer.suspects[0].platform == "乙贷"
    assert answer.suspects[0].probability > 0.8
    assert max(s.probability for s in answer.suspects[1:]) < 0.2
    assert answer.suspects[0].fits == tuple(range(2, 9))
    assert [c.article for c in answer.cites] == ["45"]


def test_without_marketing_nobody_is_suspect_and_before_registration_nobody_fits(
    tmp_path: Path,
) -> None:
    answer = ask(folder(tmp_path, BOOK, "time,to,name\n2025-01-01,13800001234,\n"), NOW, sweeps=250)
    assert all(s.probability < 0.15 and s.fits == () for s in answer.suspects)
    assert answer.unexplained == (2,)


def test_the_same_details_cannot_be_told_apart(tmp_path: Path) -> None:
    book = "date,platform,number\n2025-06-01,甲,13800001234\n2025-06-01,乙,13800001234\n"
    came = "time,to\n" + "".join(f"2025-09-{d:02},13800001234\n" for d in range(1, 25))
    answer = ask(folder(tmp_path, book, came), NOW, sweeps=250)
    first, second = answer.suspects
    assert abs(first.probability - second.probability) < 0.2
    assert first.same_as == (second.platform,)
    assert "分不开" in first.settle.zh


def test_calibrated_on_drawn_cases() -> None:
    error, score, base, first = calibration(World("as assumed"), 25, sweeps=120)
    assert error < 0.09
    assert score < 0.6 * base
    assert first > 0.8


def test_the_same_seed_gives_the_same_answer_and_no_case_no_suspects() -> None:
    given = [Given(0.0, frozenset({0}), None)]
    hits = [Hit(float(d), 0, None) for d in range(50, 60)]
    one, two = (
        posterior(given, hits, ["number"], (0.0, 100.0), np.random.default_rng(1), 200)
        for _ in range(2)
    )
    assert (one == two).all()
    assert posterior([], [], [], (0.0, 1.0), np.random.default_rng(1)).shape == (0,)


def test_rows_with_faults_are_named_and_the_rest_used(tmp_path: Path) -> None:
    book = BOOK + "someday,丁,1,,\n2025-09-01,甲贷,2,,\n2025-09-01,戊,,,\n"
    answer = ask(
        folder(tmp_path, book, "time,to\nnever,13800001234\n2025-10-01,999\n"), NOW, sweeps=250
    )
    assert len(answer.suspects) == 3
    assert answer.problems == (
        "registrations.csv#5", "registrations.csv#6", "registrations.csv#7",
        "marketing.csv#2", "marketing.csv#3",
    )  # fmt: skip


def test_tables_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        ask(tmp_path, NOW, sweeps=250)
    for book in ("a,b\n1,2\n", "date\n1\n"):
        with pytest.raises(UnreadableFile, match="columns"):
            ask(folder(tmp_path, book, "time,to\n"), NOW, sweeps=250)
    (tmp_path / "registrations.csv").write_bytes(b"\xff\xff\x81")
    with pytest.raises(UnreadableFile):
        ask(tmp_path, NOW, sweeps=250)
    assert plain("ＭＥ@X.cn") == "me@x.cn"


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = folder(tmp_path, BOOK, "time,to\n2025-10-01,me+yi@x.cn\n")
    assert main(["leak", str(where)]) == 0
    assert "不是证据" in capsys.readouterr().out
    assert main(["leak", str(where), "--json", "--lang", "en"]) == 0
    assert '"probability"' in capsys.readouterr().out
    assert main(["leak", str(tmp_path / "none")]) == 1
