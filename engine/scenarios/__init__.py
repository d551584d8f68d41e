"""Scenarios of a process folder: YAML files (given, when, then) that are played on the harness, and what came of them.

``run_folder`` is the door; ``propflow test`` and the tests of the shipped processes call it.
"""

from engine.scenarios.report import Report, ScenarioResult, StepResult
from engine.scenarios.run import run_folder

__all__ = ["Report", "ScenarioResult", "StepResult", "run_folder"]
