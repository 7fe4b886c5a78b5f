"""What moderators may do with comments."""

from functools import partial

from django.db import migrations

from accounts import grants

MODERATORS = {"social.comment": ["view", "change"], "social.follow": ["view"], "social.modellike": ["view"]}


class Migration(migrations.Migration):
    dependencies = [("social", "0003_conversations"), ("accounts", "0005_roles")]

    operations = [
        migrations.RunPython(partial(grants.give, group="Moderators", permissions=MODERATORS), grants.nothing),
    ]
