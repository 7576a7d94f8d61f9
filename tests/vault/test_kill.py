"""Processes killed at any moment: nothing acknowledged is lost, logs stay whole, nothing is in clear."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench._killed import check, prepare

ROOT = Path(__file__).resolve().parents[2]


def test_killed_at_random_moments(tmp_path: Path) -> None:
    prepare(tmp_path)
    rng = random.Random(5)
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    worker = [sys.executable, "-m", "bench._killed", str(tmp_path)]
    for round_number in range(6):
        run = subprocess.Popen([*worker, str(round_number)], env=env, stdout=subprocess.PIPE)
        assert run.stdout is not None
        run.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.5))
        run.send_signal(signal.SIGKILL)
        run.wait(10)
        run.stdout.close()
    assert check(tmp_path, lambda: datetime.now(UTC)) > 0
