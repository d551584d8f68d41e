"""What people, workers and messages do."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "command",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="which command, on what: the same id for another one is refused"
        ),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "id", name=op.f("pk_command")),
        comment="A command that was carried out, and its answer.",
    )
    op.create_index(op.f("ix_command_at"), "command", ["at"], unique=False)
    op.create_table(
        "message",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column(
            "source", sa.Text(), nullable=False, comment="who gave it its id; ids of different sources do not meet"
        ),
        sa.Column("message_id", sa.Text(), nullable=True, comment="null: not deduplicated"),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True, comment="null: it waits for nobody"),
        sa.Column("unit", sa.BigInteger(), nullable=True, comment="where an instance belongs that it starts"),
        sa.CheckConstraint("expires_at IS NULL OR expires_at > published_at", name=op.f("ck_message_expires")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_message_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
        comment="A message that was published.",
    )
    op.create_index(
        "ix_message_buffered",
        "message",
        ["name", "correlation_key", "key"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_message_published_at"), "message", ["published_at"], unique=False)
    op.create_index(
        "uq_message_id",
        "message",
        ["source", "message_id"],
        unique=True,
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.create_table(
        "delivery",
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column(
            "instance", sa.BigInteger(), nullable=False, comment="whom it went to; of a start event, whom it will start"
        ),
        sa.ForeignKeyConstraint(["message"], ["message.key"], name=op.f("fk_delivery_message")),
        sa.PrimaryKeyConstraint("message", "process_id", name=op.f("pk_delivery")),
        comment="Where a message went: at most one instance of each process.",
    )
    op.create_table(
        "effect",
        sa.Column("key", sa.Text(), nullable=False, comment="instance:element instance, sent as idempotency key"),
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("job", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'begun') = (ended_at IS NULL)", name=op.f("ck_effect_ended")),
        sa.CheckConstraint("state IN ('begun', 'done', 'failed')", name=op.f("ck_effect_state")),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_effect_instance")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_effect")),
        comment="A call to an outside system.",
    )
    op.create_index(op.f("ix_effect_instance"), "effect", ["instance"], unique=False)
    op.create_table(
        "incident",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.BigInteger(), nullable=True, comment="null: no instance could be started"),
        sa.Column("definition", sa.BigInteger(), nullable=True, comment="the process that could not be started"),
        sa.Column(
            "ref", sa.Integer(), nullable=True, comment="id of the element instance; null: the job below stopped"
        ),
        sa.Column("job", sa.BigInteger(), nullable=True, comment="the engine's own job that stopped"),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (resolved_at IS NULL)", name=op.f("ck_incident_resolved")),
        sa.CheckConstraint("state IN ('open', 'resolved')", name=op.f("ck_incident_state")),
        sa.CheckConstraint("(ref IS NULL) <> (job IS NULL)", name=op.f("ck_incident_subject")),
        sa.CheckConstraint("(instance IS NULL) <> (definition IS NULL)", name=op.f("ck_incident_owner")),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_incident_instance")),
        sa.ForeignKeyConstraint(["definition"], ["definition.key"], name=op.f("fk_incident_definition")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident")),
        comment="What stopped and waits for a person.",
    )
    op.create_index("ix_incident_instance", "incident", ["instance", "key"], unique=False)
    op.create_index(
        "uq_incident_job",
        "incident",
        ["job"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "uq_incident_ref",
        "incident",
        ["instance", "ref"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "job",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False, comment="job type of a service job; empty for the engine's own"),
        sa.Column("instance", sa.BigInteger(), nullable=True, comment="whom it moves"),
        sa.Column("ref", sa.Integer(), nullable=True, comment="id of the element instance or wait that it answers"),
        sa.Column("definition", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False, comment="waits until its suspended instance is resumed"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True, comment="only while it is running"),
        sa.Column("lease_no", sa.Integer(), nullable=False, comment="fencing: who writes must name the newest lease"),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="counted before each run"),
        sa.Column("crashes", sa.Integer(), nullable=False, comment="leases that ran out in a row"),
        sa.Column("retries", sa.Integer(), nullable=False, comment="failures that are still allowed"),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False, comment="what went wrong last"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'service') = (type <> '')", name=op.f("ck_job_type")),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_job_lease")),
        sa.CheckConstraint("(state IN ('due', 'running', 'failed')) = (done_at IS NULL)", name=op.f("ck_job_done")),
        sa.CheckConstraint("state IN ('due', 'running', 'succeeded', 'failed', 'canceled')", name=op.f("ck_job_state")),
        sa.CheckConstraint("instance IS NOT NULL OR definition IS NOT NULL", name=op.f("ck_job_owner")),
        sa.ForeignKeyConstraint(["definition"], ["definition.key"], name=op.f("fk_job_definition")),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_job_instance")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job")),
        comment="Work that is due now or later.",
    )
    op.create_index(
        "ix_job_definition",
        "job",
        ["definition"],
        unique=False,
        sqlite_where=sa.text("instance IS NULL"),
        postgresql_where=sa.text("instance IS NULL"),
    )
    op.create_index("ix_job_instance", "job", ["instance", "ref"], unique=False)
    op.create_index(
        "ix_job_next",
        "job",
        ["type", sa.text("coalesce(lease_until, due_at)"), "key"],
        unique=False,
        sqlite_where=sa.text("state IN ('due', 'running') AND NOT held"),
        postgresql_where=sa.text("state IN ('due', 'running') AND NOT held"),
    )
    op.create_index(
        "uq_job_ref",
        "job",
        ["instance", "ref"],
        unique=True,
        sqlite_where=sa.text("state IN ('due', 'running', 'failed') AND kind IN ('service', 'timer', 'start_child')"),
        postgresql_where=sa.text(
            "state IN ('due', 'running', 'failed') AND kind IN ('service', 'timer', 'start_child')"
        ),
    )
    op.create_table(
        "subscription",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation_key", sa.Text(), nullable=False, comment="empty for signals and for start events"),
        sa.Column("definition", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("instance", sa.BigInteger(), nullable=True, comment="null: a start event"),
        sa.Column("ref", sa.Integer(), nullable=True, comment="id of the wait in the instance"),
        sa.CheckConstraint("kind IN ('message', 'signal')", name=op.f("ck_subscription_kind")),
        sa.CheckConstraint("(instance IS NULL) = (ref IS NULL)", name=op.f("ck_subscription_ref")),
        sa.ForeignKeyConstraint(["definition"], ["definition.key"], name=op.f("fk_subscription_definition")),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_subscription_instance")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_subscription")),
        comment="A wait for a message or signal.",
    )
    op.create_index("ix_subscription_name", "subscription", ["kind", "name", "correlation_key", "key"], unique=False)
    op.create_index(
        "uq_subscription_start",
        "subscription",
        ["definition", "element_id", "kind", "name"],
        unique=True,
        sqlite_where=sa.text("instance IS NULL"),
        postgresql_where=sa.text("instance IS NULL"),
    )
    op.create_index(
        "uq_subscription_wait",
        "subscription",
        ["instance", "ref"],
        unique=True,
        sqlite_where=sa.text("instance IS NOT NULL"),
        postgresql_where=sa.text("instance IS NOT NULL"),
    )
    op.create_table(
        "task",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Integer(), nullable=False, comment="id of the element instance"),
        sa.Column("definition", sa.BigInteger(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True, comment="login of who holds it, or whatever the diagram names"),
        sa.Column("holder", sa.BigInteger(), nullable=True, comment="the account of the assignee"),
        sa.Column("candidate_groups", sa.Text(), nullable=False),
        sa.Column("candidate_users", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True, comment="when it was first claimed"),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True, comment="when it was completed or canceled"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False, comment="id of the actor of the last change"),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.CheckConstraint("(state IN ('created', 'claimed')) = (done_at IS NULL)", name=op.f("ck_task_done")),
        sa.CheckConstraint("state <> 'claimed' OR assignee IS NOT NULL", name=op.f("ck_task_claimed_is_held")),
        sa.CheckConstraint("state <> 'created' OR assignee IS NULL", name=op.f("ck_task_created_is_free")),
        sa.CheckConstraint("state IN ('created', 'claimed', 'completed', 'canceled')", name=op.f("ck_task_state")),
        sa.ForeignKeyConstraint(["definition"], ["definition.key"], name=op.f("fk_task_definition")),
        sa.ForeignKeyConstraint(["holder"], ["account.key"], name=op.f("fk_task_holder")),
        sa.ForeignKeyConstraint(["instance"], ["instance.key"], name=op.f("fk_task_instance")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_task_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_task")),
        sa.UniqueConstraint("instance", "ref", name=op.f("uq_task_instance_ref")),
        comment="Work that is offered to people.",
    )
    op.create_index(
        "ix_task_done",
        "task",
        ["changed_by", "done_at"],
        unique=False,
        sqlite_where=sa.text("state = 'completed'"),
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.create_index(
        "ix_task_holder",
        "task",
        ["holder", "key"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "ix_task_open",
        "task",
        ["unit", "key"],
        unique=False,
        sqlite_where=sa.text("state IN ('created', 'claimed')"),
        postgresql_where=sa.text("state IN ('created', 'claimed')"),
    )
    op.create_table(
        "candidate",
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="a role, or @login for one person"),
        sa.Column("unit", sa.BigInteger(), autoincrement=False, nullable=False, comment="0 where no unit narrows it"),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column(
            "rank", sa.Integer(), nullable=False, comment="the priority, negative so that the most urgent sorts first"
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.key"], name=op.f("fk_candidate_task")),
        sa.PrimaryKeyConstraint("task", "role", "unit", name=op.f("pk_candidate")),
        comment="Who may take an open task: holders of the role at the unit. Gone once the task is done.",
    )
    op.create_index("ix_candidate_age", "candidate", ["role", "unit", "claimed", "task"], unique=False)
    op.create_index("ix_candidate_due", "candidate", ["role", "unit", "claimed", "due_at", "task"], unique=False)
    op.create_index(
        "ix_candidate_rank", "candidate", ["role", "unit", "claimed", "rank", "due_at", "task"], unique=False
    )
    op.create_table(
        "draft",
        sa.Column("task", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["task.key"], name=op.f("fk_draft_task")),
        sa.PrimaryKeyConstraint("task", "actor", name=op.f("pk_draft")),
        comment="What a person has typed into a task.",
    )
    op.create_index(op.f("ix_draft_saved_at"), "draft", ["saved_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_draft_saved_at"), table_name="draft")
    op.drop_table("draft")
    op.drop_index("ix_candidate_rank", table_name="candidate")
    op.drop_index("ix_candidate_due", table_name="candidate")
    op.drop_index("ix_candidate_age", table_name="candidate")
    op.drop_table("candidate")
    op.drop_index(
        "ix_task_open",
        table_name="task",
        sqlite_where=sa.text("state IN ('created', 'claimed')"),
        postgresql_where=sa.text("state IN ('created', 'claimed')"),
    )
    op.drop_index(
        "ix_task_holder",
        table_name="task",
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.drop_index(
        "ix_task_done",
        table_name="task",
        sqlite_where=sa.text("state = 'completed'"),
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.drop_table("task")
    op.drop_index(
        "uq_subscription_wait",
        table_name="subscription",
        sqlite_where=sa.text("instance IS NOT NULL"),
        postgresql_where=sa.text("instance IS NOT NULL"),
    )
    op.drop_index(
        "uq_subscription_start",
        table_name="subscription",
        sqlite_where=sa.text("instance IS NULL"),
        postgresql_where=sa.text("instance IS NULL"),
    )
    op.drop_index("ix_subscription_name", table_name="subscription")
    op.drop_table("subscription")
    op.drop_index("ix_job_next", table_name="job")
    op.drop_index(
        "uq_job_ref",
        table_name="job",
        sqlite_where=sa.text("state IN ('due', 'running', 'failed') AND kind IN ('service', 'timer', 'start_child')"),
        postgresql_where=sa.text(
            "state IN ('due', 'running', 'failed') AND kind IN ('service', 'timer', 'start_child')"
        ),
    )
    op.drop_index("ix_job_instance", table_name="job")
    op.drop_index(
        "ix_job_definition",
        table_name="job",
        sqlite_where=sa.text("instance IS NULL"),
        postgresql_where=sa.text("instance IS NULL"),
    )
    op.drop_table("job")
    op.drop_index(
        "uq_incident_ref",
        table_name="incident",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(
        "uq_incident_job",
        table_name="incident",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_incident_instance", table_name="incident")
    op.drop_table("incident")
    op.drop_index(op.f("ix_effect_instance"), table_name="effect")
    op.drop_table("effect")
    op.drop_table("delivery")
    op.drop_index(
        "uq_message_id",
        table_name="message",
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_message_published_at"), table_name="message")
    op.drop_index(
        "ix_message_buffered",
        table_name="message",
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.drop_table("message")
    op.drop_index(op.f("ix_command_at"), table_name="command")
    op.drop_table("command")
