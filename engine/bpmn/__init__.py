"""BPMN: reads a diagram into a ``Definition`` and moves instances of it. Pure: no database, no clock, no globals."""
