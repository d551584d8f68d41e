"""Cases: the list of them, and one with its diagram, its timeline and its data."""
