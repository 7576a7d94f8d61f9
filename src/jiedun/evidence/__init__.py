"""A folder of files in; contacts, parties, loans, payments and what could not be read out."""
