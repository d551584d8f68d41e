"""Switching rules off is a permission of its own. Whoever could change devices keeps it, but for technicians, who only repair them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "telemetry_0004"
down_revision = "telemetry_0003"
branch_labels = None
depends_on = None

permission = sa.table("permission", sa.column("role"), sa.column("kind"), sa.column("verb"))
NEW = {"kind": "rule", "verb": "disable"}


def upgrade() -> None:
    """Give it to the roles that change devices."""
    changing = sa.and_(permission.c.kind == "device", permission.c.verb.in_(("update", "*")))
    chosen = sa.select(permission.c.role).distinct().where(changing, permission.c.role != "technician")
    roles: Sequence[str] = op.get_bind().execute(chosen).scalars().all()
    if roles:
        op.bulk_insert(permission, [{"role": role, **NEW} for role in roles])


def downgrade() -> None:
    """Take it away again: changing devices is enough."""
    op.execute(sa.delete(permission).where(permission.c.kind == NEW["kind"], permission.c.verb == NEW["verb"]))
