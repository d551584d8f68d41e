"""Parts, where they lie, and what moved."""

import sqlalchemy as sa
from alembic import op

revision = "stock_0001"
down_revision = None
branch_labels = ("stock",)
depends_on = "0003"


def upgrade() -> None:
    """Create the tables of the stock."""
    op.create_table(
        "stock_item",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price_fen >= 0 AND cost_fen >= 0", name=op.f("ck_stock_item_money")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_stock_item")),
        comment="Parts that can be issued; the price is what the payer is charged for one measure.",
    )
    op.create_table(
        "stock_voucher",
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket", sa.String(length=120), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_stock_voucher")),
        comment="One issue or return: the reference is the job's idempotency key, the answer is given again to a repeat.",
    )
    op.create_table(
        "stock_level",
        sa.Column("store", sa.String(length=120), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("qty_milli", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("qty_milli >= 0", name=op.f("ck_stock_level_not_below_zero")),
        sa.ForeignKeyConstraint(["item"], ["stock_item.code"], name=op.f("fk_stock_level_item")),
        sa.PrimaryKeyConstraint("store", "item", name=op.f("pk_stock_level")),
        comment="What lies where: store is project:CODE or technician:LOGIN.",
    )
    op.create_table(
        "stock_movement",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("store", sa.String(length=120), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("qty_milli", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["stock_item.code"], name=op.f("fk_stock_movement_item")),
        sa.ForeignKeyConstraint(["reference"], ["stock_voucher.reference"], name=op.f("fk_stock_movement_reference")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stock_movement")),
        comment="What came in (above zero) or went out (below), never changed.",
    )
    op.create_index(op.f("ix_stock_movement_reference"), "stock_movement", ["reference"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("stock_movement")
    op.drop_table("stock_level")
    op.drop_table("stock_voucher")
    op.drop_table("stock_item")
