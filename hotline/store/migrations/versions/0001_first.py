"""The first schema: calls, journal, business records."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "bills",
        sa.Column("bill", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("kwh", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("billed", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("bill", name=op.f("pk_bills")),
    )
    op.create_index(op.f("ix_bills_account"), "bills", ["account"], unique=False)
    op.create_table(
        "bindings",
        sa.Column("binding", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("binding", name=op.f("pk_bindings")),
    )
    op.create_index(op.f("ix_bindings_account"), "bindings", ["account"], unique=False)
    op.create_index(op.f("ix_bindings_phone"), "bindings", ["phone"], unique=False)
    op.create_table(
        "callback_bookings",
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("booking", name=op.f("pk_callback_bookings")),
    )
    op.create_index(op.f("ix_callback_bookings_call"), "callback_bookings", ["call"], unique=False)
    op.create_index(
        op.f("ix_callback_bookings_number"), "callback_bookings", ["number"], unique=False
    )
    op.create_index(
        op.f("ix_callback_bookings_place"), "callback_bookings", ["place"], unique=False
    )
    op.create_table(
        "calls",
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("centre", sa.String(), nullable=False),
        sa.Column("arrived_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("survey", sa.Integer(), nullable=True),
        sa.Column("written_at", sa.Float(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_arrived_at_call"), "calls", ["arrived_at", "call"], unique=False)
    op.create_table(
        "customers",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("area_type", sa.String(), nullable=False),
        sa.Column("prepaid", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_customers")),
    )
    op.create_index(op.f("ix_customers_area"), "customers", ["area"], unique=False)
    op.create_table(
        "facts",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "journal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("written_at", sa.Float(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index(op.f("ix_journal_call_seq"), "journal", ["call", "seq"], unique=False)
    op.create_index(op.f("ix_journal_written_at"), "journal", ["written_at"], unique=False)
    op.create_table(
        "messages",
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_call"), "messages", ["call"], unique=False)
    op.create_index(op.f("ix_messages_to"), "messages", ["to"], unique=False)
    op.create_table(
        "meter_readings",
        sa.Column("meter_reading", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("reading", sa.BigInteger(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("meter_reading", name=op.f("pk_meter_readings")),
    )
    op.create_index(op.f("ix_meter_readings_account"), "meter_readings", ["account"], unique=False)
    op.create_table(
        "open_calls",
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("written_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_open_calls")),
    )
    op.create_table(
        "outages",
        sa.Column("outage", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("etr", sa.DateTime(), nullable=False),
        sa.Column("known_at", sa.DateTime(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("bulletin", sa.Boolean(), nullable=False),
        sa.Column("restored_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("outage", name=op.f("pk_outages")),
    )
    op.create_index(op.f("ix_outages_area"), "outages", ["area"], unique=False)
    op.create_table(
        "serials",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_serials")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscription", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subscription", name=op.f("pk_subscriptions")),
    )
    op.create_index(op.f("ix_subscriptions_account"), "subscriptions", ["account"], unique=False)
    op.create_index(op.f("ix_subscriptions_call"), "subscriptions", ["call"], unique=False)
    op.create_table(
        "urges",
        sa.Column("urge", sa.String(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("urge", name=op.f("pk_urges")),
    )
    op.create_index(op.f("ix_urges_order"), "urges", ["order"], unique=False)
    op.create_table(
        "work_orders",
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("call", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(), nullable=False),
        sa.Column("dispatch_by", sa.DateTime(), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.Column("contact_by", sa.DateTime(), nullable=True),
        sa.Column("arrive_by", sa.DateTime(), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("order", name=op.f("pk_work_orders")),
    )
    op.create_index(op.f("ix_work_orders_account"), "work_orders", ["account"], unique=False)
    op.create_index(op.f("ix_work_orders_call"), "work_orders", ["call"], unique=False)
    op.create_index(op.f("ix_work_orders_phone"), "work_orders", ["phone"], unique=False)


def downgrade() -> None:
    """Remove every table."""
    op.drop_index(op.f("ix_work_orders_phone"), table_name="work_orders")
    op.drop_index(op.f("ix_work_orders_call"), table_name="work_orders")
    op.drop_index(op.f("ix_work_orders_account"), table_name="work_orders")
    op.drop_table("work_orders")
    op.drop_index(op.f("ix_urges_order"), table_name="urges")
    op.drop_table("urges")
    op.drop_index(op.f("ix_subscriptions_call"), table_name="subscriptions")
    op.drop_index(op.f("ix_subscriptions_account"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_table("serials")
    op.drop_index(op.f("ix_outages_area"), table_name="outages")
    op.drop_table("outages")
    op.drop_table("open_calls")
    op.drop_index(op.f("ix_meter_readings_account"), table_name="meter_readings")
    op.drop_table("meter_readings")
    op.drop_index(op.f("ix_messages_to"), table_name="messages")
    op.drop_index(op.f("ix_messages_call"), table_name="messages")
    op.drop_table("messages")
    op.drop_index(op.f("ix_journal_written_at"), table_name="journal")
    op.drop_index(op.f("ix_journal_call_seq"), table_name="journal")
    op.drop_table("journal")
    op.drop_table("facts")
    op.drop_index(op.f("ix_customers_area"), table_name="customers")
    op.drop_table("customers")
    op.drop_index(op.f("ix_calls_arrived_at_call"), table_name="calls")
    op.drop_table("calls")
    op.drop_index(op.f("ix_callback_bookings_place"), table_name="callback_bookings")
    op.drop_index(op.f("ix_callback_bookings_number"), table_name="callback_bookings")
    op.drop_index(op.f("ix_callback_bookings_call"), table_name="callback_bookings")
    op.drop_table("callback_bookings")
    op.drop_index(op.f("ix_bindings_phone"), table_name="bindings")
    op.drop_index(op.f("ix_bindings_account"), table_name="bindings")
    op.drop_table("bindings")
    op.drop_index(op.f("ix_bills_account"), table_name="bills")
    op.drop_table("bills")
