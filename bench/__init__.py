"""Benchmarks: every figure beside its yardstick, measured in the same run. The ratio is what counts."""
