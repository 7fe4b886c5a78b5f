"""Comments on pictures and models, with htmx and without script."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from gallery.models import Picture
from models_hub import shelf
from social import commenting, threads
from social.models import Comment
from visionary.common.exceptions import DomainError


def on_picture(request, picture_id):
    return on_thing(request, get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id))


def on_card(request, slug):
    return on_thing(request, get_object_or_404(shelf.readable(request.user), slug=slug))


def on_thing(request, thing):
    return write(request, thing) if request.method == "POST" else listed(request, thing)


def listed(request, thing):
    """A page of comments: the next ones for a page that swaps, else a page of its own."""
    page = threads.page(thing, request.user, request.GET.get("cursor", ""))
    template = "social/_comments.html" if request.headers.get("HX-Request") else "social/comments.html"
    return render(request, template, {"thing": thing, "page": page})


@login_required
def write(request, thing):
    text, error = request.POST.get("text", ""), ""
    try:
        parent = parent_of(request, thing)
        comment = commenting.write(thing=thing, by=request.user, text=text, parent=parent)
    except DomainError as refusal:
        error = str(refusal)
    else:
        if not request.headers.get("HX-Request"):
            return redirect(comment)
        text = ""
    context = {"thing": thing, "text": text, "error": error, "answering": request.POST.get("parent", "")}
    if request.headers.get("HX-Request"):
        thing.refresh_from_db(fields=["comments"])
        return render(request, "social/_thread_list.html", context | first_page(request, thing))
    return render(request, "social/comments.html", context | first_page(request, thing), status=422)


def first_page(request, thing):
    return {"page": threads.page(thing, request.user)}


def parent_of(request, thing):
    """The comment that is answered, if any; it must be one of the same thing."""
    wanted = request.POST.get("parent", "")
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 19):
        raise commenting.gone()
    parent = Comment.objects.filter(pk=wanted, **commenting.key_of(thing)).select_related("parent").first()
    if parent is None:
        raise commenting.gone()
    return parent


def reachable(request, comment_id):
    """A comment on something that the reader may see."""
    comment = get_object_or_404(Comment.objects.with_author(), pk=comment_id, deleted_at=None)
    things = Picture.objects.visible_to if comment.picture_id else shelf.readable
    get_object_or_404(things(request.user), pk=comment.picture_id or comment.card_id)
    return comment


@login_required
@require_GET
def one(request, comment_id):
    """One comment as it is read: what "Cancel" brings back."""
    return shown(request, reachable(request, comment_id))


def shown(request, comment, **context):
    thread = threads.Thread(comment, request.user, parent=comment.parent_id)
    return render(request, "social/_comment.html", {"one": thread, **context})


@login_required
def edit(request, comment_id):
    comment = reachable(request, comment_id)
    swaps, error = request.headers.get("HX-Request"), ""
    text = request.POST.get("text", "") if request.method == "POST" else comment.text
    if request.method == "POST":
        try:
            commenting.edit(comment=comment, by=request.user, text=text)
        except DomainError as refusal:
            error = str(refusal)
        else:
            return shown(request, comment) if swaps else redirect(comment)
    elif not comment.may_be_edited_by(request.user):
        return shown(request, comment) if swaps else redirect(comment)
    context = {"comment": comment, "text": text, "error": error}
    template = "social/_comment_edit.html" if swaps else "social/comment_edit.html"
    return render(request, template, context, status=422 if error and not swaps else 200)


DEEDS = {"delete": commenting.delete, "hide": commenting.hide, "unhide": commenting.unhide}


@login_required
@require_POST
def act(request, comment_id, deed):
    """Delete, hide or show again. A page that swaps gets the comment as it is now, or nothing when it is gone."""
    comment = reachable(request, comment_id)
    thing = comment.thing
    try:
        DEEDS[deed](comment=comment, by=request.user)
    except DomainError as error:
        if request.headers.get("HX-Request"):
            return shown(request, comment, error=str(error))
        messages.error(request, str(error))
    if not request.headers.get("HX-Request"):
        return redirect(thing)
    left = Comment.objects.with_author().filter(pk=comment_id).first()
    return shown(request, left) if left else HttpResponse("")
