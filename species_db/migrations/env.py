"""Run migrations on the connection that `species_db.survey.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

import species_db.tables  # noqa: F401  (fills the metadata that autogenerate compares with)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
