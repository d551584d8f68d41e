"""Reads a diagram into ``Definition`` values, one per process or global task. Judging them is left to the linter."""

from __future__ import annotations

from engine.bpmn.read.document import Read, read

__all__ = ["Read", "read"]
