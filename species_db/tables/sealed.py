"""What every table shares: instants in UTC, and a seal over what a row says."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, TypeDecorator
from sqlmodel import SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant kept in UTC; SQLite forgets zones, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a zone: it would be somebody's guess later."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone, got {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give every instant back as aware UTC."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(SQLModel):
    """A row that carries a seal: a hash of what it says, renewed by every write of ours.

    A row edited behind our back no longer fits its seal (species_db/seals.py). Columns that are
    worked out anew from others stay outside it.
    """

    OUTSIDE_SEAL: ClassVar[frozenset[str]] = frozenset()
    seal: str = ""
