"""Asking for a passphrase without showing it."""

import argparse
import getpass
import sys

from jiedun.errors import UsageError

ASK = "\0ask"


def option(parser: argparse.ArgumentParser, name: str, meaning: str) -> None:
    """Nothing; the parser takes `name`, alone (then it is asked for) or with the words."""
    parser.add_argument(name, nargs="?", const=ASK, metavar="WORDS", help=meaning)


def given(value: str | None, prompt: str, *, twice: bool = False) -> str | None:
    """The passphrase: None when the option was not used; asked for when it came alone."""
    if value is None or value != ASK:
        if value == "":
            raise UsageError("an empty passphrase protects nothing")
        return value
    if not sys.stdin.isatty():
        words = sys.stdin.readline().rstrip("\n")
    else:
        words = getpass.getpass(prompt)
        if twice and getpass.getpass("再输一次 / again: ") != words:
            raise UsageError("the two passphrases differ", next_step="run this again")
    if not words:
        raise UsageError(
            "an empty passphrase protects nothing",
            next_step="type it, or give it as a line on stdin",
        )
    return words
