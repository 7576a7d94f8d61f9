"""The law by date: instruments, articles, renumbering, LPR, channels; data and look-ups."""
