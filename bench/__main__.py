"""Runs every measurement, or those named: `python -m bench [NAME…] [--OPTION…]`; prints one line a
figure. Options are read by the measurement itself; its docstring names them."""

import importlib
import pkgutil
import sys

import bench


def main(names: list[str]) -> int:
    """0 when every measurement met what it must show, else 1."""
    found = sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")
    )
    failed = []
    named = [name for name in names if not name.startswith("--")]
    for name in named or found:
        print(f"== {name}", flush=True)
        if not importlib.import_module(f"bench.{name}").run():
            failed.append(name)
    print("all met" if not failed else f"not met: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
