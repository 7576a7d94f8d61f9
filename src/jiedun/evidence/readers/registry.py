"""Every reader, in the order in which they are asked whether a file is theirs."""

from jiedun.evidence.interface import Reader
from jiedun.evidence.readers.android_db import AndroidDatabase
from jiedun.evidence.readers.phonebook import Phonebook
from jiedun.evidence.readers.sms_backup import SmsBackup
from jiedun.evidence.readers.statement import Statements
from jiedun.evidence.readers.tables import TABLE_READERS

ALL: tuple[Reader, ...] = (
    Statements(),
    SmsBackup(),
    AndroidDatabase(),
    Phonebook(),
    *TABLE_READERS,
)
"""The first that recognises a file reads it; one line a reader."""
