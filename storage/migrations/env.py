"""Alembic's way in: `storage.migration` hands it an open connection inside a transaction."""

from alembic import context

from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
