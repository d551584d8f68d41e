"""What outside systems send here: telemetry and payments. Signed, so that no session and no CSRF token is needed."""
