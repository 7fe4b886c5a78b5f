"""The SQL of an index of tokens: FTS5 for SQLite, FULLTEXT for MariaDB and MySQL.

Every index has three columns: `name` (what counts most), `words` (the rest) and `grams` (how the name's words
begin and end).
Tokens are ASCII letters and digits (tokens), so nothing in them can be an operator of either query language.
"""

from visionary.common.search.tokens import Query


class Fts5:
    """SQLite's. `detail=column`: which column holds a token is known, its place is not, which halves the index."""

    key = "rowid"

    @staticmethod
    def create(table):
        return [f"CREATE VIRTUAL TABLE {table} USING fts5(name, words, grams, tokenize='ascii', detail='column')"]

    @staticmethod
    def put(table):
        return f"INSERT INTO {table} (rowid, name, words, grams) VALUES (%s, %s, %s, %s)"  # noqa: S608

    @staticmethod
    def matching(table, query: Query, in_name: bool):
        """(condition, parameters) that hold for rows with every wanted token."""
        terms = [f'"{token}"' for token in query.wanted]
        if query.is_open:
            terms[-1] += "*"
        wanted = " AND ".join(terms)
        text = f"{{name}} : ({wanted})" if in_name else wanted
        for token in query.unwanted:
            text = f'({text}) NOT "{token}"'
        return f"{table} MATCH %s", [text]

    @staticmethod
    def padded(*columns):
        return "(' ' || " + " || ' ' || ".join(columns) + " || ' ')"

    @staticmethod
    def alike(table, groups):
        """(condition, parameters) of rows that have a token of each group."""
        any_of = [" OR ".join(f'"{token}"{"*" if is_open else ""}' for token, is_open in group) for group in groups]
        return f"{table} MATCH %s", [" AND ".join(f"({group})" for group in any_of)]


class FullText:
    """MariaDB's and MySQL's InnoDB. A row is found once its transaction is committed, not before."""

    key = "id"

    @staticmethod
    def create(table):
        return [
            f"CREATE TABLE {table} (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, words TEXT NOT NULL, "
            f"grams TEXT NOT NULL, FULLTEXT {table}_name (name), FULLTEXT {table}_all (name, words), "
            f"FULLTEXT {table}_any (name, words, grams)) ENGINE=InnoDB CHARACTER SET ascii"
        ]

    @staticmethod
    def put(table):
        return f"INSERT INTO {table} (id, name, words, grams) VALUES (%s, %s, %s, %s)"  # noqa: S608

    @staticmethod
    def matching(table, query: Query, in_name: bool):
        terms = [f"+{token}" for token in query.wanted]
        if query.is_open:
            terms[-1] += "*"
        text = " ".join([*terms, *(f"-{token}" for token in query.unwanted)])
        columns = f"{table}.name" if in_name else f"{table}.name, {table}.words"
        return f"MATCH ({columns}) AGAINST (%s IN BOOLEAN MODE)", [text]

    @staticmethod
    def padded(*columns):
        return "CONCAT(' ', " + ", ' ', ".join(columns) + ", ' ')"

    @staticmethod
    def alike(table, groups):
        columns = f"{table}.name, {table}.words, {table}.grams"
        any_of = [" ".join(f"{token}{'*' if is_open else ''}" for token, is_open in group) for group in groups]
        return f"MATCH ({columns}) AGAINST (%s IN BOOLEAN MODE)", [" ".join(f"+({group})" for group in any_of)]


def reading(padded, query: Query):
    """(condition, parameters) that hold where `padded` (columns between blanks, as a dialect joins them) has every
    wanted token: what `matching` finds by the index, read from a row that is known already."""
    terms = [f" {token} " for token in query.wanted]
    if query.is_open:
        terms[-1] = terms[-1].rstrip()
    without = [f" {token} " for token in query.unwanted]
    parts = [f"INSTR({padded}, %s) > 0"] * len(terms) + [f"INSTR({padded}, %s) = 0"] * len(without)
    return " AND ".join(parts), terms + without


def of(connection):
    """The dialect that the database of `connection` speaks. Raises NotImplementedError for others."""
    if connection.vendor == "sqlite":
        return Fts5
    if connection.vendor == "mysql":
        return FullText
    raise NotImplementedError(f"There is no search index for {connection.vendor}.")
