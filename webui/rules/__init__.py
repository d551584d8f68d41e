"""The rules that raise alarms: what they are, where they are off, and what another limit would have made of the last days."""
