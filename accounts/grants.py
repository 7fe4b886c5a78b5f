"""For migrations: give a group permissions. Django makes those rows only after all migrations; here they are made now.

Used as `migrations.RunPython(partial(grants.give, group="Moderators", permissions={"gallery.picture": ["change"]}))`.
"""


def give(apps, schema_editor, *, group, permissions):
    """Add to `group` (made when missing) the permissions {"app.model": [deeds]}; a deed with "_" is a codename."""
    groups, content_types, rows = (
        apps.get_model(*name) for name in (("auth", "Group"), ("contenttypes", "ContentType"), ("auth", "Permission"))
    )
    row = groups.objects.filter(name__iexact=group).first() or groups.objects.create(name=group)
    for model, deeds in permissions.items():
        app_label, model_name = model.split(".")
        content_type, _new = content_types.objects.get_or_create(app_label=app_label, model=model_name)
        for deed in deeds:
            codename = deed if "_" in deed else f"{deed}_{model_name}"
            # The name is Django's until it makes the permission itself: it keeps what it finds.
            permission, _new = rows.objects.get_or_create(
                content_type=content_type,
                codename=codename,
                defaults={"name": f"Can {codename.replace('_', ' ')}"},
            )
            row.permissions.add(permission)


def nothing(apps, schema_editor):
    """Groups and what members were given stay when a migration is taken back."""
