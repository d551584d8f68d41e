"""What waits to be told to processes."""

import sqlalchemy as sa
from alembic import op

revision = "announcements_0001"
down_revision = None
branch_labels = ("announcements",)
depends_on = "0003"


def upgrade() -> None:
    """Create the tables of the announcements."""
    op.create_table(
        "announcement",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="the connector, and who told it"),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column(
            "otherwise", sa.Text(), nullable=False, comment="the message that is published when nobody takes the first"
        ),
        sa.Column("correlation_key", sa.Text(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column(
            "ttl_s", sa.Integer(), nullable=False, comment="how long it waits for a process that does not wait yet"
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True, comment="when the engine took it"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_announcement")),
        sa.UniqueConstraint("source", "message_id", name=op.f("uq_announcement_source_message_id")),
        comment="What connectors tell processes.",
    )
    op.create_index("ix_announcement_correlation", "announcement", ["source", "correlation_key"], unique=False)
    op.create_index(
        "ix_announcement_waits",
        "announcement",
        ["key"],
        unique=False,
        sqlite_where=sa.text("published_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("announcement")
