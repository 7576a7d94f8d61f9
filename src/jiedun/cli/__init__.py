"""One file a command group; arguments in, exit code out."""
