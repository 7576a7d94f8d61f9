"""The front door: overview, wrong use, exit codes."""

import pytest

from jiedun.cli.main import COMMANDS, Exit, main


def test_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)


def test_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == Exit.USAGE
    assert "nonsense" in capsys.readouterr().err
