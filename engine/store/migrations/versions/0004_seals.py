"""Seals over the chains of history."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False, comment="1, 2, 3, ... without a gap"),
        sa.Column("covers", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="in the zone of the installation"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False, comment="how many it covers"),
        sa.Column(
            "digest", sa.String(length=64), nullable=False, comment="SHA-256 over the chains it covers, in their order"
        ),
        sa.Column(
            "previous", sa.String(length=64), nullable=False, comment="code of the seal before; empty: the first"
        ),
        sa.Column("code", sa.String(length=64), nullable=False, comment="HMAC-SHA256 over all of this"),
        sa.CheckConstraint("covers IN ('heads', 'dropped')", name=op.f("ck_seal_covers")),
        sa.CheckConstraint("number > 0", name=op.f("ck_seal_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
        comment="What the chains of history were at a day.",
    )
    op.create_table(
        "sealed",
        sa.Column(
            "instance", sa.BigInteger(), autoincrement=False, nullable=False, comment="whose history; 0: a stream"
        ),
        sa.Column(
            "stream", sa.String(length=32), nullable=False, comment="the administrative stream; empty: a history"
        ),
        sa.Column("length", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False, comment="hash of the entry with this number"),
        sa.Column("seal", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=True, comment="the seal that tells that it was dropped"),
        sa.CheckConstraint("(instance = 0) = (stream <> '')", name=op.f("ck_sealed_chain")),
        sa.CheckConstraint("length > 0", name=op.f("ck_sealed_length")),
        sa.ForeignKeyConstraint(["dropped"], ["seal.number"], name=op.f("fk_sealed_dropped")),
        sa.ForeignKeyConstraint(["seal"], ["seal.number"], name=op.f("fk_sealed_seal")),
        sa.PrimaryKeyConstraint("instance", "stream", "length", name=op.f("pk_sealed")),
        comment="A chain of history as a seal covers it.",
    )
    op.create_index(
        "ix_sealed_dropped",
        "sealed",
        ["dropped"],
        unique=False,
        sqlite_where=sa.text("dropped IS NOT NULL"),
        postgresql_where=sa.text("dropped IS NOT NULL"),
    )
    op.create_index(op.f("ix_sealed_seal"), "sealed", ["seal"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sealed_seal"), table_name="sealed")
    op.drop_index(
        "ix_sealed_dropped",
        table_name="sealed",
        sqlite_where=sa.text("dropped IS NOT NULL"),
        postgresql_where=sa.text("dropped IS NOT NULL"),
    )
    op.drop_table("sealed")
    op.drop_table("seal")
