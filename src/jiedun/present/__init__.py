"""Findings and sums made readable: HTML, charts, tables that cannot execute anything."""
