"""Every clause that docs/evidence.md quotes stands verbatim in the dated text."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs/evidence.md"
TEXTS = ("ji-civil-evidence", "ji-online-litigation", "e-signature-law")


def quotes() -> list[str]:
    """The quoted lines, without the article number put before a paragraph or item."""
    text = DOCS.read_text("utf-8")
    lines = [m[1] for m in re.finditer(r"^> (.+)$", text, re.MULTILINE)]
    lines += re.findall(r"「(.+?)」", text)
    return [re.sub(r"^第\S+条(第\S+款)? ", "", line) for line in lines]


def test_quotes_are_verbatim(shared: Path) -> None:
    texts = [(shared / f"law/statutes/{name}.md").read_text("utf-8") for name in TEXTS]
    found = quotes()
    assert len(found) >= 25
    missing = [q for q in found if not any(q in text for text in texts)]
    assert missing == []


def test_every_option_of_the_commands_is_explained() -> None:
    text = DOCS.read_text("utf-8")
    options = ["--only", "--story", "--redact", "--tsa", "--tsa-root", "--key", "--root", "--ots"]
    options += ["--recipient", "--passphrase", "--bagit"]
    assert [o for o in options if f"`{o}" not in text and f" {o}" not in text] == []
