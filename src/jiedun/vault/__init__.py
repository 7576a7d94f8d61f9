"""The lender's door around personal information: collection, consent, encrypted storage, purpose-bound
use, rights of the person, retention, incidents, and finding out who leaked.

`Vault` keeps fields and answers reads; `register` says which purposes need which fields; `consent`
is the append-only ledger; `rights`, `retention`, `incidents` and `trace` are built on these.
Nothing here makes a finding: it refuses, masks, records, and names the clause.
"""
