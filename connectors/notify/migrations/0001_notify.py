"""Notices, and what goes out by other channels."""

import sqlalchemy as sa
from alembic import op

revision = "notify_0001"
down_revision = None
branch_labels = ("notify",)
depends_on = "0003"


def upgrade() -> None:
    """Create the tables of the notices."""
    op.create_table(
        "notify_notice",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("body_zh", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notify_notice")),
        comment="What people were told.",
    )
    op.create_index("ix_notify_notice_instance", "notify_notice", ["instance"], unique=False)
    op.create_table(
        "notify_inbox",
        sa.Column("user", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["notice"], ["notify_notice.key"], name=op.f("fk_notify_inbox_notice")),
        sa.PrimaryKeyConstraint("user", "notice", name=op.f("pk_notify_inbox")),
        comment="Who has a notice in the application, and since when it is read.",
    )
    op.create_index(
        "ix_notify_inbox_unread",
        "notify_inbox",
        ["user", "notice"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "notify_outbound",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notice", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False, comment="mail, sms or chat"),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="of the recipient"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="counted before each try"),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name=op.f("ck_notify_outbound_lease")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'held', 'unsure', 'failed')", name=op.f("ck_notify_outbound_state")
        ),
        sa.ForeignKeyConstraint(["notice"], ["notify_notice.key"], name=op.f("fk_notify_outbound_notice")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_notify_outbound")),
        comment="What goes out, or would.",
    )
    op.create_index(
        "ix_notify_outbound_due",
        "notify_outbound",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_index(op.f("ix_notify_outbound_notice"), "notify_outbound", ["notice"], unique=False)
    op.create_index("ix_notify_outbound_unit", "notify_outbound", ["unit", "key"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("notify_outbound")
    op.drop_table("notify_inbox")
    op.drop_table("notify_notice")
