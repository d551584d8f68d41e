"""Projects, rooms, people, vendors, devices, technicians and open tickets."""

import sqlalchemy as sa
from alembic import op

revision = "register_0001"
down_revision = None
branch_labels = ("register",)
depends_on = "0001"


def upgrade() -> None:
    """Create the tables of the register."""
    op.create_table(
        "register_person",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["unit.key"], name=op.f("fk_register_person_project")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_register_person")),
        sa.UniqueConstraint("project", "phone", "name", name=op.f("uq_register_person_project_phone_name")),
        comment="A resident, tenant or owner. No identity numbers: nothing here needs them.",
    )
    op.create_table(
        "register_project",
        sa.Column("unit", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dispatch_mode", sa.Text(), nullable=False),
        sa.Column("open_limit", sa.Integer(), nullable=False, comment="open tickets that one technician may hold"),
        sa.Column(
            "unpaid_limit", sa.Integer(), nullable=False, comment="unpaid repair bills that stop paid work; 0: never"
        ),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False, comment="of its service desk"),
        sa.CheckConstraint(
            "dispatch_mode IN ('grab', 'rotation', 'assign')", name=op.f("ck_register_project_dispatch_mode")
        ),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_register_project_unit")),
        sa.PrimaryKeyConstraint("unit", name=op.f("pk_register_project")),
        comment="What the register knows of a project beside its place in the organisation.",
    )
    op.create_table(
        "register_room",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False, comment="building or project"),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False, comment="unique in the project, such as 1-1502"),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("area_hundredths", sa.BigInteger(), nullable=False, comment="gross, in 0.01 square metres"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("warranty_until", sa.Date(), nullable=True, comment="last day of the developer's warranty"),
        sa.CheckConstraint("kind IN ('flat', 'office', 'shop', 'parking')", name=op.f("ck_register_room_kind")),
        sa.CheckConstraint(
            "state IN ('unsold', 'handed_over', 'decorating', 'occupied', 'leased', 'vacant')",
            name=op.f("ck_register_room_state"),
        ),
        sa.CheckConstraint("area_hundredths >= 0", name=op.f("ck_register_room_area")),
        sa.ForeignKeyConstraint(["project"], ["unit.key"], name=op.f("fk_register_room_project")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_register_room_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_register_room")),
        sa.UniqueConstraint("project", "code", name=op.f("uq_register_room_project_code")),
        comment="A flat, an office, a shop or a parking space.",
    )
    op.create_index(op.f("ix_register_room_unit"), "register_room", ["unit"], unique=False)
    op.create_table(
        "register_turn",
        sa.Column("project", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False, comment="who had the last turn"),
        sa.ForeignKeyConstraint(["project"], ["unit.key"], name=op.f("fk_register_turn_project")),
        sa.PrimaryKeyConstraint("project", "category", name=op.f("pk_register_turn")),
        comment="Where the rotation of a project stands, for each category of work.",
    )
    op.create_table(
        "register_vendor",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False, comment="who it works for"),
        sa.Column("name_zh", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False, comment="at any hour"),
        sa.Column("services", sa.Text(), nullable=False, comment="types of devices, or kinds of work"),
        sa.Column("contract_no", sa.String(length=64), nullable=False),
        sa.Column("contract_to", sa.Date(), nullable=True, comment="last day of its contract; null: open"),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_register_vendor_unit")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_register_vendor")),
        comment="A company that does work for us.",
    )
    op.create_index(op.f("ix_register_vendor_unit"), "register_vendor", ["unit"], unique=False)
    op.create_table(
        "register_certificate",
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False, comment="such as low_voltage_electrician"),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="last day"),
        sa.Column("review_on", sa.Date(), nullable=True, comment="when the authority looks at it again"),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name=op.f("fk_register_certificate_account")),
        sa.PrimaryKeyConstraint("account", "type", "number", name=op.f("pk_register_certificate")),
        comment="A certificate that a member of staff holds.",
    )
    op.create_index(op.f("ix_register_certificate_valid_to"), "register_certificate", ["valid_to"], unique=False)
    op.create_table(
        "register_device",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False, comment="building or project"),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False, comment="a type of telemetry's rules"),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("maker", sa.String(length=120), nullable=False),
        sa.Column("location_zh", sa.String(length=200), nullable=False),
        sa.Column("location_en", sa.String(length=200), nullable=False),
        sa.Column("importance", sa.String(length=1), nullable=False, comment="A, B or C"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vendor", sa.String(length=64), nullable=True, comment="under contract for it"),
        sa.Column("parent", sa.String(length=64), nullable=True, comment="gateway or supply"),
        sa.Column("registration", sa.String(length=64), nullable=False, comment="special equipment registration code"),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column(
            "inspection_due", sa.Date(), nullable=True, comment="day of the next inspection; null: none is planned"
        ),
        sa.Column("service_days", sa.Integer(), nullable=True, comment="days from one service to the next"),
        sa.Column("windows", sa.Text(), nullable=False, comment="maintenance: [{from, to, reason}], ISO instants"),
        sa.Column(
            "alias",
            sa.String(length=120),
            nullable=True,
            comment="under which name it speaks elsewhere; null: its code",
        ),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("false_alarms", sa.Integer(), nullable=False),
        sa.Column("repairs", sa.Integer(), nullable=False),
        sa.Column("repair_minutes", sa.BigInteger(), nullable=False, comment="sum over repairs; for MTTR"),
        sa.Column("last_fault_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("importance IN ('A', 'B', 'C')", name=op.f("ck_register_device_importance")),
        sa.CheckConstraint("state IN ('normal', 'fault', 'repair', 'stopped')", name=op.f("ck_register_device_state")),
        sa.ForeignKeyConstraint(["parent"], ["register_device.code"], name=op.f("fk_register_device_parent")),
        sa.ForeignKeyConstraint(["project"], ["unit.key"], name=op.f("fk_register_device_project")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_register_device_unit")),
        sa.ForeignKeyConstraint(["vendor"], ["register_vendor.code"], name=op.f("fk_register_device_vendor")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_register_device")),
        sa.UniqueConstraint("alias", name=op.f("uq_register_device_alias")),
        comment="A device that the company looks after.",
    )
    op.create_index("ix_register_device_inspection", "register_device", ["inspection_due"], unique=False)
    op.create_index(op.f("ix_register_device_project"), "register_device", ["project"], unique=False)
    op.create_index(op.f("ix_register_device_unit"), "register_device", ["unit"], unique=False)
    op.create_table(
        "register_occupancy",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("room", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True, comment="last day; null: open"),
        sa.Column("pays", sa.Boolean(), nullable=False, comment="bills for the room go to this person"),
        sa.CheckConstraint(
            "relation IN ('owner', 'family', 'tenant', 'card')", name=op.f("ck_register_occupancy_relation")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_register_occupancy_order")),
        sa.ForeignKeyConstraint(["person"], ["register_person.key"], name=op.f("fk_register_occupancy_person")),
        sa.ForeignKeyConstraint(["room"], ["register_room.key"], name=op.f("fk_register_occupancy_room")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_register_occupancy")),
        sa.UniqueConstraint(
            "room",
            "person",
            "relation",
            "valid_from",
            name=op.f("uq_register_occupancy_room_person_relation_valid_from"),
        ),
        comment="What a person is to a room, from when to when.",
    )
    op.create_index(op.f("ix_register_occupancy_person"), "register_occupancy", ["person"], unique=False)
    op.create_index(op.f("ix_register_occupancy_room"), "register_occupancy", ["room"], unique=False)
    op.create_table(
        "register_shift",
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_register_shift_order")),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name=op.f("fk_register_shift_account")),
        sa.ForeignKeyConstraint(["project"], ["unit.key"], name=op.f("fk_register_shift_project")),
        sa.PrimaryKeyConstraint("account", "starts_at", name=op.f("pk_register_shift")),
        comment="When a member of staff works.",
    )
    op.create_index("ix_register_shift_project", "register_shift", ["project", "ends_at"], unique=False)
    op.create_table(
        "register_technician",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False, comment="[skill], the best first"),
        sa.Column(
            "open_limit", sa.Integer(), nullable=True, comment="open tickets at a time; null: the project's limit"
        ),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name=op.f("fk_register_technician_account")),
        sa.ForeignKeyConstraint(["project"], ["unit.key"], name=op.f("fk_register_technician_project")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_register_technician")),
        comment="A person who repairs things, and where.",
    )
    op.create_index(op.f("ix_register_technician_project"), "register_technician", ["project"], unique=False)
    op.create_table(
        "register_part_change",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("ticket", sa.String(length=120), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("qty_milli", sa.BigInteger(), nullable=False, comment="thousandths of the item's measure"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["register_device.code"], name=op.f("fk_register_part_change_device")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_register_part_change")),
        comment="A part that was put into a device. Rows are added and never changed.",
    )
    op.create_index(op.f("ix_register_part_change_device"), "register_part_change", ["device"], unique=False)
    op.create_table(
        "register_ticket",
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("project", sa.BigInteger(), nullable=False),
        sa.Column("room", sa.BigInteger(), nullable=True),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("dedup_key", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_state", sa.Text(), nullable=True, comment="of the device before the ticket"),
        sa.ForeignKeyConstraint(["device"], ["register_device.code"], name=op.f("fk_register_ticket_device")),
        sa.ForeignKeyConstraint(["project"], ["unit.key"], name=op.f("fk_register_ticket_project")),
        sa.ForeignKeyConstraint(["room"], ["register_room.key"], name=op.f("fk_register_ticket_room")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_register_ticket")),
        comment="An open ticket, as far as the register is concerned. Gone once it is closed.",
    )
    op.create_index(op.f("ix_register_ticket_device"), "register_ticket", ["device"], unique=False)
    op.create_index(op.f("ix_register_ticket_project"), "register_ticket", ["project"], unique=False)


def downgrade() -> None:
    """Drop them, and all that is in them."""
    op.drop_index(op.f("ix_register_ticket_project"), table_name="register_ticket")
    op.drop_index(op.f("ix_register_ticket_device"), table_name="register_ticket")
    op.drop_table("register_ticket")
    op.drop_index(op.f("ix_register_part_change_device"), table_name="register_part_change")
    op.drop_table("register_part_change")
    op.drop_index(op.f("ix_register_technician_project"), table_name="register_technician")
    op.drop_table("register_technician")
    op.drop_index("ix_register_shift_project", table_name="register_shift")
    op.drop_table("register_shift")
    op.drop_index(op.f("ix_register_occupancy_room"), table_name="register_occupancy")
    op.drop_index(op.f("ix_register_occupancy_person"), table_name="register_occupancy")
    op.drop_table("register_occupancy")
    op.drop_index(op.f("ix_register_device_unit"), table_name="register_device")
    op.drop_index(op.f("ix_register_device_project"), table_name="register_device")
    op.drop_index("ix_register_device_inspection", table_name="register_device")
    op.drop_table("register_device")
    op.drop_index(op.f("ix_register_certificate_valid_to"), table_name="register_certificate")
    op.drop_table("register_certificate")
    op.drop_index(op.f("ix_register_vendor_unit"), table_name="register_vendor")
    op.drop_table("register_vendor")
    op.drop_table("register_turn")
    op.drop_index(op.f("ix_register_room_unit"), table_name="register_room")
    op.drop_table("register_room")
    op.drop_table("register_project")
    op.drop_table("register_person")
