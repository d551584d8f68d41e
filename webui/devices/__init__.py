"""Devices: how each stands, what it measures, its alarms."""
