"""Imports files of Camunda 7, Operaton, Flowable, Activiti and SpiffWorkflow; deploying them is left to the services."""

from __future__ import annotations

from engine.bpmn.importers.convert import Imported, convert

__all__ = ["Imported", "convert"]
