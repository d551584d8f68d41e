"""Rules that people switched off for a while."""

import sqlalchemy as sa
from alembic import op

revision = "telemetry_0003"
down_revision = "telemetry_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "telemetry_disabled_rule",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False, comment="of devices"),
        sa.Column(
            "rule", sa.Text(), nullable=False, comment="its id; silent; source:alarm type for what sources judge"
        ),
        sa.Column(
            "device", sa.Text(), nullable=False, comment="its code; an empty text: every device of the type at the unit"
        ),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it comes back, by itself or because somebody said so",
        ),
        sa.Column("by_name", sa.Text(), nullable=False, comment="who switched it off, as history names them"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_telemetry_disabled_rule")),
        comment="Rules that people switched off for a while.",
    )
    op.create_index("ix_telemetry_disabled_rule_until", "telemetry_disabled_rule", ["until"], unique=False)
    op.create_index("ix_telemetry_disabled_rule_device", "telemetry_disabled_rule", ["device"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("telemetry_disabled_rule")
