"""Originals kept by content hash, and the log of everything that was done with them."""
