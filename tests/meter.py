"""Counts what commands cost the database."""

from __future__ import annotations

from engine.store.database import Store


class Meter:
    """The statements and commits of a store since ``reset``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reset()

    def reset(self) -> None:
        """Count from here."""
        self._statements, self._commits = self._store.statements, self._store.commits

    @property
    def statements(self) -> int:
        """How many statements were run."""
        return self._store.statements - self._statements

    @property
    def commits(self) -> int:
        """How many transactions were committed."""
        return self._store.commits - self._commits
