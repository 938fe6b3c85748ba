"""Run by Alembic for every command: migrates over the connection that `open_database` hands in."""

from alembic import context

from hotline.store.migrations import VERSION_TABLE
from hotline.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
