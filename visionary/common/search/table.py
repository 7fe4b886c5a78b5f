"""An index of texts by the primary keys of the rows they belong to."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import BooleanField, F, QuerySet
from django.db.models.expressions import RawSQL

from visionary.common.search import dialects, tokens

# Where a row holds what was asked for.
NOWHERE, ELSEWHERE, NAMED = range(3)


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

        For words that more rows have than one would name one by one.
        """
        condition, values = self.dialect.matching(self.table, query, in_name)
        found = f"SELECT {self.dialect.key} FROM {self.table} WHERE {condition}"  # noqa: S608
        return RawSQL(f"{column} IN ({found})", values, output_field=BooleanField())  # noqa: S611

    def read(self, query: tokens.Query, rows: QuerySet) -> list[tuple[int, int]]:
        """(key, NAMED | ELSEWHERE | NOWHERE) for each of `rows`, a slice of a query set, in no order.

        Costs what the slice costs, however many rows have the words; the index would fetch all of those first.
        """
        try:
            slice_sql, values = rows.values(row_key=F("pk")).query.sql_with_params()
        except EmptyResultSet:
            return []
        anywhere, all_values = dialects.reading(self.dialect.padded("name", "words"), query)
        in_name, name_values = dialects.reading(self.dialect.padded("name"), query)
        where = f"CASE WHEN {in_name} THEN {NAMED} ELSE {ELSEWHERE} END"
        case = f"CASE WHEN {anywhere} THEN {where} ELSE {NOWHERE} END"
        joined = f"LEFT JOIN {self.table} ON {self.table}.{self.dialect.key} = sliced.row_key"
        sql = f"SELECT sliced.row_key, {case} FROM ({slice_sql}) AS sliced {joined}"  # noqa: S608
        return self.ask(sql, [*all_values, *name_values, *values])

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
