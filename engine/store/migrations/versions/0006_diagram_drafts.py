"""Diagrams that are worked on before they are deployed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "diagram_draft",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="of the file"),
        sa.Column("unit", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="counts how often it was saved; guards every update"
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("revision > 0", name=op.f("ck_diagram_draft_revision")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_diagram_draft_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_diagram_draft")),
        comment="A diagram that is worked on; it may hold anything.",
    )
    op.create_index(op.f("ix_diagram_draft_unit"), "diagram_draft", ["unit"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_diagram_draft_unit"), table_name="diagram_draft")
    op.drop_table("diagram_draft")
