"""The groups of the roles, with what moderators may do in the back office."""

from functools import partial

from django.db import migrations

from accounts import grants

VIEW, CHANGE = ["view"], ["view", "change"]
MODERATORS = {
    "accounts.user": ["view", "trust_user"],
    "accounts.sanction": ["view", "add", "change"],
    "accounts.apitoken": ["view", "delete"],
    "gallery.picture": CHANGE,
    "gallery.verdict": CHANGE,
    "generation.job": CHANGE,
    "generation.jobgroup": VIEW,
    "generation.source": VIEW,
    "models_hub.modelcard": CHANGE,
    "models_hub.modelversion": CHANGE,
    "models_hub.modelfile": CHANGE,
    "models_hub.modelsample": VIEW,
    "safety.word": ["view", "add", "change", "delete"],
    "social.like": VIEW,
}


def capitals(apps, schema_editor):
    """Groups that an operator made for the quotas become those of the roles."""
    groups = apps.get_model("auth", "Group").objects
    for name in ("Trusted", "Moderators"):
        for group in groups.filter(name__iexact=name):
            groups.filter(pk=group.pk).update(name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_people"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "permissions": [("trust_user", "May say who is trusted")],
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.RunPython(capitals, grants.nothing),
        migrations.RunPython(partial(grants.give, group="Trusted", permissions={}), grants.nothing),
        migrations.RunPython(partial(grants.give, group="Moderators", permissions=MODERATORS), grants.nothing),
    ]
