"""The cost of credit, caps and the lawful balance; facts and sums, no findings."""
