"""Every table of the engine: importing this module makes ``metadata`` complete."""

from engine.store import (  # noqa: F401 - each of them adds its tables to the metadata
    accounts,
    audit,
    batches,
    candidates,
    commands,
    counters,
    deployments,
    diagrams,
    drafts,
    effects,
    files,
    four_eyes,
    grants,
    history,
    incidents,
    instances,
    jobs,
    links,
    messages,
    roles,
    seals,
    snapshots,
    subscriptions,
    tasks,
    tokens,
    units,
    versions,
)
from engine.store.types import metadata

__all__ = ["metadata"]
