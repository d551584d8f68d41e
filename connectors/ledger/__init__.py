"""Double-entry books of a property company in our own database: exact, append-only, idempotent, exported as plain text."""
