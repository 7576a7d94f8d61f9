"""One line a figure: the value, what must be shown, whether it is."""

from dataclasses import dataclass, field


@dataclass
class Figures:
    """Collects whether every figure with a target met it."""

    missed: list[str] = field(default_factory=list)

    def show(self, name: str, value: object, goal: float | None, *, most: bool = False) -> None:
        """Prints a figure beside its target; `most`: the target is an upper limit."""
        number = float(value)  # type: ignore[arg-type]
        shown = f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4f}"
        if goal is None:
            print(f"{name:<58} {shown:>10}", flush=True)
            return
        met = number <= goal if most else number >= goal
        if not met:
            self.missed.append(name)
        wanted = f"{'≤' if most else '≥'} {goal:,g}"
        print(f"{name:<58} {shown:>10}  {wanted:<10} {'met' if met else 'MISSED'}", flush=True)
