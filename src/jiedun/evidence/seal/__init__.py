"""A sealed package of evidence: a BagIt bag, signed, that anyone can verify without this project."""
