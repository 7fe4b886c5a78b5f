from django.db import migrations

from generation.prompting import bundled


def load(apps, schema_editor):
    bundled.load(apps.get_model("generation", "StyleTemplate"), apps.get_model("generation", "Wildcard"))


class Migration(migrations.Migration):
    dependencies = [("generation", "0005_lineage_and_grid_keys")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
