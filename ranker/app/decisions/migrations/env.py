"""What alembic runs; the connection is that of :func:`ranker.app.decisions.migrations.upgrade`."""

from alembic import context

from ranker.app.decisions.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
