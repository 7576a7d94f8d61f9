"""What to do next, where, by when, and the content of letters."""
