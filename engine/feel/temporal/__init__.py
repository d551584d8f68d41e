"""Dates, times and durations: what they are, how they are read, written and reckoned with.

The standard types hold them wherever they can; the classes here hold the rest (years outside 1 to 9999, nanoseconds).
All arithmetic runs on whole nanoseconds, so that no precision is lost between the two.
"""
