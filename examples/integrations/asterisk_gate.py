#!/usr/bin/env python3
"""An Asterisk AGI script that asks the gate before `Dial`.

    exten => _X.,1,AGI(asterisk_gate.py,${DEBT},${PERSON},${ROLE},${KIND})
     same => n,GotoIf($["${GATE}" = "yes"]?call:stop)
     same => n(call),Dial(PJSIP/${EXTEN}@trunk)
     same => n(stop),Hangup()
    exten => h,1,AGI(asterisk_gate.py,report,${GATE_RESERVATION},${DIALSTATUS},${ANSWEREDTIME})

GATE is `yes` only when the gate said so; without an answer it is `no`. Settings by environment:
GATE_URL, GATE_KEY, GATE_CREDITOR, GATE_LENDER_TYPE.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

from jiedun.gate.client import GateClient


def read_variables(stream: TextIO) -> dict[str, str]:
    """The `agi_…` variables that Asterisk sends first, up to the empty line."""
    found = {}
    for line in stream:
        name, colon, value = line.strip().partition(": ")
        if not colon:
            break
        found[name] = value
    return found


def command(text: str, stdin: TextIO, stdout: TextIO) -> None:
    """Nothing; Asterisk has answered the command."""
    stdout.write(text + "\n")
    stdout.flush()
    stdin.readline()


def ask(
    client: GateClient, variables: dict[str, str], args: Sequence[str], now: datetime
) -> dict[str, str]:
    """The channel variables to set: GATE, GATE_STATUS, GATE_CODES, GATE_RESERVATION."""
    debt, person, role, kind = args
    answer = client.decide(
        id=f"ast-{variables.get('agi_uniqueid', now.timestamp())}",
        creditor=os.environ.get("GATE_CREDITOR", ""),
        lender_type=os.environ.get("GATE_LENDER_TYPE", "unknown"),
        debt=debt,
        person=person,
        role=role,
        channel="call",
        kind=kind,
        number=variables.get("agi_extension", ""),
        caller=variables.get("agi_callerid", ""),
        at=now.isoformat(),
    )
    if answer.body.get("error"):  # what is wrong with the request or the key; holds no content
        print(answer.body["error"], file=sys.stderr)
    return {
        "GATE": "yes" if answer.may_proceed else "no",
        "GATE_STATUS": answer.status,
        "GATE_CODES": ",".join(answer.codes),
        "GATE_RESERVATION": answer.reservation or "",
    }


def report(client: GateClient, args: Sequence[str], now: datetime) -> bool:
    """Whether the gate took the report of a call that ended."""
    reservation, status, seconds = args
    if not reservation:
        return True
    answered = status == "ANSWER"
    told = int(seconds) if answered and seconds.isdigit() else None
    return client.report(reservation, at=now.isoformat(), connected=answered, seconds=told)


def main(argv: Sequence[str], stdin: TextIO, stdout: TextIO) -> int:
    """0 when the gate answered or the report was taken."""
    client = GateClient(
        os.environ.get("GATE_URL", "http://127.0.0.1:8377"), os.environ.get("GATE_KEY", "")
    )
    variables, now = read_variables(stdin), datetime.now(UTC)
    if argv[1:2] == ["report"]:  # Asterisk may leave out what is empty at the end
        return 0 if report(client, [*argv[2:5], "", "", ""][:3], now) else 1
    if len(argv) != 5:  # the dialplan is wrong: no call
        command('SET VARIABLE GATE "no"', stdin, stdout)
        print("asterisk_gate.py DEBT PERSON ROLE KIND", file=sys.stderr)
        return 1
    for name, value in ask(client, variables, argv[1:5], now).items():
        command(f'SET VARIABLE {name} "{value}"', stdin, stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv, sys.stdin, sys.stdout))
