"""Charts as inline SVG: Vega-Lite specifications as plain dicts, drawn by `vl_convert`.

No evidence text enters a chart: names stand in the HTML beside it, so a chart holds only numbers
and fixed words. Layout is fixed (`autosize: none`), so fonts missing here change nothing: the
browser sets the text in its own fonts. Colours are fixed tokens which the page's style sheet
turns for dark screens and print.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from math import floor, log10
from typing import Any

from jiedun.model.report import BalanceSeries, Flow
from jiedun.present.calendar import Calendar
from jiedun.present.pen import PEN

INK, MUTED, GRID = "#2b3138", "#6a727c", "#dcd8d0"
REST, EVENING = "#ece7dd", "#f4f0e8"
STEPS = ("#c5dadd", "#8cb6bc", "#4a8791", "#1b5560")
THIRD, LIMIT = "#c07a1c", "#8b6b3c"
LINES = ("#1b5560", "#4a8791", "#8b6b3c", "#7a5c8e", "#5b7fa6")
PART_COLOURS = {
    "principal": "#4a8791",
    "interest": "#9cc3c8",
    "fees": "#c9ad7f",
    "penalty": "#a58bb5",
    "overpaid": "#c07a1c",
}
OTHER_PART = "#b4b8bd"
_FONT = "-apple-system, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
_LEFT, _RIGHT = 46, 64
_MANY = 400  # cells; beyond, corners are square to keep the drawing small
_LONG = re.compile(r"\d+\.\d{3,}")

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing to be made: its specification, and the words a screen reader says of it."""

    id: str
    spec: Spec
    title: str
    desc: str
    width: int


def draw(chart: Chart) -> str:
    """The chart as one `<svg>` element with title and description, without fixed size."""
    svg = PEN.svg(chart.spec)
    box = svg.index('viewBox="') + len('viewBox="')
    inner = _LONG.sub(lambda found: f"{float(found.group()):.2f}", svg[svg.index(">") + 1 :])
    return (
        f'<svg class="chart" viewBox="{svg[box : svg.index(chr(34), box)]}" role="img" '
        f'style="max-width:{chart.width}px" aria-labelledby="{chart.id}-t {chart.id}-d">'
        f'<title id="{chart.id}-t">{escape(chart.title)}</title>'
        f'<desc id="{chart.id}-d">{escape(chart.desc)}</desc>{inner}'
    )


def hours_spec(calendar: Calendar, words: tuple[str, str, str, Sequence[str]]) -> Spec:
    """Day by hour, darker for more contacts, a dot where third persons were contacted.

    `words` are the names of the three limits (08:00, 21:00, 22:00) and of the twelve months.
    """
    step = _step(calendar)
    layers = [
        _bands([(0, 8, REST), (21, 22, EVENING), (22, 24, REST)], calendar.columns),
        _cells(calendar),
        _third_dots(calendar, step),
        _limits([(8, words[0], 10), (21, words[1], -3), (22, words[2], 10)], calendar.columns),
        labels([(-0.4, h + 0.02, f"{h:02d}") for h in (0, 4, 8, 12, 16, 20, 24)], "right"),
        labels(_months(calendar, words[3], 25.4), "left"),
    ]
    size = (calendar.columns * step, 24 * 11)
    return compose(layers, size, (0, calendar.columns), (24, 0), (8, 24))


def busiest_spec(calendar: Calendar, limit_name: str) -> Spec:
    """Bars with the most calls of one creditor's side on one day, and the line at three."""
    top = max([4, *(n for _, n in calendar.busiest)])
    bars = [
        {"x": c + 0.1, "x2": c + 0.9, "y": 0, "y2": n, "c": STEPS[3] if n > 3 else STEPS[1]}
        for c, n in calendar.busiest
    ]
    layers = [
        rects(bars),
        _rules([{"x": 0, "x2": calendar.columns, "y": 3, "c": LIMIT}], [4, 3]),
        labels([(-0.4, n, str(n)) for n in ((3, top) if top > 15 else (0, 3, top))], "right"),
        labels([(calendar.columns + 0.4, 3, limit_name)], "left", LIMIT),
    ]
    size = (calendar.columns * _step(calendar), 72)
    return compose(layers, size, (0, calendar.columns), (0, top), (8, 8))


def balance_spec(series: Sequence[BalanceSeries]) -> Spec:
    """Balances over time as steps: the contract's letter dashed, the lawful ones solid."""
    first = min(p.on for s in series for p in s.points)
    last = max(p.on for s in series for p in s.points)
    span = max(1, (last - first).days)
    values = [float(p.balance) for s in series for p in s.points]
    low, high = min(0.0, *values), max(1.0, *values) * 1.04
    marks = ticks(low, high)
    layers = [
        _rules([{"x": 0, "x2": span, "y": m, "c": GRID} for m in marks], []),
        *(
            _steps_line(s, first, colour)
            for s, colour in zip(series, line_colours(series), strict=True)
        ),
        labels([(-span * 0.008, m, f"{m:,.0f}") for m in marks], "right"),
        labels(_year_months(first, span, low - (high - low) * 0.09), "left"),
    ]
    return compose(layers, (620, 200), (0, span), (low, high), (8, 26), left=70, right=20)


def flow_spec(flows: Sequence[Flow]) -> Spec:
    """One bar a way of counting: where the yuan paid went. Bars are numbered like the legend."""
    bars, names = [], []
    longest = max(float(sum(p.amount for p in flow.parts if p.amount > 0)) for flow in flows)
    for row, flow in enumerate(flows):
        at = 0.0
        names.append((-longest * 0.015, row + 0.5, "①②③④⑤⑥⑦⑧"[row % 8]))
        for part in flow.parts:
            width = max(0.0, float(part.amount))
            colour = PART_COLOURS.get(part.id, OTHER_PART)
            bars.append({"x": at, "x2": at + width, "y": row + 0.18, "y2": row + 0.82, "c": colour})
            at += width
    layers = [rects(bars), labels(names, "right")]
    return compose(
        layers, (640, 40 * len(flows)), (0, longest or 1), (len(flows), 0), (4, 4), right=20
    )


def line_colours(series: Sequence[BalanceSeries]) -> list[str]:
    """The colour of each series, in order; grey for what is not lawful."""
    lawful = iter(LINES * (1 + len(series) // len(LINES)))
    return [next(lawful) if s.lawful else MUTED for s in series]


def width_of(spec: Spec) -> int:
    """The drawing's whole width in pixels."""
    return int(spec["width"] + spec["padding"]["left"] + spec["padding"]["right"])


def compose(
    layers: Sequence[Spec],
    size: tuple[float, float],
    x: tuple[float, float],
    y: tuple[float, float],
    above_below: tuple[int, int],
    left: int = _LEFT,
    right: int = _RIGHT,
) -> Spec:
    """A drawing of `layers` of that size, with the bounds of both axes, the last one seen from below."""
    hidden = {"axis": None, "type": "quantitative", "title": None}
    scale = {"nice": False, "zero": False, "clamp": False}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": size[0],
        "height": size[1],
        "padding": {"left": left, "right": right, "top": above_below[0], "bottom": above_below[1]},
        "autosize": "none",
        "background": None,
        "config": {"aria": False, "font": _FONT, "view": {"stroke": None}},
        "encoding": {
            "x": hidden | {"field": "x", "scale": scale | {"domain": list(x)}},
            "y": hidden
            | {"field": "y", "scale": scale | {"domain": [min(y), max(y)], "reverse": y[0] > y[1]}},
        },
        "layer": list(layers),
    }


def _layer(values: Sequence[Spec], mark: Spec, **encoding: Any) -> Spec:
    if values and "c" in values[0]:
        encoding["color"] = {"field": "c", "type": "nominal", "scale": None, "legend": None}
    return {"data": {"values": list(values)}, "mark": mark | {"aria": False}, "encoding": encoding}


def rects(values: Sequence[Spec], **style: Any) -> Spec:
    """A layer of rectangles from (x, y) to (x2, y2) in the colour c."""
    return _layer(values, {"type": "rect"} | style, x2={"field": "x2"}, y2={"field": "y2"})


def _rules(values: Sequence[Spec], dash: list[int]) -> Spec:
    return _layer(values, {"type": "rule", "strokeDash": dash or [1, 0]}, x2={"field": "x2"})


def labels(placed: Sequence[tuple[float, float, str]], align: str, colour: str = MUTED) -> Spec:
    """A layer of short texts at (x, y)."""
    values = [{"x": x, "y": y, "t": text} for x, y, text in placed]
    mark = {"type": "text", "align": align, "baseline": "middle", "fontSize": 11, "fill": colour}
    return _layer(values, mark, text={"field": "t"})


def _bands(bands: Sequence[tuple[int, int, str]], columns: int) -> Spec:
    return rects([{"x": 0, "x2": columns, "y": a, "y2": b, "c": c} for a, b, c in bands])


def _cells(calendar: Calendar) -> Spec:
    return rects(
        [
            {"x": c.column + 0.06, "x2": c.column + 0.94, "y": c.hour + 0.06, "y2": c.hour + 0.94}
            | {"c": STEPS[sum(c.total > limit for limit in (1, 3, 6))]}
            for c in calendar.cells
        ],
        cornerRadius=1.5 if len(calendar.cells) < _MANY else 0,
    )


def _third_dots(calendar: Calendar, step: float) -> Spec:
    values = [{"x": c.column + 0.5, "y": c.hour + 0.5} for c in calendar.cells if c.third]
    size = min(56.0, (step * 0.62) ** 2)
    mark = {"type": "point", "shape": "diamond", "filled": True, "size": size, "opacity": 1}
    return _layer(values, mark | {"fill": THIRD, "stroke": "#ffffff", "strokeWidth": 0.6})


def _limits(limits: Sequence[tuple[int, str, int]], columns: int) -> Spec:
    lines = [{"x": 0, "x2": columns, "y": h, "c": LIMIT} for h, _, _ in limits]
    solid = _rules([line for line in lines if line["y"] != 21], [])
    dashed = _rules([line for line in lines if line["y"] == 21], [4, 3])
    names = [labels([(columns + 0.4, h, name)], "left", LIMIT) for h, name, _ in limits]
    for name, (_, _, shift) in zip(names, limits, strict=True):
        name["mark"] |= {"dx": 3, "dy": shift / 2}
    return {"layer": [solid, dashed, *names]}


def _step(calendar: Calendar) -> float:
    return max(3.6, min(15.0, 700 / calendar.columns))


def _months(calendar: Calendar, names: Sequence[str], y: float) -> list[tuple[float, float, str]]:
    gap = 30 / _step(calendar)
    placed: list[tuple[float, float, str]] = []
    seen: tuple[int, int] | None = None
    for column in range(calendar.columns):
        start = calendar.start(column)
        if (start.year, start.month) != seen and (not placed or column - placed[-1][0] >= gap):
            text = str(start.year) if seen and start.year != seen[0] else names[start.month - 1]
            placed.append((column, y, text))
        seen = start.year, start.month
    return placed


def _year_months(first: date, span: int, y: float) -> list[tuple[float, float, str]]:
    parts = 6 if span > 12 else 2
    days = [round(span * k / parts) for k in range(parts)]
    return [
        (d, y, (first + timedelta(days=d)).strftime("%Y-%m-%d")[2 if span > 60 else 0 :])
        for d in days
    ]


def ticks(low: float, high: float) -> list[float]:
    """Round numbers between two bounds, about five."""
    rough = (high - low) / 4
    unit = (
        10.0 ** floor(log10(rough))
        if 0 < rough < 1
        else 10.0 ** (len(str(int(max(1.0, rough)))) - 1)
    )
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= rough * 0.8)
    start = int(low // step) + (low % step != 0)
    return [step * k for k in range(start, int(high // step) + 1)]


def _steps_line(series: BalanceSeries, first: date, colour: str) -> Spec:
    values = [{"x": (p.on - first).days, "y": float(p.balance)} for p in series.points]
    mark = {"type": "line", "interpolate": "step-after", "stroke": colour, "strokeWidth": 2}
    dash = {} if series.lawful else {"strokeDash": [5, 4]}
    return _layer(values, mark | dash)
