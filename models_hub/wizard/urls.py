"""Addresses of the wizard. They come before a model's own, whose slug could be anything."""

from django.urls import path

from models_hub.wizard.views import files, mine, pages, samples

EDIT = "models/<slug:slug>/edit/"

urlpatterns = [
    path("models/new/", pages.new, name="new"),
    path("models/mine/", mine.mine, name="mine"),
    path("models/preview/", pages.preview, name="preview"),
    path(EDIT, pages.resume, name="resume"),
    path(f"{EDIT}files/list/", files.listed, name="edit-files"),
    path(f"{EDIT}files/send/", files.send, name="file-send"),
    path(f"{EDIT}files/<int:file_id>/remove/", files.remove, name="file-remove"),
    path(f"{EDIT}files/<int:file_id>/questions/<int:finding_id>/", files.answer, name="file-answer"),
    path(f"{EDIT}uploads/<uuid:key>/remove/", files.drop, name="upload-remove"),
    path(f"{EDIT}uploads/<uuid:key>/attach/", files.attach, name="upload-attach"),
    path(f"{EDIT}samples/add/", samples.add, name="sample-add"),
    *(
        path(f"{EDIT}samples/<int:sample_id>/{deed}/", samples.change, {"deed": deed}, name=f"sample-{deed}")
        for deed in samples.DEEDS
    ),
    path(f"{EDIT}publish/send/", mine.publish, name="publish"),
    path(f"{EDIT}delete/", mine.delete_draft, name="delete-draft"),
    path(f"{EDIT}new-version/", mine.new_version, name="new-version"),
    path(f"{EDIT}withdraw/", mine.withdraw, name="withdraw"),
    path(f"{EDIT}trash/", mine.trash, name="trash"),
    path(f"{EDIT}restore/", mine.restore, name="restore"),
    path(f"{EDIT}<slug:step>/", pages.edit, name="edit"),
]
