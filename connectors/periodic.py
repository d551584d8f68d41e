"""What is done every so often: the engine's upkeep, seals and retention, and the chores of connectors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from connectors.announcements.relay import publish_waiting
from connectors.calls import Chore, Context
from connectors.registry import Registry
from connectors.webhooks import signature
from engine.services import retention, seals, upkeep

if TYPE_CHECKING:
    from engine.services.engine import Engine

RELAY_EVERY = timedelta(seconds=5)
FORGET_EVERY = timedelta(minutes=10)
UPKEEP_EVERY = timedelta(minutes=5)
SEAL_EVERY = timedelta(minutes=10)
"""How soon after midnight the day before is sealed; what is sealed today already is left alone."""

RETAIN_EVERY = timedelta(hours=6)

log = logging.getLogger(__name__)


class Lane:
    """Chores that are done one after another, each at its own pace. Chores are safe to do in several processes at once."""

    def __init__(
        self, name: str, engine: Engine, chores: Sequence[tuple[str, timedelta, Callable[[], object]]]
    ) -> None:
        self.name = name
        self._engine = engine
        self._chores = chores
        self._due: dict[str, datetime] = {}

    def run_due(self) -> None:
        """Do the chores whose time has come. One that fails is logged and tried again at its next time; the others go on."""
        now = self._engine.clock.now()
        for name, every, run in self._chores:
            if self._due.get(name, now) > now:
                continue
            self._due[name] = now + every
            try:
                run()
            except Exception:
                log.exception("the chore %s failed; it is tried again in %s", name, every)


def lanes(engine: Engine, registry: Registry) -> list[Lane]:
    """Give all chores, apart where one must not wait for another: a mail server that hangs holds up no alarm."""
    found = [
        Lane("announcements", engine, [("announcements", RELAY_EVERY, partial(publish_waiting, engine))]),
        Lane(
            "upkeep",
            engine,
            [
                ("nonces", FORGET_EVERY, partial(signature.forget, engine)),
                ("upkeep", UPKEEP_EVERY, partial(upkeep.run, engine)),
                ("seals", SEAL_EVERY, partial(seals.seal_daily, engine)),
                ("retention", RETAIN_EVERY, partial(retention.drop, engine)),
            ],
        ),
    ]
    for connector in registry.connectors:
        context = Context(engine, connector.settings, registry.ports)
        name = connector.manifest.name
        chores = []
        for spec in connector.manifest.chores:
            chore: Chore = connector.function(spec.call)
            chores.append((f"{name}.{spec.name}", spec.every, partial(chore, context)))
        if chores:
            found.append(Lane(name, engine, chores))
    return found
