"""Units, people, roles, permissions, tokens, the audit, files and links."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = ("engine",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("stream", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False, comment="1, 2, 3, ... without a gap"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("action", sa.String(64), nullable=False, comment="noun.verb, such as account.disable"),
        sa.Column("subject", sa.String(64), nullable=False, comment="what it was done to: a key or a code"),
        sa.Column("unit", sa.BigInteger(), nullable=True, comment="where in the organisation; null: the whole of it"),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, comment="SHA-256 over the previous hash and this entry"),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_audit_entry")),
        comment="What administrators, connectors and the sign-in did, in order.",
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "at"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("stream", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, comment="of the last entry; SHA-256 in hex"),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_audit_head")),
        comment="Where each administrative stream stands.",
    )
    op.create_table(
        "node",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
        comment="How many processes have opened this database; numbers the next one's keys.",
    )
    op.create_table(
        "role",
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.String(100), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_role")),
        comment="A kind of work; candidate groups of tasks name it.",
    )
    op.create_table(
        "unit",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False, comment="IANA time zone of its calendars and dates"),
        sa.Column(
            "path",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            nullable=False,
            comment="/grandparent/parent/key/",
        ),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('group', 'company', 'project', 'building', 'area')", name=op.f("ck_unit_kind")),
        sa.ForeignKeyConstraint(["parent"], ["unit.key"], name=op.f("fk_unit_parent")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
        comment="A node of the organisation.",
    )
    op.create_index(op.f("ix_unit_parent"), "unit", ["parent"], unique=False)
    op.create_table(
        "account",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False, comment="of employment"),
        sa.Column("name_zh", sa.String(100), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("phone", sa.String(32), server_default="", nullable=False),
        sa.Column("email", sa.String(254), server_default="", nullable=False),
        sa.Column("locale", sa.String(16), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.String(200), server_default="", nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False, comment="wrong passwords in a row"),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "session_epoch", sa.Integer(), server_default="1", nullable=False, comment="earlier sessions have ended"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_account_state")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_account_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        comment="A person who may sign in.",
    )
    op.create_index(op.f("ix_account_unit"), "account", ["unit"], unique=False)
    op.create_table(
        "file",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=True),
        sa.Column(
            "instance",
            sa.BigInteger(),
            nullable=True,
            comment="the process instance it belongs to; null: handed in before there was one",
        ),
        sa.Column("task", sa.BigInteger(), nullable=True, comment="the user task it was handed in with"),
        sa.Column("uploader", sa.String(64), nullable=False, comment="id of the actor"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False, comment="what the bytes are, not what the sender said"),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_file_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_file")),
        comment="A file that somebody handed in.",
    )
    op.create_index("ix_file_instance", "file", ["instance", "key"], unique=False)
    op.create_index(
        "ix_file_loose",
        "file",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("instance IS NULL"),
        postgresql_where=sa.text("instance IS NULL"),
    )
    op.create_index(op.f("ix_file_sha256"), "file", ["sha256"], unique=False)
    op.create_table(
        "link",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, comment="SHA-256; the token itself is nowhere"),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=True),
        sa.Column("task", sa.BigInteger(), nullable=True, comment="the user task that it opens"),
        sa.Column("element_id", sa.String(200), nullable=False, comment="the element whose message it may send"),
        sa.Column("audience", sa.String(200), nullable=False, comment="for whom it was made, in words"),
        sa.Column("single_use", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "used_at", sa.DateTime(timezone=True), nullable=True, comment="when it was acted upon for the first time"
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('track', 'confirm_quote', 'accept', 'rate', 'vendor', 'pay')", name=op.f("ck_link_purpose")
        ),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_link_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
        comment="A link for a resident or a vendor.",
    )
    op.create_index("ix_link_instance", "link", ["instance", "purpose"], unique=False)
    op.create_table(
        "permission",
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False, comment="resource kind, or *"),
        sa.Column("verb", sa.String(64), nullable=False, comment="or *"),
        sa.ForeignKeyConstraint(["role"], ["role.code"], name=op.f("fk_permission_role")),
        sa.PrimaryKeyConstraint("role", "kind", "verb", name=op.f("pk_permission")),
        comment="What a role may do where it is held.",
    )
    op.create_table(
        "api_token",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, comment="SHA-256; the token itself is nowhere"),
        sa.Column("scopes", sa.Text(), nullable=True, comment='["kind:verb"]; null: all that the account may'),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True, comment="to the minute"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name=op.f("fk_api_token_account")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
        comment="A key with which a program acts as an account.",
    )
    op.create_index(op.f("ix_api_token_account"), "api_token", ["account"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("unit", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True, comment="exclusive; null: open"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_role_grant_order")),
        sa.ForeignKeyConstraint(["account"], ["account.key"], name=op.f("fk_role_grant_account")),
        sa.ForeignKeyConstraint(["role"], ["role.code"], name=op.f("fk_role_grant_role")),
        sa.ForeignKeyConstraint(["unit"], ["unit.key"], name=op.f("fk_role_grant_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_role_grant")),
        comment="A role held by a person at a unit.",
    )
    op.create_index("ix_role_grant_account", "role_grant", ["account"], unique=False)
    op.create_index("ix_role_grant_unit_role", "role_grant", ["unit", "role"], unique=False)
    op.create_table(
        "substitute",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("absent", sa.BigInteger(), nullable=False),
        sa.Column("deputy", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(64), nullable=True, comment="null: every role of the absent person"),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False, comment="exclusive"),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.CheckConstraint("absent <> deputy", name=op.f("ck_substitute_two_people")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_substitute_order")),
        sa.ForeignKeyConstraint(["absent"], ["account.key"], name=op.f("fk_substitute_absent")),
        sa.ForeignKeyConstraint(["deputy"], ["account.key"], name=op.f("fk_substitute_deputy")),
        sa.ForeignKeyConstraint(["role"], ["role.code"], name=op.f("fk_substitute_role")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_substitute")),
        comment="Who does whose work during an absence.",
    )
    op.create_index(op.f("ix_substitute_absent"), "substitute", ["absent"], unique=False)
    op.create_index(op.f("ix_substitute_deputy"), "substitute", ["deputy"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_substitute_deputy"), table_name="substitute")
    op.drop_index(op.f("ix_substitute_absent"), table_name="substitute")
    op.drop_table("substitute")
    op.drop_index("ix_role_grant_unit_role", table_name="role_grant")
    op.drop_index("ix_role_grant_account", table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(op.f("ix_api_token_account"), table_name="api_token")
    op.drop_table("api_token")
    op.drop_table("permission")
    op.drop_index("ix_link_instance", table_name="link")
    op.drop_table("link")
    op.drop_index(op.f("ix_file_sha256"), table_name="file")
    op.drop_index(
        "ix_file_loose",
        table_name="file",
        sqlite_where=sa.text("instance IS NULL"),
        postgresql_where=sa.text("instance IS NULL"),
    )
    op.drop_index("ix_file_instance", table_name="file")
    op.drop_table("file")
    op.drop_index(op.f("ix_account_unit"), table_name="account")
    op.drop_table("account")
    op.drop_index(op.f("ix_unit_parent"), table_name="unit")
    op.drop_table("unit")
    op.drop_table("role")
    op.drop_table("node")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_table("audit_entry")
