"""What the small-jobs worker does for pictures."""

from gallery.models import Picture
from gallery.previews import make


def make_previews(picture_id):
    """Make the previews of one picture. A second delivery finds them made and returns."""
    picture = Picture.objects.filter(pk=picture_id, preview_widths=[]).first()
    if picture is not None and picture.path.exists():
        Picture.objects.filter(pk=picture.pk).update(preview_widths=make(picture))
