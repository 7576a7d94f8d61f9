"""Training and measuring, for developers: nothing here runs when Jiedun runs."""
