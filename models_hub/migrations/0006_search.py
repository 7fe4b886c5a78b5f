from django.db import migrations

from visionary.common.search.operations import CreateSearchTable


class Migration(migrations.Migration):
    dependencies = [("models_hub", "0005_hub_in_depth")]

    operations = [CreateSearchTable("models_hub_search")]
