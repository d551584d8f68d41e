"""What people without an account see: reporting, and whatever a one-time link opens: tracking, confirming, rating, one task."""
