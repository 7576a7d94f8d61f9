"""Two drawings of shares: bars by name, and a line over time with the band of its interval."""

from collections.abc import Sequence

from jiedun.present.charts import GRID, LINES, STEPS, Spec, compose, labels, rects, ticks

Bar = tuple[str, float]
Point = tuple[str, float, float, float]


def significant(value: float) -> str:
    """A number with three significant digits, whole from 100 on, never as a power of ten: `1,250`."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def bars_spec(bars: Sequence[Bar], unit: str) -> Spec:
    """One bar a name, in order; every third name is written. `unit` stands behind the numbers."""
    top = max([value for _, value in bars] + [1e-9])
    drawn = [
        {"x": i + 0.12, "x2": i + 0.88, "y": 0, "y2": value, "c": STEPS[2]}
        for i, (_, value) in enumerate(bars)
    ]
    every = max(1, len(bars) // 8)
    layers = [
        rects(drawn),
        labels([(-0.2, y, f"{significant(y)}{unit}") for y in (0.0, top)], "right"),
        labels(
            [(i + 0.5, -top * 0.12, n) for i, (n, _) in enumerate(bars) if i % every == 0], "center"
        ),
    ]
    return compose(
        layers, (620, 130), (0, max(1, len(bars))), (0, top * 1.02), (8, 26), left=60, right=16
    )


def trend_spec(points: Sequence[Point], unit: str) -> Spec:
    """A line of (name, value, low, high) in order, its interval as a bar at every point."""
    top = max([high for *_, high in points] + [1e-9])
    band = [
        {"x": i + 0.35, "x2": i + 0.65, "y": low, "y2": high, "c": STEPS[0]}
        for i, (_, _, low, high) in enumerate(points)
    ]
    line = {
        "data": {"values": [{"x": i + 0.5, "y": value} for i, (_, value, *_) in enumerate(points)]},
        "mark": {
            "type": "line",
            "point": {"size": 18, "color": LINES[0]},
            "stroke": LINES[0],
            "aria": False,
        },
    }
    every = max(1, len(points) // 6)
    marks = ticks(0, top)
    grid = [{"x": 0, "x2": len(points), "y": y, "y2": y + top * 0.004, "c": GRID} for y in marks]
    layers = [
        rects(grid), rects(band), line,
        labels([(-0.05 * len(points) ** 0.5, y, f"{significant(y)}{unit}") for y in marks], "right"),
        labels([(i + 0.5, -top * 0.1, n) for i, (n, *_) in enumerate(points) if i % every == 0], "center"),
    ]  # fmt: skip
    return compose(
        layers, (620, 170), (0, max(1, len(points))), (0, top * 1.03), (8, 26), left=60, right=16
    )
