"""What a sent form starts from, taken in before it is read: files sent without script, pictures of the site."""

from generation.asking import choosing, sources
from generation.views import sources as taking
from visionary.common.exceptions import DomainError


def taken_in(request):
    """(the form's data with ids of Sources, [(field, sentence)] for what could not be taken in).

    A file comes as `source_file`, `mask_file` or `control_source_file`; a picture of the site as "picture:<id>".
    """
    data, faults = request.POST.copy(), []
    for name, role in choosing.ROLES.items():
        try:
            if source := source_of(request, data, name, role):
                data[name] = str(source.pk)
        except DomainError as error:
            data[name] = ""
            faults.append((name, str(error)))
    return data, faults


def source_of(request, data, name, role):
    """The new Source of a field, or None when it holds none or one that there is already. Raises DomainError."""
    if file := request.FILES.get(f"{name}_file"):
        return taking.take_in(request.user, file, {"role": role, "source": data.get("source")})
    if data.get(name, "").startswith(sources.OFFERED):
        return sources.take_in(owner=request.user, role=role, text=data[name])
    return None
