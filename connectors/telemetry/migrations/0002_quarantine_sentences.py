"""Reasons in quarantine become sentences that can be said in another language; they were plain texts before."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "telemetry_0002"
down_revision = "telemetry_0001"
branch_labels = None
depends_on = None

quarantine = sa.table("telemetry_quarantine", sa.column("digest", sa.String), sa.column("reason", sa.Text))


def upgrade() -> None:
    """Wrap plain texts."""

    def wrapped(text: str) -> str | None:
        sentence = {"template": "{message}", "params": {"message": text}}
        return None if _sentence(text) else json.dumps(sentence, ensure_ascii=False)

    _rewrite(wrapped)


def downgrade() -> None:
    """Write sentences out as plain texts."""

    def plain(text: str) -> str | None:
        sentence = _sentence(text)
        return str(sentence["template"]).format(**sentence["params"]) if sentence else None

    _rewrite(plain)


def _sentence(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"template", "params"} <= found.keys() else None


def _rewrite(change: Callable[[str], str | None]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(quarantine.c.digest, quarantine.c.reason)).all():
        text = change(row.reason)
        if text is not None:
            connection.execute(sa.update(quarantine).where(quarantine.c.digest == row.digest).values(reason=text))
