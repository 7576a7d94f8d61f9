"""The table readers in the registry: whole folders are read, and nothing of theirs is a problem."""

import json
from pathlib import Path

import pytest

from jiedun.evidence.gather import gather
from jiedun.model.evidence import Channel
from jiedun.people import resolve


@pytest.mark.parametrize("case", ["case-a", "case-b"])
def test_shared_cases(case: str, shared: Path) -> None:
    folder = shared / "cases" / case
    expected = json.loads((folder / "expected.json").read_text())
    evidence = gather(folder)
    calls = [c for c in evidence.contacts if c.channel is Channel.CALL]
    assert len(calls) == sum(expected["counts"]["calls"].values())
    assert len(evidence.payments) == expected["counts"]["payments"]
    assert len(evidence.loans) == 1
    assert evidence.problems == ()
    people = resolve(evidence, collects={}, signatures={})
    for path, phone in expected["phones"].items():
        label = path.split("/")[1] if path.startswith("phones/") else None
        owner = people.owner(label)
        assert owner is not None
        assert (owner.number, owner.role.value) == (phone["owner"], phone["role"])


def test_a_folder_in_every_encoding(tmp_path: Path) -> None:
    (tmp_path / "phones" / "妈妈").mkdir(parents=True)
    carrier = "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型\r\n"
    carrier += "2026-09-01 10:00:00,--,被叫,861069000000001\t,5秒,国内\r\n"
    parties = "号码,角色,姓名,备注\n17000000001,本人,甲,\n17000000002,亲属,乙,母亲\n1069000000001,出借人,某小贷,\n"
    (tmp_path / "parties.csv").write_bytes(parties.encode("gbk"))
    (tmp_path / "phones" / "妈妈" / "通话详单.csv").write_bytes(carrier.encode("gb18030"))
    (tmp_path / "payments.csv").write_bytes(
        "date,amount,payee\n2026-03-26,5,某小贷\n".encode("utf-8-sig")
    )
    evidence = gather(tmp_path)
    people = resolve(evidence, collects={}, signatures={})
    owner = people.owner("妈妈")
    assert owner is not None
    assert owner.number == "17000000002"
    assert people.creditors == {"某小贷": ("1069000000001",)}
    caller = people.of(evidence.contacts[0].peer_raw)
    assert caller is not None
    assert caller.creditor == "某小贷"
    assert people.questions == ()
    assert evidence.problems == ()
