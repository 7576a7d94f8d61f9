"""Measurements: each verifies its result before it times it. `make bench` runs them all."""
