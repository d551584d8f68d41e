"""Devices: their readings, the rules that raise alarms, and the life of an alarm beside the process that handles it."""
