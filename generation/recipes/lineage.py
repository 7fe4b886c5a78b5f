"""Where a job's pictures come from, written down when they are stored."""

from gallery.models import Derivation

Role = Derivation.Role


def origins(job):
    """{picture: role} of all that a job started from; a picture that served twice has its first role."""
    found = {}
    first = Role.VARIATION if job.is_variation else Role.SOURCE
    for source, role in ((job.source, first), (job.control_source, Role.GUIDE)):
        if source is not None and source.picture_id:
            found.setdefault(source.picture_id, role)
    if job.remix_of_id:
        found.setdefault(job.remix_of_id, Role.VARIATION if job.is_variation else Role.REMIX)
    return found


def record(job, picture):
    """Write the Derivation rows of a stored picture, inside the caller's transaction."""
    rows = [Derivation(picture=picture, source_id=source, role=role) for source, role in origins(job).items()]
    Derivation.objects.bulk_create(rows, ignore_conflicts=True)
