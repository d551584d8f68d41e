"""What a process is and how it moves. Knows no web, no queue and no outside system."""
