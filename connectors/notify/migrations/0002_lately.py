"""Finds the notices of late, and who has one."""

from alembic import op

revision = "notify_0002"
down_revision = "notify_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_notify_notice_created", "notify_notice", ["created_at"])
    op.create_index("ix_notify_inbox_notice", "notify_inbox", ["notice"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_notify_inbox_notice", table_name="notify_inbox")
    op.drop_index("ix_notify_notice_created", table_name="notify_notice")
