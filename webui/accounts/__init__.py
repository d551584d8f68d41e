"""Signing in and out, the profile, the language."""
