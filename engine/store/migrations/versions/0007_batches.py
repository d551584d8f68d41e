"""Orders over many process instances."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("orders", sa.Text(), nullable=False, comment="what exactly is done to each instance, and why"),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column(
            "acts_as",
            sa.Text(),
            nullable=False,
            comment="whose rights are asked for, as they are at each instance's turn",
        ),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "action IN ('cancel', 'suspend', 'resume', 'retry', 'modify', 'migrate')", name=op.f("ck_batch_action")
        ),
        sa.CheckConstraint("state IN ('running', 'completed', 'stopped')", name=op.f("ck_batch_state")),
        sa.CheckConstraint("(state = 'running') = (ended_at IS NULL)", name=op.f("ck_batch_ended")),
        sa.CheckConstraint("done >= 0 AND refused >= 0 AND done + refused <= total", name=op.f("ck_batch_counts")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_batch")),
        comment="One order over many process instances.",
    )
    op.create_index("ix_batch_actor", "batch", ["actor", "key"], unique=False)
    op.create_index(op.f("ix_batch_ended_at"), "batch", ["ended_at"], unique=False)
    op.create_table(
        "batch_item",
        sa.Column("batch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False, comment="why it was refused"),
        sa.CheckConstraint("state IN ('left', 'done', 'refused')", name=op.f("ck_batch_item_state")),
        sa.ForeignKeyConstraint(["batch"], ["batch.key"], name=op.f("fk_batch_item_batch")),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_batch_item_instance")),
        sa.PrimaryKeyConstraint("batch", "instance", name=op.f("pk_batch_item")),
        comment="What became of one instance in a batch.",
    )
    op.create_index("ix_batch_item_instance", "batch_item", ["instance"], unique=False)
    op.create_index("ix_batch_item_state", "batch_item", ["batch", "state", "instance"], unique=False)


def downgrade() -> None:
    op.drop_table("batch_item")
    op.drop_table("batch")
