"""What was filed: appended, merged, kept whole; bad lines are named."""

from datetime import date
from pathlib import Path

import pytest

from jiedun.case.filed import NAME, line_of, read_filed, record
from jiedun.cli.main import main
from jiedun.errors import BadValue
from jiedun.remedies.values import Filed

FIRST = Filed("lender", date(2026, 11, 2), "T-1", creditor="云岭银行")


def test_later_lines_add_to_the_filing(tmp_path: Path) -> None:
    record(tmp_path, FIRST)
    answered = Filed(
        "lender", FIRST.on, answered=date(2026, 11, 9), answer="已停催", creditor="云岭银行"
    )
    found = record(tmp_path, answered)
    assert found == (
        Filed("lender", FIRST.on, "T-1", None, date(2026, 11, 9), "已停催", "云岭银行"),
    )
    assert len((tmp_path / NAME).read_text("utf-8").splitlines()) == 2
    assert "T-1" in line_of(found[0], "zh")


def test_other_creditor_is_another_filing(tmp_path: Path) -> None:
    record(tmp_path, FIRST)
    found = record(tmp_path, Filed("lender", FIRST.on, creditor="另一家"))
    assert len(found) == 2


@pytest.mark.parametrize(
    "line", ["不是JSON", "[]", '{"channel": "lender"}', '{"channel":1,"on":"x"}']
)
def test_bad_line_is_named(tmp_path: Path, line: str) -> None:
    record(tmp_path, FIRST)
    with (tmp_path / NAME).open("a", encoding="utf-8") as out:
        out.write(line + "\n")
    with pytest.raises(BadValue) as caught:
        read_filed(tmp_path)
    assert f"{NAME}#2" in str(caught.value)


def test_command_records_lists_and_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "证据"
    folder.mkdir()
    assert main(["filed", str(folder), "lender", "--on", "2026-01-05", "--number", "T-7"]) == 0
    assert main(["filed", str(folder), "--json"]) == 0
    assert '"T-7"' in capsys.readouterr().out
    assert list(folder.iterdir()) == []
    assert main(["filed", str(folder), "no-such-office"]) == 1
    assert main(["filed", str(folder), "lender", "--on", "2999-01-05"]) == 2
    assert (
        main(["filed", str(folder), "lender", "--on", "2026-01-05", "--answered", "2026-01-01"])
        == 2
    )
