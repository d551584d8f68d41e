"""Draws what has no diagram: places the elements of a file from left to right and writes that into it. Meaning is left to the reader.

Layers after Sugiyama, rows as a person would draw them: the main path goes straight on, what branches off lies beneath it. Flows run
at right angles in the gaps between columns and rows, so that none crosses a shape of its own scope.
"""

from __future__ import annotations

from engine.bpmn.layout.drawn import drawn

__all__ = ["drawn"]
