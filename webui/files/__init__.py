"""Files that people hand in and look at."""
