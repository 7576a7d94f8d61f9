"""Numbers, creditors' sides, roles given and proposed."""
