"""Databases that tests use one after another, since a new one costs a server half a second."""

from __future__ import annotations

import psycopg

from tests.servers import PostgreSQL

TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Reused:
    """A database on a server with the rows that it has now; tests that change tables make one of their own."""

    def __init__(self, server: PostgreSQL, name: str) -> None:
        self._dsn = server.dsn(name)
        self.url = server.url(name)
        with psycopg.connect(self._dsn) as connection:
            self._tables = [table for (table,) in connection.execute(TABLES)]
            self._filled = [
                table for table in self._tables if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
            ]
            connection.execute("CREATE SCHEMA saved")
            for table in self._filled:
                connection.execute(f"CREATE TABLE saved.{table} AS TABLE {table}")

    def reset(self) -> None:
        """Make every row as it was, in some milliseconds, whoever is still connected."""
        with psycopg.connect(self._dsn) as connection:
            connection.execute(OTHERS)
            connection.execute("SET session_replication_role = replica")  # no foreign keys meanwhile
            connection.execute(";".join(f"DELETE FROM {table}" for table in self._tables))
            for table in self._filled:
                connection.execute(f"INSERT INTO {table} SELECT * FROM saved.{table}")
