"""A connector for tests: its outside system is a file to which it appends one line for each call."""
