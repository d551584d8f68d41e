"""Giving a task to somebody, and saying how urgent it is: for those who hold it and those who assign work."""
