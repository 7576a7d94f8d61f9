"""The bulk door: every rule over years of contacts, in DuckDB, with the gate's facts and rules."""
