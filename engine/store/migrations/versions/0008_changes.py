"""Finds the tasks that changed lately."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_task_changed", "task", ["changed_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_task_changed", table_name="task")
