"""FreeSWITCH's call records: `mod_json_cdr` as one record a line or one a file, `mod_cdr_csv` with a head.

All values are texts, many URL-encoded. A leg that another record of the same call gave rise to
(`originating_leg_uuid`) is the same call seen twice; it is marked in `second_leg_of`.
"""

from jiedun.audit.sources.interface import text

_PATHS = {
    "uuid": "$.variables.uuid",
    "leg": "$.variables.originating_leg_uuid",
    "epoch": "$.variables.start_epoch",
    "stamp": "$.variables.start_stamp",
    "seconds": "$.variables.billsec",
    "answered": "$.variables.answer_epoch",
    "caller": "$.variables.caller_id_number",
    "called": "$.variables.destination_number",
    "caller2": "$.callflow[0].caller_profile.caller_id_number",
    "called2": "$.callflow[0].caller_profile.destination_number",
    "account": "$.variables.accountcode",
}
_PLACE = {key: i + 1 for i, key in enumerate(_PATHS)}
CSV_NEEDED = frozenset({"caller_id_number", "destination_number", "start_stamp"})


def _v(key: str) -> str:
    return f"nullif(trim(url_decode(v[{_PLACE[key]}])), '')"


def json_mapped(base: str) -> str:
    """The audit's columns over a table with the column `record`, one JSON text a row.

    A record that is no JSON has an empty `at`, so that the row is refused and named.
    """
    paths = ", ".join(text(path) for path in _PATHS.values())
    answered = f"CASE WHEN {_v('answered')} IS NULL THEN NULL WHEN {_v('answered')} = '0' THEN 'false' ELSE 'true' END"
    talked = f"CASE WHEN TRY_CAST({_v('seconds')} AS BIGINT) > 0 THEN 'true' END"
    return f"""(SELECT row_no, coalesce({_v("uuid")}, 'row ' || row_no) AS id,
        coalesce({_v("epoch")}, {_v("stamp")}) AS "at", 'call' AS channel,
        coalesce({talked}, {answered}, CASE WHEN {_v("seconds")} = '0' THEN 'false' END) AS connected,
        {_v("seconds")} AS seconds, coalesce({_v("caller")}, {_v("caller2")}) AS end_a,
        coalesce({_v("called")}, {_v("called2")}) AS end_b, {_v("account")} AS collector,
        {_v("leg")} AS second_leg_of
        FROM (SELECT row_no, CASE WHEN json_valid(record) THEN json_extract_string(record, [{paths}])
              END AS v FROM {base} WHERE trim(record) <> ''))"""


JSON_HELD = dict.fromkeys(
    ("id", "at", "channel", "connected", "seconds", "end_a", "end_b", "collector", "second_leg_of"),
    "VARCHAR",
)


def csv_columns() -> dict[str, str]:
    """The audit's columns over those of `mod_cdr_csv`."""
    return {
        "id": "nullif(trim(\"uuid\"), '')",
        "at": "start_stamp",
        "channel": "'call'",
        "connected": "CASE WHEN TRY_CAST(billsec AS BIGINT) > 0 THEN 'true' WHEN trim(billsec) = '0' "
        "AND coalesce(trim(answer_stamp), '') = '' THEN 'false' END",
        "seconds": "billsec",
        "end_a": "nullif(trim(caller_id_number), '')",
        "end_b": "nullif(trim(destination_number), '')",
    }
