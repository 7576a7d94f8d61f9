"""What can be done: steps, deadlines, channels and the content of letters, from dated data.

Facts and sums come in as values; nothing here reads a folder, a clock or a ledger.
"""
