"""The nouns everybody speaks of: contact, party, loan, payment, finding, provision, money, time.

Frozen dataclasses only. Nothing here reads a file, a clock or a random number.
"""
