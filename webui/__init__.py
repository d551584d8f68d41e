"""People and HTTP callers: pages, the command line and the composition root."""
