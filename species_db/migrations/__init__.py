"""Alembic migrations of the survey database; one that has shipped is never edited."""
