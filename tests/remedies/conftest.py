"""Findings made by hand for the tests of plans and letters."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from jiedun import law
from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Certainty, Finding, Force
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI

MakeFinding = Callable[..., Finding]


@pytest.fixture
def finding() -> MakeFinding:
    """A maker of findings; what is not named has a plain value."""

    def make(
        violation: str = "threat",
        on: date = date(2026, 10, 5),
        *,
        creditor: str | None = "云岭小贷",
        certainty: Certainty = Certainty.PROBABLE,
        force: Force = Force.LAW,
        cites: tuple[tuple[str, str | None], ...] = (),
        item: str = "sms.xml",
        n: int = 1,
        hour: int = 10,
        title: str = "",
    ) -> Finding:
        found = [law.cite(act, article, on) for act, article in cites]
        name = title or violation
        return Finding(
            id=f"F-{violation}-{on}-{n}-{item}",
            rule=f"R-{violation}",
            rule_version="1",
            violation=violation,
            title=Words(name, name),
            force=force,
            certainty=certainty,
            occurred_at=datetime(on.year, on.month, on.day, hour, tzinfo=SHANGHAI),
            items=(ItemRef(item, n),),
            cites=tuple(c for c in found if c is not None),
            explanation=Words(f"{on} {hour}时发生了一件事。", f"Something happened on {on}."),
            creditor=creditor,
            facts={"channel": "sms"},
        )

    return make
