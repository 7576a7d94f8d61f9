"""The readers of tables and loans, in the order they are asked."""

from jiedun.evidence.interface import Reader
from jiedun.evidence.readers.table_calls import CALLS, CARRIER
from jiedun.evidence.readers.table_loan import LOANS
from jiedun.evidence.readers.table_money import EVENTS, PAYMENTS
from jiedun.evidence.readers.table_people import CONTACTS, PARTIES

TABLE_READERS: tuple[Reader, ...] = (LOANS, PARTIES, PAYMENTS, EVENTS, CARRIER, CALLS, CONTACTS)
