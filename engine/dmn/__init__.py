"""DMN 1.1 to 1.5: decision tables and requirement graphs on FEEL. Which version is meant is left to the services."""

from engine.dmn.decisions import Decisions, Listed, load
from engine.dmn.explain import Evaluated, Explanation

__all__ = ["Decisions", "Evaluated", "Explanation", "Listed", "load"]
