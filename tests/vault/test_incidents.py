"""Incidents: scope from the log, grades and clocks by date, drafts, stages."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from jiedun.chain.log import Log
from jiedun.cli.main import main
from jiedun.errors import ProofError, VaultError
from jiedun.vault import incident_book, incidents
from jiedun.vault.access import Actor
from jiedun.vault.incidents import Incident, Stage, advance, deadlines, grade
from jiedun.vault.store import Vault

FOUND = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WINDOW = (FOUND - timedelta(days=1), FOUND)


@pytest.mark.parametrize(
    ("persons", "on", "wanted"),
    [
        (999_999, date(2026, 1, 1), None),
        (1_000_000, date(2026, 1, 1), "serious"),
        (10_000_000, date(2026, 1, 1), "major"),
        (100_000_000, date(2026, 1, 1), "extreme"),
        (1_000_000, date(2025, 10, 31), None),
        (1_000_000, date(2025, 11, 1), "serious"),
    ],
)
def test_grades_by_date_are_to_be_confirmed(persons: int, on: date, wanted: str | None) -> None:
    found = grade(persons, on)
    assert found.grade == wanted
    assert not found.certain
    if wanted:
        assert "待核实" in found.title.zh


def test_clocks() -> None:
    small = {d.id: d for d in deadlines(FOUND, 500)}
    assert set(small) == {"pipl_57"}
    assert small["pipl_57"].until is None
    cite = small["pipl_57"].cite
    assert cite is not None and cite.verified and "立即采取补救措施" in str(cite.quote)
    large = {d.id: d for d in deadlines(FOUND, 2_000_000, ["pboc"])}
    assert large["national_other"].until == FOUND + timedelta(hours=4)
    assert large["pboc_order5"].until == FOUND + timedelta(hours=72)
    assert not large["pboc_order5"].certain and "待核实" in large["pboc_order5"].words.zh
    assert large["pboc_order5"].cite is None or large["pboc_order5"].cite.quote is None
    assert not large["national_other"].certain
    core = {d.id: d for d in deadlines(FOUND, 2_000_000, ["critical_infrastructure"])}
    assert core["national_cii"].until == FOUND + timedelta(hours=1)
    assert "national_other" not in core
    before = deadlines(datetime(2025, 10, 31, 15, 59, tzinfo=UTC), 2_000_000)
    assert {d.id for d in before} == {"pipl_57"}
    after = deadlines(datetime(2025, 10, 31, 16, 0, tzinfo=UTC), 2_000_000)
    assert {d.id for d in after} == {"pipl_57", "national_other"}


def test_scope_is_counted_from_the_log(vault: Vault, credit: Actor, person: dict[str, str]) -> None:
    ids = vault.put_many([person] * 3, ["loan"], credit)
    vault.read(ids[0], ["name"], "loan", credit)
    vault.clock.move(hours=2)  # type: ignore[attr-defined]
    start = vault.clock()
    vault.read(ids[1], ["name", "mobile"], "loan", credit)
    vault.read(ids[1], ["name"], "loan", Actor("s", "service"))
    vault.read(ids[2], ["bank_card"], "loan", credit)  # withheld: nothing was shown
    found = incidents.scope(vault.log.path, (start, vault.clock()))
    assert found.subjects == {ids[1].hex()}
    assert (found.reads, found.masked) == (2, 1)
    assert found.fields == {"name": 2, "mobile": 1}
    assert incidents.scope(vault.log.path, (start, vault.clock()), ["s"]).reads == 1
    raw = vault.log.path.read_bytes()
    vault.log.path.write_bytes(raw.replace(b'"name":"clear"', b'"name":"xlear"', 1))
    with pytest.raises(ProofError):
        incidents.scope(vault.log.path, (start, vault.clock()))


def test_drafts_hold_what_article_57_asks_for(vault: Vault) -> None:
    found = incidents.Scope(frozenset({"a", "b"}), {"mobile": 2}, {"x": 2}, {"loan": 2}, 2, 0)
    one = Incident("i", FOUND, WINDOW, "员工导出", measures=("停用账号", "更换密钥"))
    one = advance(one, Stage.CONFIRMED, FOUND, "")
    people = incidents.notice_to_people(one, found, vault.register)
    for words in ("手机号码", "员工导出", "危害", "停用账号", "您可以做什么", "联系我们"):
        assert words in people
    report = incidents.report_to_authority(one, found, vault.register)
    for words in ("2 人", "未达到", "2026-03-02 17:00", "法律没有规定小时数"):
        assert words in report


def test_stages_follow_one_another() -> None:
    one = Incident("i", FOUND, WINDOW, "")
    with pytest.raises(VaultError):
        advance(one, Stage.CONTAINED, FOUND, "")
    one = advance(one, Stage.CONFIRMED, FOUND, "")
    with pytest.raises(VaultError):
        advance(one, Stage.CONTAINED, FOUND - timedelta(hours=1), "")
    one = advance(advance(one, Stage.CONTAINED, FOUND, ""), Stage.REPORTED, FOUND, "")
    with pytest.raises(VaultError, match="without measures"):
        advance(one, Stage.CLOSED, FOUND, "")


def test_the_book_keeps_an_incident_from_suspicion_to_the_closed_report(tmp_path: Path) -> None:
    path, now = tmp_path / "incidents.log", FOUND + timedelta(hours=1)
    with Log.open(path, clock=lambda: now) as log:
        one = incident_book.begin(log, FOUND, WINDOW, "员工导出", now)
        other = incident_book.begin(log, FOUND, WINDOW, "", now)
        for stage in (Stage.CONFIRMED, Stage.CONTAINED, Stage.REPORTED):
            one = incident_book.step(log, one, stage, "按预案", now)
        with pytest.raises(VaultError, match="without measures"):
            incident_book.step(log, one, Stage.CLOSED, "", now)
        one = incident_book.measure(log, one, "更换密钥", now)
        one = incident_book.step(log, one, Stage.CLOSED, "", now)
        with pytest.raises(VaultError):
            incident_book.measure(log, one, "再换", now)
        for window, found in ((WINDOW[::-1], FOUND), (WINDOW, now + timedelta(seconds=1))):
            with pytest.raises(VaultError):
                incident_book.begin(log, found, window, "", now)
    assert incident_book.read(path) == {one.id: one, other.id: other}
    assert [s for _, s, _ in one.timeline] == list(Stage)[1:]
    path.write_bytes(path.read_bytes().replace("更换密钥".encode(), "没换密钥".encode(), 1))
    with pytest.raises(ProofError):
        incident_book.read(path)


def test_the_book_from_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--at", str(tmp_path)]
    times = [
        "--from",
        "2026-03-01T09:00",
        "--until",
        "2026-03-02T09:00",
        "--found",
        "2026-03-02T09:30",
    ]
    assert main(["vault", "incidents", "open", *at]) == 2
    assert main(["vault", "incidents", "open", *at, *times, "--cause", "员工导出"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["deadlines"][0]["cite"]["article"] == "57"
    assert main(["vault", "incidents", "measure", told["id"], *at, "--note", "停用账号"]) == 0
    assert main(["vault", "incidents", "step", told["id"], *at, "--to", "closed"]) == 1
    assert main(["vault", "incidents", "step", told["id"], *at, "--to", "confirmed"]) == 0
    told = json.loads(capsys.readouterr().out[-20000:].split("\n}\n")[-2] + "}")
    assert "停用账号" in told["report_draft"] and told["stage"] == "confirmed"
    assert main(["vault", "incidents", "step", "i-9", *at, "--to", "closed"]) == 2
    assert main(["vault", "incidents", "show", *at]) == 0
    assert json.loads(capsys.readouterr().out)[0]["stage"] == "confirmed"
