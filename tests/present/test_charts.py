"""Charts hold numbers and fixed words, one drawing each, no evidence."""

import json
import re
from datetime import date
from decimal import Decimal

from jiedun.model.report import BalancePoint, BalanceSeries, Flow, FlowPart, Report
from jiedun.model.text import Words
from jiedun.present import charts
from jiedun.present.calendar import count_contacts
from jiedun.present.phrases import MONTHS

EVIL = Words("<script>", "<script>")
NAMES = ("08:00 标准", "21:00 提示", "22:00 标准", MONTHS["zh"])


def _draw(spec: charts.Spec) -> str:
    return charts.draw(charts.Chart("x", spec, "题<目>", "说明", charts.width_of(spec)))


def _filled(svg: str, colour: str) -> int:
    return len(re.findall(rf'fill="{colour}"', svg))


def test_hours_draw_each_cell_the_limits_and_the_third_persons(sample_report: Report) -> None:
    calendar = count_contacts(sample_report)
    assert calendar is not None
    svg = _draw(charts.hours_spec(calendar, NAMES))
    cells = sum(_filled(svg, colour) for colour in charts.STEPS)
    assert cells == len(calendar.cells)
    assert svg.count('stroke="#ffffff"') == sum(bool(c.third) for c in calendar.cells)
    for name in NAMES[:3]:
        assert f">{name}</text>" in svg
    assert _filled(svg, charts.REST) == 2
    assert _filled(svg, charts.EVENING) == 1


def test_busiest_bars_turn_dark_over_three(sample_report: Report) -> None:
    calendar = count_contacts(sample_report)
    assert calendar is not None
    svg = _draw(charts.busiest_spec(calendar, "3 次"))
    assert _filled(svg, charts.STEPS[3]) == sum(n > 3 for _, n in calendar.busiest) == 1
    assert _filled(svg, charts.STEPS[1]) == sum(n <= 3 for _, n in calendar.busiest)


def test_a_drawing_names_itself_and_has_no_fixed_size() -> None:
    flow = Flow("f", EVIL, (FlowPart("interest", EVIL, Decimal("3.50")),))
    svg = _draw(charts.flow_spec([flow]))
    assert svg.startswith('<svg class="chart" viewBox="0 0 ')
    assert svg.endswith("</svg>")
    assert '<title id="x-t">题&lt;目&gt;</title>' in svg
    assert "xlink" not in svg
    assert "clip-path" not in svg


def test_no_evidence_text_enters_a_chart() -> None:
    points = BalancePoint(date(2026, 1, 1), Decimal(5)), BalancePoint(date(2026, 2, 1), Decimal(-3))
    series = BalanceSeries("<script>", EVIL, True, points)
    flow = Flow("<script>", EVIL, (FlowPart("<script>", EVIL, Decimal(1)),))
    specs = charts.balance_spec([series]), charts.flow_spec([flow])
    assert "script" not in json.dumps(specs).replace("$schema", "")


def test_odd_sums_can_be_drawn() -> None:
    one = BalanceSeries("a", EVIL, False, (BalancePoint(date(2026, 1, 1), Decimal(0)),))
    big = BalanceSeries("b", EVIL, True, (BalancePoint(date(2026, 1, 1), Decimal("9e12")),))
    nothing = Flow("f", EVIL, (FlowPart("x", EVIL, Decimal(-1)),))
    for spec in (
        charts.balance_spec([one]),
        charts.balance_spec([one, big]),
        charts.flow_spec([nothing]),
    ):
        assert "<svg" in _draw(spec)


def test_only_the_contracts_letter_is_grey() -> None:
    some = [BalanceSeries(str(n), EVIL, n > 0, ()) for n in range(8)]
    colours = charts.line_colours(some)
    assert colours[0] == charts.MUTED
    assert charts.MUTED not in colours[1:]
