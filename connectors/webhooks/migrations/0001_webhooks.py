"""Nonces of signed requests."""

import sqlalchemy as sa
from alembic import op

revision = "webhooks_0001"
down_revision = None
branch_labels = ("webhooks",)
depends_on = "0003"


def upgrade() -> None:
    """Create the tables of the webhooks."""
    op.create_table(
        "webhook_nonce",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "nonce", name=op.f("pk_webhook_nonce")),
        comment="Signed requests that came lately: a second one with the same nonce is a replay.",
    )
    op.create_index(op.f("ix_webhook_nonce_at"), "webhook_nonce", ["at"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("webhook_nonce")
