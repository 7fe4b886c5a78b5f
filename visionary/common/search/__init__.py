"""Search in Chinese and English that finds the same on SQLite, MariaDB and MySQL.

The databases' own word breaking knows no Chinese (MariaDB) or differs (stop words, shortest word, collation). So texts
are cut here (tokens) into words of plain ASCII, which FTS5 and FULLTEXT then only have to keep and find (dialects).
Knows no app: whoever wants to be found makes a SearchTable, and a migration with CreateSearchTable.
"""

from visionary.common.search.table import NAMED, NOWHERE, Document, SearchTable

__all__ = ["NAMED", "NOWHERE", "Document", "SearchTable"]
