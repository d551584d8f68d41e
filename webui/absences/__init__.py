"""Who stands in for whom: people arrange it for themselves, supervisors for others, and either ends it."""
