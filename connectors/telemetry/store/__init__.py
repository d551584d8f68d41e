"""Telemetry's own tables, by noun: devices with their hours, alarms with what was said of them, arrivals. No rules in here."""
