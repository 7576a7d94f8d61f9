"""Every exception of the project, drawn once.

JiedunError                 something a person must be told: what, where, why, what next
├── UsageError              the command was typed wrongly (exit 2)
├── InputError              a file or a place in it cannot be used
│   ├── UnreadableFile      the bytes cannot be had, or are not what the reader expects
│   └── BadValue            one value in one row is not what its column holds
├── RuleError               a rule pack is not well formed, or a predicate is not in the language
├── LawError                an instrument, article, rate or channel is not held
├── LedgerError             a sum cannot be worked out from what is given
├── ProofError              the store, a seal or a chain is not whole
└── VaultError              the vault refuses, or a value kept in it cannot be opened

No message holds personal information: places are named by file and row, never by content.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where in the input: a path inside the case folder and, if known, a row, element or field."""

    path: str
    at: str | None = None

    def __str__(self) -> str:
        return self.path if self.at is None else f"{self.path}#{self.at}"


class JiedunError(Exception):
    """Base: `what` went wrong, `where`, `why`, and what to do `next`."""

    def __init__(
        self, what: str, *, where: Place | str | None = None, why: str = "", next_step: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        parts = [self.what]
        if self.where is not None:
            parts.insert(0, f"{self.where}:")
        if self.why:
            parts.append(f"({self.why})")
        if self.next_step:
            parts.append(f"→ {self.next_step}")
        return " ".join(parts)


class UsageError(JiedunError):
    """The command was typed wrongly."""


class InputError(JiedunError):
    """A file, or a place in it, cannot be used."""


class UnreadableFile(InputError):  # noqa: N818
    """The bytes cannot be had, or are not what the reader expects."""


class BadValue(InputError):  # noqa: N818
    """One value in one row is not what its column holds."""


class RuleError(JiedunError):
    """A rule pack is not well formed, or a predicate is not in the language."""


class LawError(JiedunError):
    """An instrument, article, rate or channel is not held."""


class LedgerError(JiedunError):
    """A sum cannot be worked out from what is given."""


class ProofError(JiedunError):
    """The store, a seal or a chain is not whole."""


class VaultError(JiedunError):
    """The vault refuses, or a value kept in it cannot be opened. Holds no value and no key."""
