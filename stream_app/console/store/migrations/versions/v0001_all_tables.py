"""All tables."""

# ruff: noqa: PLR0915 - all tables at once

import sqlalchemy as sa
from alembic import op

from stream_app.console.store.types import AnyJson, Instant, Serial

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Do it."""
    op.create_table(
        "acted_facts",
        sa.Column("fact_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_acted_facts")),
    )
    with op.batch_alter_table("acted_facts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acted_facts_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_acted_facts_occurred_at"), ["occurred_at"], unique=False)

    op.create_table(
        "audit",
        sa.Column("entry_no", Serial, autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=True),
        sa.Column("detail", AnyJson, nullable=False),
        sa.PrimaryKeyConstraint("entry_no", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index("ix_audit_subscriber_at", ["subscriber_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_user_id"), ["user_id"], unique=False)

    op.create_table(
        "cohort_members",
        sa.Column("cohort", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("tier", sa.String(length=32), nullable=True),
        sa.Column("value_class", sa.String(length=32), nullable=False),
        sa.Column("tenure_months", sa.Integer(), nullable=True),
        sa.Column("measures", AnyJson, nullable=False),
        sa.Column("arpu_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cohort", "subscriber_id", name=op.f("pk_cohort_members")),
    )
    op.create_table(
        "cohorts",
        sa.Column("cohort", sa.String(length=64), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("frozen_at", Instant(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cohort", name=op.f("pk_cohorts")),
    )
    with op.batch_alter_table("cohorts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohorts_taken_on"), ["taken_on"], unique=False)

    op.create_table(
        "customers",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("branch_at", Instant(), nullable=True),
        sa.Column("tier", sa.String(length=32), nullable=True),
        sa.Column("tier_at", Instant(), nullable=True),
        sa.Column("official_tier", sa.String(length=32), nullable=True),
        sa.Column("closed_month", sa.String(length=7), nullable=True),
        sa.Column("arpu_fen", sa.BigInteger(), nullable=False),
        sa.Column("value_class", sa.String(length=32), nullable=False),
        sa.Column("dynamic", sa.Boolean(), nullable=False),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("risk_level", sa.Integer(), nullable=False),
        sa.Column("risk_score", sa.Integer(), nullable=False),
        sa.Column("risk_at", Instant(), nullable=True),
        sa.Column("plan", sa.String(length=256), nullable=True),
        sa.Column("brand", sa.String(length=256), nullable=True),
        sa.Column("customer_class", sa.String(length=256), nullable=True),
        sa.Column("group_id", sa.String(length=256), nullable=True),
        sa.Column("group_class", sa.String(length=256), nullable=True),
        sa.Column("industry", sa.String(length=256), nullable=True),
        sa.Column("language", sa.String(length=256), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=True),
        sa.Column("profile_at", Instant(), nullable=True),
        sa.Column("on_network", sa.Boolean(), nullable=False),
        sa.Column("network_at", Instant(), nullable=True),
        sa.Column("balance_fen", sa.BigInteger(), nullable=True),
        sa.Column("balance_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_customers")),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index("ix_customers_balance", ["balance_fen"], unique=False)
        batch_op.create_index("ix_customers_branch_level", ["branch_id", "risk_level"], unique=False)
        batch_op.create_index(batch_op.f("ix_customers_closed_month"), ["closed_month"], unique=False)

    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=256), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("subject", AnyJson, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("send_after_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("digest_id", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried", AnyJson, nullable=False),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("retry_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("ix_deliveries_state_after", ["state", "send_after_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_tried_at"), ["tried_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_user_id"), ["user_id"], unique=False)

    op.create_table(
        "figures",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("reckoned_at", Instant(), nullable=False),
        sa.Column("value", AnyJson, nullable=False),
        sa.PrimaryKeyConstraint("name", "key", name=op.f("pk_figures")),
    )
    op.create_table(
        "login_attempts",
        sa.Column("attempt_no", Serial, autoincrement=True, nullable=False),
        sa.Column("whose", sa.String(length=200), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_no", name=op.f("pk_login_attempts")),
    )
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_login_attempts_whose_at", ["whose", "at"], unique=False)

    op.create_table(
        "measure_changes",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=256), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("enrolled", sa.Boolean(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("subscriber_id", "measure", "occurred_at", "enrolled", name=op.f("pk_measure_changes")),
    )
    op.create_table(
        "measures",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=256), nullable=False),
        sa.Column("enrolled_at", Instant(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("subscriber_id", "measure", name=op.f("pk_measures")),
    )
    op.create_table(
        "months",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("billing_month", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("revenue_fen", sa.BigInteger(), nullable=False),
        sa.Column("billed", sa.Boolean(), nullable=False),
        sa.Column("arpu_fen", sa.BigInteger(), nullable=False),
        sa.Column("official_tier", sa.String(length=32), nullable=True),
        sa.Column("on_network", sa.Boolean(), nullable=False),
        sa.Column("value_class", sa.String(length=32), nullable=False),
        sa.Column("dynamic", sa.Boolean(), nullable=False),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("assessed", sa.Boolean(), nullable=False),
        sa.Column("tenure_months", sa.Integer(), nullable=True),
        sa.Column("measures", sa.Integer(), nullable=False),
        sa.Column("usage", AnyJson, nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "billing_month", name=op.f("pk_months")),
    )
    with op.batch_alter_table("months", schema=None) as batch_op:
        batch_op.create_index("ix_months_month_branch", ["billing_month", "branch_id"], unique=False)

    op.create_table(
        "network_changes",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("on_network", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=1024), nullable=True),
        sa.PrimaryKeyConstraint("subscriber_id", "occurred_at", "on_network", name=op.f("pk_network_changes")),
    )
    op.create_table(
        "signs",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", "occurred_at", "kind", name=op.f("pk_signs")),
    )
    op.create_table(
        "outbox",
        sa.Column("record_no", Serial, autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(length=256), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("record_no", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_sent_at"), ["sent_at"], unique=False)

    op.create_table(
        "outcomes",
        sa.Column("fact_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
        sa.Column("outcome_on", sa.Date(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("value_class", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("before", AnyJson, nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_outcomes")),
    )
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outcomes_outcome_on"), ["outcome_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_outcomes_subscriber_id"), ["subscriber_id"], unique=False)

    op.create_table(
        "positions",
        sa.Column("topic", sa.String(length=256), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("read_to", sa.BigInteger(), nullable=False),
        sa.Column("acted_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("pk_positions")),
    )
    op.create_table(
        "risk_changes",
        sa.Column("fact_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("from_level", sa.Integer(), nullable=False),
        sa.Column("to_level", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=32), nullable=True),
        sa.Column("value_class", sa.String(length=32), nullable=False),
        sa.Column("reasons", AnyJson, nullable=False),
        sa.Column("protections", AnyJson, nullable=False),
        sa.Column("suggested_measures", AnyJson, nullable=False),
        sa.Column("offers", AnyJson, nullable=False),
        sa.Column("channels", AnyJson, nullable=False),
        sa.Column("policy_version", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_risk_changes")),
    )
    with op.batch_alter_table("risk_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_risk_changes_occurred_at"), ["occurred_at"], unique=False)
        batch_op.create_index("ix_risk_changes_subscriber_at", ["subscriber_id", "occurred_at"], unique=False)

    op.create_table(
        "scripts",
        sa.Column("script_id", sa.String(length=64), nullable=False),
        sa.Column("measure", sa.String(length=256), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("script_id", name=op.f("pk_scripts")),
    )
    with op.batch_alter_table("scripts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scripts_measure"), ["measure"], unique=False)

    op.create_table(
        "tier_changes",
        sa.Column("fact_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("from_tier", sa.String(length=32), nullable=True),
        sa.Column("to_tier", sa.String(length=32), nullable=True),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("arpu_fen", sa.BigInteger(), nullable=False),
        sa.Column("window", AnyJson, nullable=False),
        sa.Column("policy_version", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", name=op.f("pk_tier_changes")),
    )
    with op.batch_alter_table("tier_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tier_changes_occurred_at"), ["occurred_at"], unique=False)
        batch_op.create_index("ix_tier_changes_subscriber_at", ["subscriber_id", "occurred_at"], unique=False)

    op.create_table(
        "users",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("tiers", AnyJson, nullable=False),
        sa.Column("capacity_a_day", sa.Integer(), nullable=True),
        sa.Column("absent_from", sa.Date(), nullable=True),
        sa.Column("absent_until", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("channels", AnyJson, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_users_role"), ["role"], unique=False)

    op.create_table(
        "api_requests",
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", AnyJson, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_api_requests_user_id")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_api_requests")),
    )
    with op.batch_alter_table("api_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_requests_at"), ["at"], unique=False)

    op.create_table(
        "api_tokens",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_api_tokens_user_id")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_api_tokens")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_tokens_user_id"), ["user_id"], unique=False)

    op.create_table(
        "books",
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("since_at", Instant(), nullable=True),
        sa.Column("do_not_call", sa.Boolean(), nullable=False),
        sa.Column("do_not_call_note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["manager_id"], ["users.user_id"], name=op.f("fk_books_manager_id")),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_books")),
    )
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_books_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("branch_id", sa.String(length=256), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("not_before_at", Instant(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=32), nullable=True),
        sa.Column("value_class", sa.String(length=32), nullable=False),
        sa.Column("arpu_fen", sa.BigInteger(), nullable=False),
        sa.Column("leading", sa.String(length=64), nullable=False),
        sa.Column("arm", sa.String(length=16), nullable=False),
        sa.Column("reasons", AnyJson, nullable=False),
        sa.Column("suggested_measures", AnyJson, nullable=False),
        sa.Column("offers", AnyJson, nullable=False),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("assigned_at", Instant(), nullable=True),
        sa.Column("escalated_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("measure", sa.String(length=256), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("close_reason", sa.String(length=16), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["manager_id"], ["users.user_id"], name=op.f("fk_cases_manager_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index("ix_cases_branch_state_due", ["branch_id", "state", "due_at"], unique=False)
        batch_op.create_index("ix_cases_manager_state_due", ["manager_id", "state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_opened_at"), ["opened_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_state"), ["state"], unique=False)
        batch_op.create_index("ix_cases_subscriber_opened", ["subscriber_id", "opened_at"], unique=False)
        batch_op.create_index(
            "uq_cases_one_at_a_time",
            ["subscriber_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )

    op.create_table(
        "sessions",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_sessions_user_id")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "case_events",
        sa.Column("event_no", Serial, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("detail", AnyJson, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_case_events_case_id")),
        sa.PrimaryKeyConstraint("event_no", name=op.f("pk_case_events")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_events_case_id"), ["case_id"], unique=False)

    op.create_table(
        "contacts",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("measure", sa.String(length=256), nullable=True),
        sa.Column("reason", sa.String(length=256), nullable=True),
        sa.Column("competitor_offer", sa.String(length=256), nullable=True),
        sa.Column("script_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name=op.f("fk_contacts_case_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_contacts")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_contacts_subscriber_at", ["subscriber_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_user_id"))
        batch_op.drop_index("ix_contacts_subscriber_at")
        batch_op.drop_index(batch_op.f("ix_contacts_case_id"))
        batch_op.drop_index(batch_op.f("ix_contacts_at"))

    op.drop_table("contacts")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_events_case_id"))

    op.drop_table("case_events")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_user_id"))

    op.drop_table("sessions")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_cases_one_at_a_time",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.drop_index("ix_cases_subscriber_opened")
        batch_op.drop_index(batch_op.f("ix_cases_state"))
        batch_op.drop_index(batch_op.f("ix_cases_opened_at"))
        batch_op.drop_index("ix_cases_manager_state_due")
        batch_op.drop_index("ix_cases_branch_state_due")

    op.drop_table("cases")
    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_books_manager_id"))

    op.drop_table("books")
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_user_id"))

    op.drop_table("api_tokens")
    with op.batch_alter_table("api_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_requests_at"))

    op.drop_table("api_requests")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_role"))
        batch_op.drop_index(batch_op.f("ix_users_branch_id"))

    op.drop_table("users")
    with op.batch_alter_table("tier_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_tier_changes_subscriber_at")
        batch_op.drop_index(batch_op.f("ix_tier_changes_occurred_at"))

    op.drop_table("tier_changes")
    with op.batch_alter_table("scripts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scripts_measure"))

    op.drop_table("scripts")
    with op.batch_alter_table("risk_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_risk_changes_subscriber_at")
        batch_op.drop_index(batch_op.f("ix_risk_changes_occurred_at"))

    op.drop_table("risk_changes")
    op.drop_table("positions")
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outcomes_subscriber_id"))
        batch_op.drop_index(batch_op.f("ix_outcomes_outcome_on"))

    op.drop_table("outcomes")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_sent_at"))

    op.drop_table("outbox")
    op.drop_table("signs")
    op.drop_table("network_changes")
    with op.batch_alter_table("months", schema=None) as batch_op:
        batch_op.drop_index("ix_months_month_branch")

    op.drop_table("months")
    op.drop_table("measures")
    op.drop_table("measure_changes")
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_login_attempts_whose_at")

    op.drop_table("login_attempts")
    op.drop_table("figures")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_user_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_tried_at"))
        batch_op.drop_index("ix_deliveries_state_after")

    op.drop_table("deliveries")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_closed_month"))
        batch_op.drop_index("ix_customers_branch_level")
        batch_op.drop_index("ix_customers_balance")

    op.drop_table("customers")
    with op.batch_alter_table("cohorts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cohorts_taken_on"))

    op.drop_table("cohorts")
    op.drop_table("cohort_members")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_user_id"))
        batch_op.drop_index("ix_audit_subscriber_at")
        batch_op.drop_index(batch_op.f("ix_audit_at"))

    op.drop_table("audit")
    with op.batch_alter_table("acted_facts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acted_facts_occurred_at"))
        batch_op.drop_index(batch_op.f("ix_acted_facts_case_id"))

    op.drop_table("acted_facts")
