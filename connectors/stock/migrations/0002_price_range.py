"""Between which prices a part may be charged; what was there keeps its one price."""

import sqlalchemy as sa
from alembic import op

revision = "stock_0002"
down_revision = "stock_0001"
branch_labels = None
depends_on = None

COLUMNS = (
    ("price_min_fen", "the least that may be charged; null: the price"),
    ("price_max_fen", "the most that may be charged; null: the price"),
)


def upgrade() -> None:
    """Add the range."""
    for name, meaning in COLUMNS:
        op.add_column("stock_item", sa.Column(name, sa.BigInteger(), nullable=True, comment=meaning))


def downgrade() -> None:
    """Drop it."""
    for name, _ in COLUMNS:
        op.drop_column("stock_item", name)
