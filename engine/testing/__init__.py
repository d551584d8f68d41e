"""The harness with which process authors test their processes: one engine on a database in memory, with a clock that they move.

Nothing sleeps and nothing runs in the background: every call that changes something ends when nothing is left to do.
"""

from engine.bpmn.progress import Activation
from engine.testing.harness import Harness
from engine.testing.seen import Event, OpenIncident, OpenJob, OpenTask

__all__ = ["Activation", "Event", "Harness", "OpenIncident", "OpenJob", "OpenTask"]
