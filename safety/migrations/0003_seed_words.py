from django.db import migrations

from safety.seed import load_seed_words


def load(apps, schema_editor):
    load_seed_words(apps.get_model("safety", "Word"))


class Migration(migrations.Migration):
    dependencies = [("safety", "0002_word_updated_at_and_allowed")]

    # Backwards the words stay: the table goes with 0001, and an administrator may have edited them.
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
