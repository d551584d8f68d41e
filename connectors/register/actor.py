"""Under which name the register writes history, and in which stream of the audit."""

from __future__ import annotations

from engine.model.values import Actor

ACTOR = Actor("connector:register", "register", everything=True)
STREAM = "register"
