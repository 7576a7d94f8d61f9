"""The calendar file: read back by the library, dates and marks as in the plan."""

from datetime import date, datetime

from icalendar import Calendar

from jiedun.model.loan import LenderType
from jiedun.model.time import SHANGHAI
from jiedun.remedies.ics import calendar
from jiedun.remedies.plan import plan
from jiedun.remedies.values import CourtPaper, Filed, Situation

AT = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)


def test_every_date_is_an_event_and_doubt_is_named() -> None:
    made = plan(
        Situation(
            date(2026, 11, 20),
            lender_types={"云岭银行": LenderType.BANK},
            filed=(Filed("lender", date(2026, 11, 2), creditor="云岭银行"),),
            court_papers=(CourtPaper("complaint_copy", date(2026, 11, 18)),),
        )
    )
    read = Calendar.from_ical(calendar(made, AT, "zh"))
    events = list(read.walk("VEVENT"))
    assert sorted(e.decoded("dtstart") for e in events) == sorted(d.on for d in made.dues)
    for event in events:
        due = next(d for d in made.dues if str(event["summary"]).startswith(d.what.zh))
        assert ("待与受理机关核实" in str(event["summary"])) == due.to_confirm
        assert bool(event.walk("VALARM")) == due.mine
    assert len({str(e["uid"]) for e in events}) == len(events)


def test_the_file_is_the_same_twice() -> None:
    made = plan(
        Situation(
            date(2026, 11, 20), court_papers=(CourtPaper("payment_order", date(2026, 11, 1)),)
        )
    )
    assert calendar(made, AT, "en") == calendar(made, AT, "en")
