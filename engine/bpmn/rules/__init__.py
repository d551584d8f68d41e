"""The linter's rules, one function each: a way in which a diagram can be wrong, and what to do about it."""
