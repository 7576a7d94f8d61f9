"""One file a format; `ALL` in `registry` lists them in the order they are asked."""
