"""Whether this installation works, for those who watch it."""
