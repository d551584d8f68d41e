"""Periods, vouchers, receivables and receipts."""

import sqlalchemy as sa
from alembic import op

from connectors.ledger.store.vouchers import guards

revision = "ledger_0001"
down_revision = None
branch_labels = ("ledger",)
depends_on = "0003"
GUARDS = (
    ("ledger_voucher", "balance"),
    ("ledger_line", "closed"),
    ("ledger_voucher", "keep"),
    ("ledger_voucher", "keep_from_delete"),
    ("ledger_line", "keep"),
    ("ledger_line", "keep_from_delete"),
)


def upgrade() -> None:
    """Create the tables of the books."""
    op.create_table(
        "ledger_period",
        sa.Column("company", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("vouchers", sa.Integer(), nullable=False, comment="how many it has; numbers the next one"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False, comment="id of the actor"),
        sa.CheckConstraint("state IN ('open', 'locked')", name=op.f("ck_ledger_period_state")),
        sa.PrimaryKeyConstraint("company", "period", name=op.f("pk_ledger_period")),
        comment="A month of a company's books.",
    )
    op.create_table(
        "ledger_voucher",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False, comment="where it belongs in the organisation"),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="from 1 in each period, without gaps"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reverses", sa.BigInteger(), nullable=True, comment="a voucher is taken back once"),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_by", sa.Text(), nullable=False, comment="id of the actor"),
        sa.ForeignKeyConstraint(["reverses"], ["ledger_voucher.key"], name=op.f("fk_ledger_voucher_reverses")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ledger_voucher")),
        sa.UniqueConstraint("company", "period", "number", name=op.f("uq_ledger_voucher_company_period_number")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_voucher_idempotency_key")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_voucher_reverses")),
        comment="A posted voucher. Append-only.",
    )
    op.create_index("ix_ledger_voucher_unit", "ledger_voucher", ["unit", "key"], unique=False)
    op.create_table(
        "ledger_line",
        sa.Column("voucher", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("company", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("fee_item", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("invoice", sa.Text(), nullable=False),
        sa.Column("receivable", sa.Text(), nullable=False),
        sa.CheckConstraint("side IN ('debit', 'credit')", name=op.f("ck_ledger_line_side")),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_ledger_line_amount")),
        sa.ForeignKeyConstraint(
            ["voucher"],
            ["ledger_voucher.key"],
            name=op.f("fk_ledger_line_voucher"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("voucher", "number", name=op.f("pk_ledger_line")),
        comment="A line of a voucher. Append-only.",
    )
    op.create_index("ix_ledger_line_account", "ledger_line", ["company", "account", "day"], unique=False)
    op.create_index("ix_ledger_line_payer", "ledger_line", ["payer", "account"], unique=False)
    op.create_index("ix_ledger_line_ticket", "ledger_line", ["ticket"], unique=False)
    op.create_table(
        "ledger_receipt",
        sa.Column("source", sa.Text(), nullable=False, comment="who told of it: a gateway, the counter"),
        sa.Column("payment", sa.Text(), nullable=False, comment="the payment's id there"),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voucher", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="what the process was told"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["voucher"], ["ledger_voucher.key"], name=op.f("fk_ledger_receipt_voucher")),
        sa.PrimaryKeyConstraint("source", "payment", name=op.f("pk_ledger_receipt")),
        sa.UniqueConstraint("voucher", name=op.f("uq_ledger_receipt_voucher")),
        comment="Money that came in, once per payment.",
    )
    op.create_index("ix_ledger_receipt_unit", "ledger_receipt", ["unit", "received_at"], unique=False)
    op.create_table(
        "ledger_receivable",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("fee_item", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("open_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("voucher", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False, comment="idempotency key of whoever opened it"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'open') = (open_fen > 0)", name=op.f("ck_ledger_receivable_settled")),
        sa.CheckConstraint("state IN ('open', 'settled', 'void')", name=op.f("ck_ledger_receivable_state")),
        sa.CheckConstraint("open_fen BETWEEN 0 AND total_fen", name=op.f("ck_ledger_receivable_open")),
        sa.ForeignKeyConstraint(["voucher"], ["ledger_voucher.key"], name=op.f("fk_ledger_receivable_voucher")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ledger_receivable")),
        sa.UniqueConstraint("origin", name=op.f("uq_ledger_receivable_origin")),
        comment="What somebody owes: an open item of the sub-ledger.",
    )
    op.create_index("ix_ledger_receivable_payer", "ledger_receivable", ["payer", "state", "due_on"], unique=False)
    op.create_index("ix_ledger_receivable_room", "ledger_receivable", ["room", "state", "due_on"], unique=False)
    op.create_index("ix_ledger_receivable_unit", "ledger_receivable", ["unit", "state", "due_on"], unique=False)
    op.create_index(op.f("ix_ledger_receivable_voucher"), "ledger_receivable", ["voucher"], unique=False)
    for statement in guards(op.get_bind().dialect.name):
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Drop them."""
    op.drop_table("ledger_receivable")
    op.drop_table("ledger_receipt")
    op.drop_table("ledger_line")
    op.drop_table("ledger_voucher")
    op.drop_table("ledger_period")
    if op.get_bind().dialect.name != "sqlite":
        for table, guard in GUARDS:
            op.execute(sa.text(f"DROP FUNCTION {table}_{guard}()"))
