"""SpiffWorkflow's own runtime as a second opinion: the same definition, walked by somebody else's semantics.

Specs are built from our ``Definition`` through SpiffWorkflow's public constructors. Its control flow is its own: who gets a token, who
waits, what a join, a loop or a boundary event does. Variables are not: they are kept beside it in one scope, since its tasks copy their
data and lose updates between parallel branches. What it does not execute correctly is excluded by name (``EXCLUDED``).
"""

from __future__ import annotations

from engine.bpmn.spiff.excluded import EXCLUDED, excluded
from engine.bpmn.spiff.oracle import Answers, Happens, Trace, compare, run_with_spiff
from engine.bpmn.spiff.recorded import recorded

__all__ = ["EXCLUDED", "Answers", "Happens", "Trace", "compare", "excluded", "recorded", "run_with_spiff"]
