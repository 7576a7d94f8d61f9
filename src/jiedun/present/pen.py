"""The drawing engine in a process of its own: it starts and draws beside the work, on another core.

One JSON specification a line goes in, one JSON answer a line comes out. The process ends with the
program that asked for it; it reads no file and opens no connection.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from threading import Lock
from typing import Any

_CODE = "from jiedun.present.pen import serve; serve()"


class Pen:
    """One drawing process, started at the first use or by `start`; safe to share among threads."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = Lock()

    def start(self) -> None:
        """Nothing; the process is on its way when this returns."""
        with self._lock:
            self._running()

    def svg(self, spec: Mapping[str, Any]) -> str:
        """The SVG of a Vega-Lite specification; ValueError where the engine refuses or has ended."""
        with self._lock:
            process = self._running()
            try:
                answer = json.loads(_ask(process, json.dumps(spec)))
            except (OSError, ValueError) as error:
                self._stop()
                raise ValueError("the drawing engine has ended") from error
        if "svg" not in answer:
            raise ValueError("the drawing engine refused the chart")
        return str(answer["svg"])

    def close(self) -> None:
        """Nothing; the process has ended when this returns."""
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            paths = os.pathsep.join(path for path in sys.path if path)
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-c", _CODE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths},
                text=True,
                encoding="utf-8",
            )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _ask(process: subprocess.Popen[str], line: str) -> str:
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipe")
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline()


PEN = Pen()
atexit.register(PEN.close)


def serve() -> None:
    """Nothing; answers specifications on standard input until it ends."""
    import vl_convert

    for line in sys.stdin:
        try:
            answer = {"svg": vl_convert.vegalite_to_svg(json.loads(line), allowed_base_urls=[])}
        except ValueError:
            answer = {}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
