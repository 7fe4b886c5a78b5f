"""What the small-jobs worker does for accounts."""

from datetime import UTC, datetime

from accounts import deletion, exporting, presence
from accounts.models import Export, Profile

EVERY = 300  # seconds between two notes of who was seen


def note_presence():
    """Write down when those were last seen who were heard of since the last note, and who let it be seen."""
    heard = presence.heard_since(datetime.now(UTC).timestamp() - 2 * EVERY)
    profiles = list(Profile.objects.filter(user__in=heard, shows_presence=True).only("pk", "user_id", "last_seen_at"))
    for profile in profiles:
        profile.last_seen_at = datetime.fromtimestamp(heard[profile.user_id], UTC)
    Profile.objects.bulk_update(profiles, ["last_seen_at"], batch_size=500)
    return len(profiles)


def make_export(export_id):
    """Pack one archive. A second delivery finds nothing to claim and returns."""
    export = Export.objects.filter(pk=export_id).select_related("user__profile").first()
    if export is not None:
        exporting.pack(export)


def clear_exports():
    """Remove archives that have expired and files that no row knows."""
    return exporting.clear()


def delete_accounts():
    """Delete the accounts whose days of grace are over."""
    return deletion.delete_due()
