"""Devices as they were last heard, their hours, alarms, and what arrived."""

import sqlalchemy as sa
from alembic import op

revision = "telemetry_0001"
down_revision = None
branch_labels = ("telemetry",)
depends_on = "0003"


def upgrade() -> None:
    """Create the tables of telemetry."""
    op.create_table(
        "telemetry_alarm",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("alarm_type", sa.Text(), nullable=False),
        sa.Column("open_key", sa.Text(), nullable=True, comment="device|alarm_type while it is open: one at a time"),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("flapping", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False, comment="the number of its ticket"),
        sa.Column("instance", sa.BigInteger(), nullable=True, comment="the process instance that has acknowledged it"),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (open_key IS NULL)", name=op.f("ck_telemetry_alarm_open_key")),
        sa.CheckConstraint(
            "severity IN ('INDETERMINATE', 'WARNING', 'MINOR', 'MAJOR', 'CRITICAL')",
            name=op.f("ck_telemetry_alarm_severity"),
        ),
        sa.CheckConstraint(
            "state IN ('active', 'suppressed', 'cleared', 'closed')", name=op.f("ck_telemetry_alarm_state")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_telemetry_alarm")),
        sa.UniqueConstraint("open_key", name=op.f("uq_telemetry_alarm_open_key")),
        comment="Alarms, open and past.",
    )
    op.create_index("ix_telemetry_alarm_device", "telemetry_alarm", ["device", "raised_at"], unique=False)
    op.create_index("ix_telemetry_alarm_instance", "telemetry_alarm", ["instance"], unique=False)
    op.create_index("ix_telemetry_alarm_project", "telemetry_alarm", ["project", "raised_at"], unique=False)
    op.create_index("ix_telemetry_alarm_unit", "telemetry_alarm", ["unit", "raised_at"], unique=False)
    op.create_table(
        "telemetry_counter",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "what", name=op.f("pk_telemetry_counter")),
        comment="How much came, and what became of it.",
    )
    op.create_table(
        "telemetry_device",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False, comment="of the organisation"),
        sa.Column(
            "readings", sa.Text(), nullable=False, comment="{signal: [value, milliseconds since 1970]}, the latest"
        ),
        sa.Column("standings", sa.Text(), nullable=False, comment="{rule: where it stands}"),
        sa.Column("reading_at", sa.DateTime(timezone=True), nullable=True, comment="when the latest reading was taken"),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True, comment="when anything last came"),
        sa.Column(
            "offline_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="since when the source says that it is gone",
        ),
        sa.Column("samples", sa.BigInteger(), nullable=False, comment="distinct readings taken in, ever"),
        sa.Column(
            "check_at", sa.DateTime(timezone=True), nullable=True, comment="when time alone may move one of its alarms"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_telemetry_device")),
        comment="The latest from each device, and where its rules stand.",
    )
    op.create_index(
        "ix_telemetry_device_check",
        "telemetry_device",
        ["check_at"],
        unique=False,
        sqlite_where=sa.text("check_at IS NOT NULL"),
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index("ix_telemetry_device_unit", "telemetry_device", ["unit"], unique=False)
    op.create_table(
        "telemetry_hour",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("samples", sa.BigInteger(), nullable=False),
        sa.Column(
            "signals", sa.Text(), nullable=False, comment="{signal: [count, sum, min, max, last]}, exact; numbers only"
        ),
        sa.PrimaryKeyConstraint("device", "hour", name=op.f("pk_telemetry_hour")),
        comment="Readings rolled up by the hour.",
    )
    op.create_table(
        "telemetry_quarantine",
        sa.Column("digest", sa.String(length=32), nullable=False, comment="of source, topic, device and reason"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="unreadable or unknown_device"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False, comment="the latest, shortened"),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_telemetry_quarantine")),
        comment="What could not be taken in, one row per kind of trouble.",
    )
    op.create_table(
        "telemetry_seen",
        sa.Column("id", sa.Text(), nullable=False, comment="source and id of an event, or a webhook's nonce"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telemetry_seen")),
        comment="What came lately, so that a repeat is known; forgotten after the window.",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_telemetry_seen_at"), "telemetry_seen", ["at"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("telemetry_seen")
    op.drop_table("telemetry_quarantine")
    op.drop_table("telemetry_hour")
    op.drop_table("telemetry_device")
    op.drop_table("telemetry_counter")
    op.drop_table("telemetry_alarm")
