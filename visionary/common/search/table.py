"""An index of texts by the primary keys of the rows they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from visionary.common.search import dialects, tokens


@dataclass(frozen=True)
class Document:
    """What a row is found by: its names, which count most and forgive misspelling, and everything else."""

    name: str
    words: str = ""


class SearchTable:
    """`table` must have been made by a migration (operations.CreateSearchTable). Keys are whole numbers."""

    def __init__(self, table: str):
        self.table = table

    def put(self, documents: dict[int, Document]) -> None:
        """Make these rows be found by these texts, and by nothing they were found by before."""
        rows = [
            (key, tokens.for_index(one.name), tokens.for_index(one.words), tokens.grams(one.name))
            for key, one in documents.items()
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            self.remove(documents)
            if rows:
                cursor.executemany(self.dialect.put(self.table), rows)

    def remove(self, keys: Iterable[int]) -> None:
        keys = [int(key) for key in keys]
        if keys:
            places = ", ".join(["%s"] * len(keys))
            self.ask(f"DELETE FROM {self.table} WHERE {self.dialect.key} IN ({places})", keys)  # noqa: S608

    def clear(self) -> None:
        self.ask(f"DELETE FROM {self.table}", [])  # noqa: S608 - our own names

    def find(self, query: tokens.Query, *, in_name=False, most: int) -> list[int]:
        """Up to `most` keys of rows that have all that is wanted, in the name alone or anywhere."""
        condition, values = self.dialect.matching(self.table, query, in_name)
        sql = f"SELECT {self.dialect.key} FROM {self.table} WHERE {condition} LIMIT %s"  # noqa: S608
        return [key for (key,) in self.ask(sql, [*values, most])]

    def holds(self, query: tokens.Query, column: str, *, in_name=False) -> RawSQL:
        """A condition for `filter`: the row whose key is in `column` (such as `"app_row"."id"`) is among the found.

        For words that thousands of rows have. The plus keeps SQLite from fetching all of those rows one by one
        where it can walk the index that the list is sorted by.
        """
        condition, values = self.dialect.matching(self.table, query, in_name)
        found = f"SELECT {self.dialect.key} FROM {self.table} WHERE {condition}"  # noqa: S608
        plus = "+" if self.dialect is dialects.Fts5 else ""
        return RawSQL(f"{plus}{column} IN ({found})", values, output_field=BooleanField())  # noqa: S611

    def alike(self, text: str, *, most: int) -> list[int]:
        """Up to `most` keys of rows with a word like each of `text`: one that begins or ends as that does."""
        groups = tokens.alike(text)
        if not groups:
            return []
        condition, values = self.dialect.alike(self.table, groups)
        sql = f"SELECT {self.dialect.key} FROM {self.table} WHERE {condition} LIMIT %s"  # noqa: S608
        return [key for (key,) in self.ask(sql, [*values, most])]

    def weigh(self, *tables: str) -> None:
        """Let the database learn how its rows are spread in `tables`: without that SQLite takes every index for a good
        one, and reads all published rows where it has the keys of three. InnoDB does so by itself."""
        if self.dialect is dialects.Fts5:
            self.ask("PRAGMA analysis_limit=1000", [])
            for table in tables:
                self.ask(f"ANALYZE {connection.ops.quote_name(table)}", [])

    @property
    def dialect(self):
        return dialects.of(connection)

    def ask(self, sql: str, values: list) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
