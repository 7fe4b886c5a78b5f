from django.db import migrations, models

ORDERS = [
    ("hub_newest", "-last_version_at"),
    ("hub_most_liked", "-likes"),
    ("hub_most_downloaded", "-downloads"),
    ("hub_most_used", "-uses"),
]


class Migration(migrations.Migration):
    """Indexes in the very order of the lists: among many models with as many likes the newest come first."""

    dependencies = [("models_hub", "0009_moderators")]

    operations = [
        *[migrations.RemoveIndex("modelcard", name) for name, _column in ORDERS],
        *[
            migrations.AddIndex("modelcard", models.Index(fields=["status", column, "-id"], name=name))
            for name, column in ORDERS
        ],
        migrations.AddIndex("modelcard", models.Index(fields=["status", "content_level"], name="hub_of_level")),
        migrations.AddIndex("modelcard", models.Index(fields=["status", "name", "id"], name="hub_by_name")),
    ]
