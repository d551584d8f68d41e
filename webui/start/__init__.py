"""Starting a process: the catalogue of those that one may start, and their start forms."""
