"""Tasks that want other eyes than those of an earlier step."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "four_eyes",
        sa.Column("task", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False, comment="the earlier step, in the same instance"),
        sa.ForeignKeyConstraint(["task"], ["task.key"], name=op.f("fk_four_eyes_task")),
        sa.PrimaryKeyConstraint("task", "element_id", name=op.f("pk_four_eyes")),
        comment="A task that nobody does who did an earlier step. Most tasks have no row here.",
    )


def downgrade() -> None:
    op.drop_table("four_eyes")
