"""Brings a database to the shape that this version of propflow works with, and back. Branches of connectors move along with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.store.database import Store

HERE = Path(__file__).parent / "migrations"


def upgrade(store: Store, *, branches: Sequence[Path] = (), to: str = "heads") -> None:
    """Apply every migration that is missing, in one transaction where the database can.

    Args:
        branches: folders of migrations that others own; each begins a branch of its own and may depend on the engine's.
        to: a revision; ``heads`` is the newest of every branch.
    """
    with store.migrating() as connection:
        command.upgrade(_config(connection, branches), to)


def downgrade(store: Store, *, branches: Sequence[Path] = (), to: str = "base") -> None:
    """Take migrations back: to a revision, or all of them. What the newer shape alone can hold is lost."""
    with store.migrating() as connection:
        command.downgrade(_config(connection, branches), to)


def missing(store: Store, *, branches: Sequence[Path] = ()) -> list[str]:
    """List the migrations that the database lacks, oldest first."""
    with store.migrating() as connection:
        script = ScriptDirectory.from_config(_config(connection, branches))
        have = MigrationContext.configure(connection).get_current_heads()
        lineage = {each.revision for head in have for each in script.iterate_revisions(head, "base")}
        wanted = [each.revision for each in script.walk_revisions("base", "heads")]
        return [revision for revision in reversed(wanted) if revision not in lineage]


def _config(connection: sa.Connection, branches: Sequence[Path]) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, [HERE / "versions", *branches])))
    config.attributes["connection"] = connection
    return config
