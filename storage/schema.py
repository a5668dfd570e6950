"""What tables are built of: their names' convention, numbers, references to invitations, partial indexes."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite numbers rows only when the type is exactly INTEGER
Number = BigInteger().with_variant(Integer(), "sqlite")


def words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def invitation(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "invitation_id",
        Number,
        ForeignKey("invitations.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
        autoincrement=False,
    )


def table(name: str, *parts: SchemaItem) -> Table:
    return Table(name, metadata, *parts)


def numbered(name: str, *parts: SchemaItem) -> Table:
    # autoincrement: a number is never used again, so that an old queue row can't mean a new case
    number = Column("id", Number, primary_key=True)
    return Table(name, metadata, number, *parts, sqlite_autoincrement=True)


def partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
