"""What is deployed, what runs, and what happened."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content")),
        comment="The original bytes of a deployed file, once however often it was deployed.",
    )
    op.create_table(
        "deployment",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False, comment="of the names and contents of all its files"),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_deployment_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_deployment")),
        comment="Files that were deployed together, all or none.",
    )
    op.create_index(op.f("ix_deployment_digest"), "deployment", ["digest"], unique=False)
    op.create_table(
        "resource",
        sa.Column("deployment", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["deployment"], ["deployment.key"], name=op.f("fk_resource_deployment")),
        sa.ForeignKeyConstraint(["sha256"], ["content.sha256"], name=op.f("fk_resource_sha256")),
        sa.PrimaryKeyConstraint("deployment", "name", name=op.f("pk_resource")),
        comment="A file of a deployment.",
    )
    op.create_table(
        "decision",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=False),
        sa.Column("deployment", sa.BigInteger(), nullable=False),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_decision_version")),
        sa.ForeignKeyConstraint(
            ["deployment", "resource_name"],
            ["resource.deployment", "resource.name"],
            name=op.f("fk_decision_deployment_resource_name"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision")),
        sa.UniqueConstraint("decision_id", "version", name=op.f("uq_decision_decision_id_version")),
        comment="One version of a decision.",
    )
    op.create_index(op.f("ix_decision_deployment"), "decision", ["deployment"], unique=False)
    op.create_table(
        "definition",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=False),
        sa.Column("deployment", sa.BigInteger(), nullable=False),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=True),
        sa.Column("history_ttl", sa.Text(), nullable=True, comment="ISO 8601 duration; null: the settings say"),
        sa.CheckConstraint("version > 0", name=op.f("ck_definition_version")),
        sa.ForeignKeyConstraint(
            ["deployment", "resource_name"],
            ["resource.deployment", "resource.name"],
            name=op.f("fk_definition_deployment_resource_name"),
        ),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_definition_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_definition")),
        sa.UniqueConstraint("process_id", "version", name=op.f("uq_definition_process_id_version")),
        comment="One version of a process.",
    )
    op.create_index(op.f("ix_definition_deployment"), "definition", ["deployment"], unique=False)
    op.create_table(
        "form",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=False),
        sa.Column("deployment", sa.BigInteger(), nullable=False),
        sa.Column("resource_name", sa.Text(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_form_version")),
        sa.ForeignKeyConstraint(
            ["deployment", "resource_name"],
            ["resource.deployment", "resource.name"],
            name=op.f("fk_form_deployment_resource_name"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form")),
        sa.UniqueConstraint("form_id", "version", name=op.f("uq_form_form_id_version")),
        comment="One version of a form.",
    )
    op.create_index(op.f("ix_form_deployment"), "form", ["deployment"], unique=False)
    op.create_table(
        "counter",
        sa.Column("definition", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("what IN ('live', 'completed', 'terminated', 'incidents')", name=op.f("ck_counter_what")),
        sa.ForeignKeyConstraint(["definition"], ["definition.key"], name=op.f("fk_counter_definition")),
        sa.PrimaryKeyConstraint("definition", "element_id", "what", name=op.f("pk_counter")),
        comment="Folded counts of one version's elements.",
    )
    op.create_table(
        "counter_delta",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("definition", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "what IN ('live', 'completed', 'terminated', 'incidents')", name=op.f("ck_counter_delta_what")
        ),
        sa.ForeignKeyConstraint(["definition"], ["definition.key"], name=op.f("fk_counter_delta_definition")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_counter_delta")),
        comment="What is still to be added to the counts.",
    )
    op.create_index(op.f("ix_counter_delta_definition"), "counter_delta", ["definition"], unique=False)
    op.create_table(
        "instance",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("definition", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the definition"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="counts the commands that moved it; guards every update"
        ),
        sa.Column("unit", sa.BigInteger(), nullable=True),
        sa.Column(
            "business_key", sa.Text(), nullable=False, comment="the caller's own identifier; empty when there is none"
        ),
        sa.Column("start_key", sa.Text(), nullable=True, comment="correlation key of the message that started it"),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column(
            "parent_ref",
            sa.Integer(),
            nullable=True,
            comment="id of the call activity's element instance in the parent",
        ),
        sa.Column("root", sa.BigInteger(), nullable=False, comment="the outermost caller, or itself"),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_by_name", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("incidents", sa.Integer(), nullable=False, comment="how many are open"),
        sa.Column("events", sa.Integer(), nullable=False, comment="how long its history is"),
        sa.Column("event_hash", sa.String(64), nullable=False, comment="head of its history's chain"),
        sa.Column("head", sa.Text(), nullable=True, comment="head of the snapshot; null once it has ended"),
        sa.Column("result", sa.Text(), nullable=True, comment="its variables when it ended"),
        sa.Column(
            "title", sa.Text(), server_default="", nullable=False, comment="what it is about, as the process says it"
        ),
        sa.Column(
            "grade",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="how urgent it is, in the process's own words",
        ),
        sa.CheckConstraint("(state IN ('active', 'suspended')) = (ended_at IS NULL)", name=op.f("ck_instance_ended")),
        sa.CheckConstraint("state IN ('active', 'suspended', 'completed', 'canceled')", name=op.f("ck_instance_state")),
        sa.CheckConstraint("(ended_at IS NULL) = (head IS NOT NULL)", name=op.f("ck_instance_head")),
        sa.CheckConstraint("(parent IS NULL) = (parent_ref IS NULL)", name=op.f("ck_instance_parent")),
        sa.CheckConstraint("depth > 0", name=op.f("ck_instance_depth")),
        sa.CheckConstraint("incidents >= 0", name=op.f("ck_instance_incidents")),
        sa.ForeignKeyConstraint(["definition"], ["definition.key"], name=op.f("fk_instance_definition")),
        sa.ForeignKeyConstraint(["parent"], ["instance.key"], name=op.f("fk_instance_parent")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_instance_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instance")),
        comment="A process instance.",
    )
    op.create_index("ix_instance_business_key", "instance", ["business_key", "key"], unique=False)
    op.create_index("ix_instance_definition", "instance", ["definition", "state"], unique=False)
    op.create_index(
        "ix_instance_parent",
        "instance",
        ["parent", "parent_ref"],
        unique=False,
        sqlite_where=sa.text("parent IS NOT NULL"),
        postgresql_where=sa.text("parent IS NOT NULL"),
    )
    op.create_index("ix_instance_process", "instance", ["process_id", "state", "key"], unique=False)
    op.create_index(
        "ix_instance_troubled",
        "instance",
        ["key"],
        unique=False,
        sqlite_where=sa.text("incidents > 0"),
        postgresql_where=sa.text("incidents > 0"),
    )
    op.create_index("ix_instance_unit", "instance", ["unit", "key"], unique=False)
    op.create_index(
        "uq_instance_start_key",
        "instance",
        ["process_id", "start_key"],
        unique=True,
        sqlite_where=sa.text("start_key IS NOT NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("start_key IS NOT NULL AND ended_at IS NULL"),
    )
    op.create_table(
        "event",
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False, comment="counts from 1 without a gap"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False, comment="id of the element instance; 0: none"),
        sa.Column("data", sa.Text(), nullable=False, comment="canonical JSON, as it was hashed"),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_event_seq")),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_event_instance")),
        sa.PrimaryKeyConstraint("instance", "seq", name=op.f("pk_event")),
        comment="What happened to an instance. Rows are added and never changed.",
    )
    op.create_table(
        "scope",
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_scope_instance")),
        sa.PrimaryKeyConstraint("instance", "id", name=op.f("pk_scope")),
        comment="A live node of an instance's snapshot.",
    )


def downgrade() -> None:
    op.drop_table("scope")
    op.drop_table("event")
    op.drop_index(
        "uq_instance_start_key",
        table_name="instance",
        sqlite_where=sa.text("start_key IS NOT NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("start_key IS NOT NULL AND ended_at IS NULL"),
    )
    op.drop_index("ix_instance_unit", table_name="instance")
    op.drop_index(
        "ix_instance_troubled",
        table_name="instance",
        sqlite_where=sa.text("incidents > 0"),
        postgresql_where=sa.text("incidents > 0"),
    )
    op.drop_index("ix_instance_process", table_name="instance")
    op.drop_index(
        "ix_instance_parent",
        table_name="instance",
        sqlite_where=sa.text("parent IS NOT NULL"),
        postgresql_where=sa.text("parent IS NOT NULL"),
    )
    op.drop_index("ix_instance_definition", table_name="instance")
    op.drop_index("ix_instance_business_key", table_name="instance")
    op.drop_table("instance")
    op.drop_index(op.f("ix_counter_delta_definition"), table_name="counter_delta")
    op.drop_table("counter_delta")
    op.drop_table("counter")
    op.drop_index(op.f("ix_form_deployment"), table_name="form")
    op.drop_table("form")
    op.drop_index(op.f("ix_definition_deployment"), table_name="definition")
    op.drop_table("definition")
    op.drop_index(op.f("ix_decision_deployment"), table_name="decision")
    op.drop_table("decision")
    op.drop_table("resource")
    op.drop_index(op.f("ix_deployment_digest"), table_name="deployment")
    op.drop_table("deployment")
    op.drop_table("content")
