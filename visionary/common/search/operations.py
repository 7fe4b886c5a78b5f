"""The step of a migration that makes an index, whatever the database."""

from django.db.migrations.operations.base import Operation

from visionary.common.search import dialects


class CreateSearchTable(Operation):
    """Make the table of a SearchTable. No model belongs to it: on SQLite it is a virtual table."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, name):
        self.name = name

    def state_forwards(self, app_label, state):
        """Django's models know nothing of it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for sql in dialects.of(schema_editor.connection).create(self.name):
            schema_editor.execute(sql)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute(f"DROP TABLE {self.name}")

    def describe(self):
        return f"Create the search table {self.name}"
