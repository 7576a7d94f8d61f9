"""Rules as data: the language, its two compilers, facts, packs, findings."""
