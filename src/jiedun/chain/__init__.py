"""Append-only hash-chained logs, Merkle trees and signatures: one implementation for every log."""
