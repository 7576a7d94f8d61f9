#!/usr/bin/env python3
"""A FreeSWITCH mod_httapi answerer that asks the gate before bridging.

    <action application="httapi" data="{url=http://127.0.0.1:8380/}"/>

FreeSWITCH posts the channel's variables as a form; the answer is an XML document that bridges the
call, or hangs up. Channel variables used: gate_debt, gate_person, gate_role, gate_kind.
"""

import os
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from jiedun.gate.client import GateClient

LONGEST = 256 * 1024


def document(client: GateClient, form: dict[str, str], now: datetime) -> str:
    """The XML answer: bridge where the gate lets the call through, else hang up."""
    number = form.get("Caller-Destination-Number", "")
    answer = client.decide(
        id=f"fs-{form.get('session_id') or form.get('Unique-ID', '')}"[:64],
        creditor=os.environ.get("GATE_CREDITOR", ""),
        lender_type=os.environ.get("GATE_LENDER_TYPE", "unknown"),
        debt=form.get("variable_gate_debt", ""),
        person=form.get("variable_gate_person", ""),
        role=form.get("variable_gate_role", ""),
        kind=form.get("variable_gate_kind", "attempt"),
        channel="call",
        number=number,
        at=now.isoformat(),
    )
    if not answer.may_proceed:
        codes = escape(" ".join([",".join(answer.codes), str(answer.body.get("error", ""))]).strip())
        return _wrapped(f'<log level="notice">gate {codes}</log><hangup cause="CALL_REJECTED"/>')
    held = escape(answer.reservation or "")
    gateway = escape(os.environ.get("GATE_GATEWAY", "trunk"))
    bridge = f"<dial>sofia/gateway/{gateway}/{escape(number)}</dial>"
    return _wrapped(f'<execute application="set" data="gate_reservation={held}"/>{bridge}')


def _wrapped(work: str) -> str:
    return f'<document type="text/freeswitch-httapi"><work>{work}</work></document>'


class Answerer(BaseHTTPRequestHandler):
    """Answers one form with one document."""

    client: GateClient

    def do_POST(self) -> None:
        """Writes the document."""
        length = min(int(self.headers.get("Content-Length") or 0), LONGEST)
        form = {
            k: v[0] for k, v in parse_qs(self.rfile.read(length).decode("utf-8", "replace")).items()
        }
        body = document(self.client, form, datetime.now(UTC)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Writes nothing: requests hold personal information."""


if __name__ == "__main__":
    Answerer.client = GateClient(
        os.environ.get("GATE_URL", "http://127.0.0.1:8377"), os.environ.get("GATE_KEY", "")
    )
    sys.exit(HTTPServer(("127.0.0.1", 8380), Answerer).serve_forever())
