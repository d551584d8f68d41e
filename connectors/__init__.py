"""Outside systems, one folder each. Translates and calls; the rules live in the engine."""
