"""Tables, transactions, queries and migrations. The only part of the engine that meets SQLAlchemy; holds no rules of processes."""
