"""Runs every measurement, or those named: `python -m bench [NAME…] [--OPTION…]`; prints one line a
figure. Options are read by the measurement itself; its docstring names them.

Several measurements run in a process each, so that none inherits another's memory."""

import importlib
import pkgutil
import subprocess
import sys

import bench


def main(names: list[str]) -> int:
    """0 when every measurement met what it must show, else 1."""
    found = sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")
    )
    failed = []
    named = [name for name in names if not name.startswith("--")]
    chosen = named or found
    for name in chosen:
        print(f"== {name}", flush=True)
        alone = len(chosen) == 1
        if not (importlib.import_module(f"bench.{name}").run() if alone else _apart(name, names)):
            failed.append(name)
    print("all met" if not failed else f"not met: {', '.join(failed)}")
    return 1 if failed else 0


def _apart(name: str, names: list[str]) -> bool:
    """Whether the measurement, run in a process of its own, met what it must show."""
    options = [option for option in names if option.startswith("--")]
    command = [sys.executable, "-m", "bench", name, *options]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
