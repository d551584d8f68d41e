"""Where buildings, projects and outdoor devices stand."""

import sqlalchemy as sa
from alembic import op

revision = "register_0002"
down_revision = "register_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "register_position",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=True, comment="a project or a building"),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("latitude_micro", sa.BigInteger(), nullable=False, comment="millionths of a degree, WGS 84"),
        sa.Column("longitude_micro", sa.BigInteger(), nullable=False, comment="millionths of a degree, WGS 84"),
        sa.CheckConstraint("(unit IS NULL) <> (device IS NULL)", name=op.f("ck_register_position_one_place")),
        sa.CheckConstraint(
            "latitude_micro BETWEEN -90000000 AND 90000000 AND longitude_micro BETWEEN -180000000 AND 180000000",
            name=op.f("ck_register_position_on_earth"),
        ),
        sa.ForeignKeyConstraint(["device"], ["register_device.code"], name=op.f("fk_register_position_device")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_register_position_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_register_position")),
        sa.UniqueConstraint("device", name=op.f("uq_register_position_device")),
        sa.UniqueConstraint("unit", name=op.f("uq_register_position_unit")),
        comment="Where a place is: of a unit, or of a device that stands elsewhere in it.",
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("register_position")
